import { randomInt } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import { requireFreshProof } from '../factors/proof.ts'
import type { Identity } from '../identity.ts'
import { attachLogin, PASSWORD } from '../logins/links.ts'
import { policiesFor } from '../logins/policies.ts'
import { endOtherSessions, type Origin } from '../sessions/sessions.ts'
import { authProvidersOf } from '../store/auth-providers.ts'
import { deleteSignInChallengesOf } from '../store/challenges.ts'
import { refuseDeviceLoginsOf } from '../store/device-logins.ts'
import { deleteEmailChange } from '../store/email-changes.ts'
import { findUser, type UserRow, updateUser } from '../store/users.ts'
import { countAgainst, forgive } from '../throttle.ts'
import type { Principal } from '../tokens/authenticate.ts'
import { renewClassicToken } from '../tokens/tokens.ts'
import { lockPerson } from './lifecycle.ts'
import { checkPassword, hashPassword } from './password-hash.ts'

const LONGEST = 512

export function checkNewPassword({ settings }: Identity, password: string, field = 'password'): void {
  const shortest = settings.ASTAKOS_PASSWORD_MIN_LENGTH
  if (password.length < shortest)
    throw new Fault('badRequest', `Field '${field}': a password has at least ${shortest} characters`)
  if (password.length > LONGEST) throw new Fault('badRequest', `Field '${field}': a password has at most ${LONGEST} characters`)
}

export interface PasswordEffects {
  /** The session that goes on; all others end. */
  keptSession?: bigint | null
  /** The classic token ends too. Where the setting says that it always does, nobody is asked. */
  renewToken?: boolean
}

/**
 * Stores the hash of a new password, which also makes signing in with it possible again. Whatever was begun under the
 * old one ends: who knew it may have begun it.
 */
export async function setPassword(
  identity: Identity,
  tx: Tx,
  user: Pick<UserRow, 'id' | 'uuid'>,
  passwordHash: string,
  { keptSession, renewToken = false }: PasswordEffects = {},
): Promise<void> {
  await updateUser(tx, user.id, { passwordHash })
  if (!(await hasPasswordLogin(tx, user.id))) await attachLogin(identity, tx, user, PASSWORD, { isFirst: false })
  await endOtherSessions(identity, tx, user, keptSession ?? undefined)
  await deleteEmailChange(tx, user.id)
  await deleteSignInChallengesOf(tx, user.id)
  await refuseDeviceLoginsOf(tx, user.id)
  if (renewToken || identity.settings.ASTAKOS_NEWPASSWD_INVALIDATE_TOKEN) await renewClassicToken(identity, tx, user)
}

export interface LocalLogin {
  /** The account can be signed in to with a password. */
  exists: boolean
  /** It has none, and may be given one. */
  mayAdd: boolean
}

async function hasPasswordLogin(db: Queryable, userId: bigint): Promise<boolean> {
  return (await authProvidersOf(db, userId)).some(({ module, isActive }) => module === 'local' && isActive)
}

/** Whether an account is signed in to with a password, or could be. */
export async function localLoginOf(identity: Identity, db: Queryable, userId: bigint): Promise<LocalLogin> {
  const exists = await hasPasswordLogin(db, userId)
  const isOffered = identity.settings.ASTAKOS_IM_MODULES.includes('local')
  return { exists, mayAdd: !exists && isOffered && (await policiesFor(identity, db, userId))('local').add }
}

export interface PasswordChange {
  /** Nothing while the account has no password. */
  oldPassword?: string
  newPassword: string
  renewToken?: boolean
}

/** Changes the password of the person at the page, or gives a first one. Other sessions end. */
export async function changePassword(
  identity: Identity,
  person: Principal,
  { oldPassword, newPassword, renewToken = true }: PasswordChange,
  { address }: Origin,
): Promise<void> {
  checkNewPassword(identity, newPassword, 'newPassword')
  const limits = [{ key: ['password change', person.uuid], atMost: 10, windowSeconds: 600 }]
  await countAgainst(identity.db, limits)
  const user = await findUser(identity.db, person.id)
  const { exists, mayAdd } = await localLoginOf(identity, identity.db, person.id)
  if (!exists && !mayAdd) throw new Fault('forbidden', 'This account may not be given a password.')
  if (!exists) await requireFreshProof(identity, identity.db, person) // there is no old password to ask for
  if (exists && !(await checkPassword(oldPassword ?? '', user?.passwordHash)).matches)
    throw new Fault('badRequest', "Field 'oldPassword': this is not your password")
  await forgive(identity.db, limits)
  const passwordHash = await hashPassword(newPassword)
  await identity.db.transaction(async (tx) => {
    const locked = await lockPerson(tx, person.id)
    if (locked.passwordHash !== user?.passwordHash) throw new Fault('conflict', 'The password was changed just now. Try again.')
    await setPassword(identity, tx, locked, passwordHash, { keptSession: person.sessionId, renewToken })
    const target = `user:${person.uuid}`
    await audit(tx, { service: 'identity', actor: person.uuid, action: 'user-password-change', target, address })
  })
}

/** Without letters and digits that look like each other. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789'

/** For people who are given a password: 16 characters, 92 bits. */
export const generatePassword = () => Array.from({ length: 16 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
