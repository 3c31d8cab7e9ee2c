// Changes of what protects an account. Each needs a fresh proof, is put on record, and is told to the owner by mail.
import type { RegistrationResponseJSON } from '@simplewebauthn/server'
import { Fault } from '@synnefo/lib/fault'
import { isUniqueViolation, type Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import type { Origin } from '../sessions/sessions.ts'
import { authProvidersOf } from '../store/auth-providers.ts'
import { countRecoveryCodes, deleteTotp, replaceRecoveryCodes } from '../store/factors.ts'
import { deletePasskey, deletePasskeysOf, insertPasskey, type PasskeyRow, passkeysOf, renamePasskey } from '../store/passkeys.ts'
import type { UserRow } from '../store/users.ts'
import { countAgainst, forgive } from '../throttle.ts'
import type { Principal } from '../tokens/authenticate.ts'
import { lockPerson } from '../users/lifecycle.ts'
import { secondFactorsOf } from './factors.ts'
import { noticeOf } from './notice.ts'
import { readRegistration } from './passkeys.ts'
import { proofLimits, requireFreshProof } from './proof.ts'
import { makeRecoveryCodes } from './recovery-codes.ts'
import { type ProposedTotp, proposeTotpFor, removeTotp, takeTotpCode } from './totp.ts'

const PASSKEYS_AT_MOST = 20

type Person = Pick<Principal, 'id' | 'uuid' | 'sessionId'>

/** The person, locked, who proved to be himself a short while ago. */
async function lockProven(identity: Identity, tx: Tx, person: Person): Promise<UserRow> {
  const user = await lockPerson(tx, person.id)
  await requireFreshProof(identity, tx, person)
  return user
}

export async function setUpTotp(identity: Identity, tx: Tx, person: Person, { address }: Origin): Promise<ProposedTotp> {
  const user = await lockProven(identity, tx, person)
  const { uuid } = user
  await audit(tx, { service: 'identity', actor: uuid, action: 'totp-propose', target: `user:${uuid}`, address })
  return proposeTotpFor(identity, tx, user)
}

/** Recovery codes, shown this once, when there were none yet: they come with the first factor. */
export interface Enrolled {
  recoveryCodes?: string[]
}

/** The app works: from now on it is asked for. */
export async function confirmTotp(identity: Identity, person: Person, code: string, origin: Origin): Promise<Enrolled> {
  const limits = proofLimits(identity, 'enrol', person.uuid, origin.address)
  await countAgainst(identity.db, limits)
  const enrolled = await identity.db.transaction(async (tx) => {
    const user = await lockProven(identity, tx, person)
    if (!(await takeTotpCode(identity, tx, user, code, { confirming: true }))) return undefined
    await noticeOf(identity, tx, user, {
      action: 'totp-add',
      what: 'An authenticator app was set up: its codes are asked for when you sign in.',
      address: origin.address,
    })
    return withRecoveryCodes(identity, tx, user)
  })
  if (!enrolled) throw new Fault('badRequest', "Field 'code': this is not the code that the app shows now")
  await forgive(identity.db, limits)
  return enrolled
}

async function withRecoveryCodes(identity: Identity, tx: Tx, user: UserRow): Promise<Enrolled> {
  if ((await countRecoveryCodes(tx, user.id)) > 0) return {}
  return { recoveryCodes: await makeRecoveryCodes(identity, tx, user) }
}

export async function disableTotp(identity: Identity, tx: Tx, person: Person, { address }: Origin): Promise<void> {
  const user = await lockProven(identity, tx, person)
  await removeTotp(tx, user)
  await dropUselessCodes(tx, user)
  await noticeOf(identity, tx, user, {
    action: 'totp-remove',
    what: 'The authenticator app was removed: its codes are no longer asked for.',
    address,
  })
}

export async function renewRecoveryCodes(identity: Identity, tx: Tx, person: Person, { address }: Origin): Promise<string[]> {
  const user = await lockProven(identity, tx, person)
  if ((await secondFactorsOf(tx, user.id)).length === 0) {
    throw new Fault('conflict', 'Recovery codes stand in for an authenticator app or a passkey. Set one up first.')
  }
  const codes = await makeRecoveryCodes(identity, tx, user)
  await noticeOf(identity, tx, user, {
    action: 'recovery-codes-renew',
    what: 'New recovery codes were made: the old ones work no longer.',
    address,
  })
  return codes
}

export interface AddedPasskey extends Enrolled {
  passkey: PasskeyRow
}

export async function addPasskey(
  identity: Identity,
  person: Person,
  { name, response }: { name: string; response: RegistrationResponseJSON },
  origin: Origin,
): Promise<AddedPasskey> {
  const checkedName = checkName(name)
  const made = await readRegistration(identity, person, response, origin)
  return identity.db.transaction(async (tx) => {
    const user = await lockProven(identity, tx, person)
    if ((await passkeysOf(tx, user.id)).length >= PASSKEYS_AT_MOST) {
      throw new Fault('conflict', `You have ${PASSKEYS_AT_MOST} passkeys, which is as many as can be. Remove one first.`)
    }
    const passkey = await insertPasskey(tx, { ...made, name: checkedName }).catch((error: unknown) => {
      if (isUniqueViolation(error)) throw new Fault('conflict', 'This passkey is registered already.', { cause: error })
      throw error
    })
    await noticeOf(identity, tx, user, {
      action: 'passkey-add',
      what: `The passkey “${checkedName}” was added.`,
      address: origin.address,
      details: { passkey: String(passkey.id) },
    })
    return { passkey, ...(await withRecoveryCodes(identity, tx, user)) }
  })
}

export async function renameOwnPasskey(identity: Identity, tx: Tx, person: Person, id: bigint, name: string): Promise<void> {
  const user = await lockPerson(tx, person.id)
  if ((await renamePasskey(tx, user.id, id, checkName(name))) === 0) throw new Fault('itemNotFound', `There is no passkey ${id}`)
  await noticeOf(identity, tx, user, {
    action: 'passkey-rename',
    what: `A passkey is called “${name.trim()}” now.`,
    details: { passkey: String(id) },
  })
}

export async function removePasskey(identity: Identity, tx: Tx, person: Person, id: bigint, { address }: Origin): Promise<void> {
  const user = await lockProven(identity, tx, person)
  const gone = await deletePasskey(tx, user.id, id)
  if (!gone) throw new Fault('itemNotFound', `There is no passkey ${id}`)
  if (!(await canStillSignIn(tx, user))) {
    throw new Fault('conflict', 'This passkey is the only way to sign in that is left. Set a password or add another one first.')
  }
  await dropUselessCodes(tx, user)
  await noticeOf(identity, tx, user, {
    action: 'passkey-remove',
    what: `The passkey “${gone.name}” was removed.`,
    address,
    details: { passkey: String(id) },
  })
}

async function canStillSignIn(tx: Tx, user: UserRow): Promise<boolean> {
  const providers = await authProvidersOf(tx, user.id)
  const usable = providers.some(({ module, isActive }) => isActive && (module !== 'local' || user.passwordHash !== null))
  return usable || (await passkeysOf(tx, user.id)).length > 0
}

/** Recovery codes alone ask for nothing, and must not come back to life with the next factor. */
async function dropUselessCodes(tx: Tx, user: UserRow): Promise<void> {
  if ((await secondFactorsOf(tx, user.id)).length === 0) await replaceRecoveryCodes(tx, user.id, [])
}

/** For somebody who lost them all and convinced an operator by other means: nothing but the first step is asked for. */
export async function disableFactors(identity: Identity, tx: Tx, userId: bigint, actor: string): Promise<void> {
  const user = await lockPerson(tx, userId)
  await deleteTotp(tx, user.id)
  await deletePasskeysOf(tx, user.id)
  await replaceRecoveryCodes(tx, user.id, [])
  await noticeOf(identity, tx, user, {
    action: 'factors-remove',
    what: 'An administrator removed your authenticator app, passkeys and recovery codes.',
    actor,
  })
}

function checkName(text: string): string {
  const name = text.trim()
  if (name === '' || name.length > 100 || /\p{Cc}/u.test(name)) {
    throw new Fault('badRequest', "Field 'name' must be a name of 1 to 100 characters")
  }
  return name
}
