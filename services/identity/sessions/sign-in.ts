import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { cannotSignIn } from '../logins/arrive.ts'
import { policiesFor } from '../logins/policies.ts'
import { authProvidersOf } from '../store/auth-providers.ts'
import { findUserByEmail, type UserRow, updateUser } from '../store/users.ts'
import { countAgainst, forgive, type Limit } from '../throttle.ts'
import { lockPerson } from '../users/lifecycle.ts'
import { checkPassword, hashPassword } from '../users/password-hash.ts'
import { resendUrl } from '../users/registration-reference.ts'
import { aboutSession, finishSignIn, type SecondStep, type Started, whyNot } from './finish-sign-in.ts'
import type { Origin } from './sessions.ts'

/**
 * Signs in with e-mail address and password. A wrong address and a wrong password are the same refusal, after the same
 * work; only who knows the password is told what is the matter with the account.
 */
export async function signIn(
  identity: Identity,
  credentials: { email: string; password: string },
  origin: Origin,
): Promise<Started | SecondStep> {
  const email = credentials.email.trim().toLowerCase()
  const limits = loginLimits(identity, email, origin.address)
  await countAgainst(identity.db, limits)
  const attempt = () => compareAndEnter(identity, { email, password: credentials.password }, limits, origin)
  const outcome = (await attempt()) ?? (await attempt())
  if (!outcome) throw new Fault('conflict', 'The password was changed just now. Try again.')
  return outcome
}

/**
 * Hashing takes its time. Answers nothing when another hash was stored meanwhile, by a new password or by a sign-in that
 * made a better one: then what was compared does not count.
 */
async function compareAndEnter(
  identity: Identity,
  credentials: { email: string; password: string },
  limits: readonly Limit[],
  origin: Origin,
): Promise<Started | SecondStep | undefined> {
  const found = await findUserByEmail(identity.db, credentials.email)
  const { matches, outdated } = await checkPassword(credentials.password, found?.passwordHash)
  if (!found || !matches) {
    await noteRefusal(identity, found, origin, 'wrong address or password')
    throw new Fault('unauthorized', 'The e-mail address or the password is wrong.')
  }
  await forgive(identity.db, limits)
  const refusal = whyNot(found)
  if (refusal) {
    await noteRefusal(identity, found, origin, refusal)
    const details = found.emailVerified ? '' : `Have the mail sent again: ${resendUrl(identity, found)}`
    throw new Fault('forbidden', refusal, { details })
  }

  const betterHash = outdated ? await hashPassword(credentials.password) : undefined
  return identity.db.transaction(async (tx) => {
    if ((await lockPerson(tx, found.id)).passwordHash !== found.passwordHash) return undefined
    await checkPasswordCounts(identity, tx, found)
    const outcome = await finishSignIn(identity, tx, found, { module: 'local' }, origin)
    if (betterHash) await updateUser(tx, found.id, { passwordHash: betterHash })
    return outcome
  })
}

/** The password is right; whether it may be signed in with is for the policies. Says what else may. */
async function checkPasswordCounts(identity: Identity, tx: Tx, { id }: UserRow): Promise<void> {
  const isLinked = (await authProvidersOf(tx, id)).some(({ module, isActive }) => module === 'local' && isActive)
  const isOffered = identity.settings.ASTAKOS_IM_MODULES.includes('local')
  if (isLinked && isOffered && (await policiesFor(identity, tx, id))('local').login) return
  throw await cannotSignIn(identity, tx, id, 'local')
}

/** How often a name may be tried, from one address and from all. */
export function loginLimits({ settings }: Identity, email: string, address: string): Limit[] {
  const perMinute = { windowSeconds: 60 }
  const wide = settings.ASTAKOS_RATELIMIT_ADDRESS_PER_MINUTE
  return [
    { ...perMinute, key: ['login', email, address], atMost: settings.ASTAKOS_RATELIMIT_RETRIES_ALLOWED },
    { ...perMinute, key: ['login from', address], atMost: wide, shared: true },
    { ...perMinute, key: ['login to', email], atMost: wide },
  ]
}

/** Written for unknown addresses too, as the time it takes would tell them apart. */
async function noteRefusal(identity: Identity, user: UserRow | undefined, { address }: Origin, reason: string): Promise<void> {
  await audit(identity.db, { ...aboutSession({ uuid: user?.uuid ?? 'unknown' }, address), result: `refused: ${reason}` })
}
