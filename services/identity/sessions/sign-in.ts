import { Fault } from '@synnefo/lib/fault'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { noteLogin } from '../store/auth-providers.ts'
import { findUserByEmail, type UserRow, updateUser } from '../store/users.ts'
import { countAgainst, forgive, type Limit } from '../throttle.ts'
import { lockPerson } from '../users/lifecycle.ts'
import { checkPassword, hashPassword } from '../users/password-hash.ts'
import { type NewSession, type Origin, startSession } from './sessions.ts'

/**
 * Signs in with e-mail address and password. A wrong address and a wrong password are the same refusal, after the same
 * work; only who knows the password is told what is the matter with the account.
 */
export async function signIn(
  identity: Identity,
  credentials: { email: string; password: string },
  origin: Origin,
): Promise<{ user: UserRow; session: NewSession }> {
  const email = credentials.email.trim().toLowerCase()
  const limits = loginLimits(identity, email, origin.address)
  await countAgainst(identity.db, limits)

  const found = await findUserByEmail(identity.db, email)
  const { matches, outdated } = await checkPassword(credentials.password, found?.passwordHash)
  if (!found || !matches) {
    await noteRefusal(identity, found, origin, 'wrong address or password')
    throw new Fault('unauthorized', 'The e-mail address or the password is wrong.')
  }
  await forgive(identity.db, limits)
  const refusal = whyNot(found)
  if (refusal) {
    await noteRefusal(identity, found, origin, refusal)
    throw new Fault('forbidden', refusal)
  }

  const betterHash = outdated ? await hashPassword(credentials.password) : undefined
  return identity.db.transaction(async (tx) => {
    const user = await lockPerson(tx, found.id)
    const changedMeanwhile = whyNot(user)
    if (changedMeanwhile) throw new Fault('forbidden', changedMeanwhile)
    const session = await startSession(identity, tx, user, origin)
    await updateUser(tx, user.id, { lastLoginAt: new Date(), ...(betterHash ? { passwordHash: betterHash } : {}) })
    await noteLogin(tx, user.id, 'local')
    await audit(tx, { ...ABOUT, actor: user.uuid, target: `user:${user.uuid}`, address: origin.address })
    return { user, session }
  })
}

function loginLimits({ settings }: Identity, email: string, address: string): Limit[] {
  const perMinute = { windowSeconds: 60 }
  const wide = settings.ASTAKOS_RATELIMIT_ADDRESS_PER_MINUTE
  return [
    { ...perMinute, key: ['login', email, address], atMost: settings.ASTAKOS_RATELIMIT_RETRIES_ALLOWED },
    { ...perMinute, key: ['login from', address], atMost: wide },
    { ...perMinute, key: ['login to', email], atMost: wide },
  ]
}

/** Why the account may not be signed in to, in words for its owner. */
function whyNot(user: UserRow): string | undefined {
  if (!user.emailVerified)
    return 'Your e-mail address is not verified yet. Follow the link in the mail we sent you, or have it sent again.'
  if (!user.moderated) return 'Your account waits for the approval of an administrator. You will get a mail.'
  if (user.isRejected) return `Your account was not approved${user.rejectedReason ? `: ${user.rejectedReason}` : '.'}`
  if (!user.isActive) return 'Your account is disabled. Ask the administrators of this cloud.'
  return undefined
}

const ABOUT = { service: 'identity', action: 'session-start' }

/** Written for unknown addresses too, as the time it takes would tell them apart. */
async function noteRefusal(identity: Identity, user: UserRow | undefined, { address }: Origin, reason: string): Promise<void> {
  const actor = user?.uuid ?? 'unknown'
  await audit(identity.db, { ...ABOUT, actor, target: `user:${actor}`, address, result: `refused: ${reason}` })
}
