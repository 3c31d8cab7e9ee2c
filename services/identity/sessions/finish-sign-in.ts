// Where every way to sign in ends: with a password, through another provider, by a mailed link, by passkey.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import { secondFactorsOf } from '../factors/factors.ts'
import type { Identity } from '../identity.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { noteLogin } from '../store/auth-providers.ts'
import { insertSignInChallenge } from '../store/challenges.ts'
import { type UserRow, updateUser } from '../store/users.ts'
import { lockPerson } from '../users/lifecycle.ts'
import type { Factor } from '../wire/factors.ts'
import { type NewSession, type Origin, startSession } from './sessions.ts'

/** How the person proved who he is, in the first step. */
export interface SignInMethod {
  /** As `auth_providers` names it: `local`, `shibboleth`; `activation` for the link in the mail, `passkey` for a passkey. */
  module: string
  /** As whom there, where one person may have several identities at a provider. */
  identifier?: string
}

export interface Started {
  user: UserRow
  session: NewSession
}

/** The person has a second factor: a session starts when the challenge comes back with proof of it. */
export interface SecondStep {
  challenge: string
  factors: Factor[]
}

/** Good as both steps at once: something the person has, unlocked by what he knows or is. */
const STRONG = ['passkey']

const CHALLENGE_SECONDS = 300

/**
 * Starts a session for a person who took the first step, or asks for the second one. The account is locked and looked
 * at again: what was true when the hand-shake began may have changed.
 */
export async function finishSignIn(
  identity: Identity,
  tx: Tx,
  { id }: Pick<UserRow, 'id'>,
  method: SignInMethod,
  origin: Origin,
): Promise<Started | SecondStep> {
  const user = await lockPerson(tx, id)
  checkMaySignIn(user)
  if (!STRONG.includes(method.module)) {
    const factors = await secondFactorsOf(tx, id)
    if (factors.length > 0) return askForSecondStep(tx, user, method, origin, factors)
  }
  return { user, session: await enter(identity, tx, user, method, origin) }
}

async function askForSecondStep(
  tx: Tx,
  user: UserRow,
  { module, identifier = '' }: SignInMethod,
  { address }: Origin,
  factors: Factor[],
): Promise<SecondStep> {
  const challenge = newSecret()
  await insertSignInChallenge(tx, {
    secretHash: hashSecret(challenge),
    userId: user.id,
    module,
    identifier,
    address,
    lifeSeconds: CHALLENGE_SECONDS,
  })
  await audit(tx, { ...aboutSession(user, address), result: 'second step asked for', details: { method: module } })
  return { challenge, factors }
}

/** All steps are taken: notes the login and starts the session. The account was locked and looked at before. */
export async function enter(
  identity: Identity,
  tx: Tx,
  user: UserRow,
  { module, identifier }: SignInMethod,
  origin: Origin,
): Promise<NewSession> {
  const session = await startSession(identity, tx, user, { ...origin, method: module })
  await updateUser(tx, user.id, { lastLoginAt: new Date() })
  await noteLogin(tx, user.id, module, identifier)
  await audit(tx, { ...aboutSession(user, origin.address), details: { method: module } })
  return session
}

export const aboutSession = ({ uuid }: Pick<UserRow, 'uuid'>, address: string) => ({
  service: 'identity',
  action: 'session-start',
  actor: uuid,
  target: `user:${uuid}`,
  address,
})

/** Throws why the account may not be signed in to, in words for its owner: only who proved to be him is told. */
export function checkMaySignIn(user: UserRow): void {
  const refusal = whyNot(user)
  if (refusal) throw new Fault('forbidden', refusal)
}

export function whyNot(user: UserRow): string | undefined {
  if (!user.emailVerified)
    return 'Your e-mail address is not verified yet. Follow the link in the mail we sent you, or have it sent again.'
  if (!user.moderated) return 'Your account waits for the approval of an administrator. You will get a mail.'
  if (user.isRejected) return `Your account was not approved${user.rejectedReason ? `: ${user.rejectedReason}` : '.'}`
  if (!user.isActive) return 'Your account is disabled. Ask the administrators of this cloud.'
  return undefined
}
