// Proof that the person at the page is who he says: asked for as the second step of signing in, and again, when the
// last one is old, before changes that hurt.
import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import type { Origin } from '../sessions/sessions.ts'
import { noteProof, provenAt } from '../store/sessions.ts'
import { findUser, type UserRow } from '../store/users.ts'
import { countAgainst, forgive, type Limit } from '../throttle.ts'
import type { Principal } from '../tokens/authenticate.ts'
import { lockPerson } from '../users/lifecycle.ts'
import { checkPassword } from '../users/password-hash.ts'
import type { Factor, ProofKind } from '../wire/factors.ts'
import { secondFactorsOf } from './factors.ts'
import { noticeOf } from './notice.ts'
import { claimAnswer, takePasskey } from './passkeys.ts'
import { takeRecoveryCode } from './recovery-codes.ts'
import { takeTotpCode } from './totp.ts'

export type FactorProof = { code: string } | { recoveryCode: string } | { passkey: AuthenticationResponseJSON }
export type Proof = FactorProof | { password: string }

/** Takes the proof in the transaction of what it allows; answers why not, in words for the record. */
export type TakeProof = (tx: Tx, user: UserRow) => Promise<string | undefined>

/** Does what takes time, or must not be undone, before the transaction. */
export async function prepareProof(
  identity: Identity,
  userId: bigint,
  proof: Proof,
  purpose: 'second-step' | 'confirm',
  { address }: Origin,
): Promise<TakeProof> {
  // The password was the first step. Types do not bind who calls over the network, so this does not rest on the schema.
  if (purpose === 'second-step' && 'password' in proof) return async () => 'a password is no second step'
  if ('password' in proof) {
    const found = await findUser(identity.db, userId)
    const { matches } = await checkPassword(proof.password, found?.passwordHash)
    return async (_tx, user) => (matches && user.passwordHash === found?.passwordHash ? undefined : 'wrong password')
  }
  if ('passkey' in proof) {
    const answer = await claimAnswer(identity, proof.passkey, { purpose, userId, address })
    return async (tx, user) => (answer ? takePasskey(identity, tx, user, answer) : 'passkey without a challenge of ours')
  }
  if ('code' in proof) {
    return async (tx, user) => ((await takeTotpCode(identity, tx, user, proof.code)) ? undefined : 'wrong code')
  }
  return async (tx, user) => {
    if (!(await takeRecoveryCode(identity, tx, user, proof.recoveryCode))) return 'wrong recovery code'
    await noticeOf(identity, tx, user, { action: 'recovery-code-use', address, what: 'A recovery code was used.' })
    return undefined
  }
}

/** Six digits are few: five tries a minute from one place, twenty for the account from everywhere, and longer waits each time. */
export function proofLimits({ settings }: Identity, what: string, uuid: string, address: string): Limit[] {
  const perMinute = { windowSeconds: 60 }
  return [
    { ...perMinute, key: [what, uuid, address], atMost: 5 },
    { ...perMinute, key: [`${what} to`, uuid], atMost: 20 },
    { ...perMinute, key: [`${what} from`, address], atMost: settings.ASTAKOS_RATELIMIT_ADDRESS_PER_MINUTE, shared: true },
  ]
}

const NEEDS_FACTOR = 'a second factor is needed'

type Session = Pick<Principal, 'id' | 'uuid' | 'sessionId'>

/** Makes the session's proof a fresh one. Who has second factors proves himself with one: a password alone must not remove them. */
export async function confirm(identity: Identity, person: Session, proof: Proof, origin: Origin): Promise<void> {
  const limits = proofLimits(identity, 'confirm', person.uuid, origin.address)
  await countAgainst(identity.db, limits)
  const take = await prepareProof(identity, person.id, proof, 'confirm', origin)
  const about = {
    service: 'identity',
    actor: person.uuid,
    action: 'session-confirm',
    target: `user:${person.uuid}`,
    address: origin.address,
  }
  const refusal = await identity.db.transaction(async (tx) => {
    const user = await lockPerson(tx, person.id)
    const demandsFactor = 'password' in proof && (await secondFactorsOf(tx, user.id)).length > 0
    const reason = demandsFactor ? NEEDS_FACTOR : await take(tx, user)
    if (reason === undefined) await noteProof(tx, person.sessionId!)
    await audit(tx, { ...about, ...(reason === undefined ? {} : { result: `refused: ${reason}` }) })
    return reason
  })
  if (refusal === NEEDS_FACTOR) throw new Fault('forbidden', 'Confirm with your authenticator app, a passkey or a recovery code.')
  if (refusal !== undefined) throw new Fault('forbidden', 'That is not right. Try again.')
  await forgive(identity.db, limits)
}

/** What the details of a refusal say when a fresh proof is all that is missing: the page asks for it and tries again. */
export const PROOF_REQUIRED = 'proof required'

/**
 * Throws unless the person proved to be himself in this session a short while ago. To be called before what would hand
 * the account over to whoever finds a browser open: its address, password, ways to sign in, protection.
 */
export async function requireFreshProof(
  { settings }: Identity,
  db: Queryable,
  { sessionId }: Pick<Principal, 'sessionId'>,
): Promise<void> {
  const at = sessionId === null ? null : await provenAt(db, sessionId)
  if (at !== null && Date.now() - at.getTime() < settings.ASTAKOS_PROOF_MINUTES * 60_000) return
  throw new Fault('forbidden', 'Confirm first that it is you.', { details: PROOF_REQUIRED })
}

/** How the person can give a fresh proof. Where there is no way at all, signing in again is one. */
export async function waysToProve(db: Queryable, user: Pick<UserRow, 'id' | 'passwordHash'>): Promise<ProofKind[]> {
  const factors: Factor[] = await secondFactorsOf(db, user.id)
  return factors.length > 0 || user.passwordHash === null ? factors : ['password']
}
