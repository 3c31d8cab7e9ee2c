// Identities that a provider vouched for and no account has: for a week their owner may make an account of one, or give
// it to the account he has.
import { Fault } from '@synnefo/lib/fault'
import { isUniqueViolation, type Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { finishSignIn, type SecondStep, type Started } from '../sessions/finish-sign-in.ts'
import type { Origin } from '../sessions/sessions.ts'
import { hasUnverifiedHolder, holderOf } from '../store/auth-providers.ts'
import { deletePendingLogin, findPendingLogin, insertPendingLogin, lockPendingLogin } from '../store/pending-logins.ts'
import { latestTerms } from '../store/terms.ts'
import { findUserByEmail, type UserRow } from '../store/users.ts'
import { checkTermsAgreed } from '../terms/terms.ts'
import { checkEmail, createUser } from '../users/create.ts'
import { sendVerification, verifyUser } from '../users/lifecycle.ts'
import { countSignUp, mayMail } from '../users/mail-limits.ts'
import { checkName } from '../users/names.ts'
import { mailAlreadyRegistered } from '../users/sign-up.ts'
import { type Claims, type Field, fixedFields } from './claims.ts'
import { addLogin } from './links.ts'
import { loginMessage } from './messages.ts'
import { mirrorGroups } from './mirror-groups.ts'
import { policiesFor } from './policies.ts'

export const PENDING_DAYS = 7

/**
 * What opens a pending identity. Pages carry the token in their addresses, which can be sent to somebody else; the bond
 * stays in a cookie of the browser that earned it, so that nobody is led to take over the identity of another.
 */
export interface PendingKey {
  token: string
  bond: string | undefined
}

/** Answers what opens it, once. */
export async function keepPending({ keys }: Identity, tx: Tx, claims: Claims): Promise<PendingKey & { bond: string }> {
  const token = newSecret()
  await insertPendingLogin(tx, claims, hashSecret(token))
  return { token, bond: keys.sign(bondTo(token)) }
}

const bondTo = (token: string) => `pending login ${token}`

/** What of the token is stored. Throws `itemNotFound` in a browser that did not earn it. */
function openWith({ keys }: Identity, { token, bond }: PendingKey): Buffer {
  if (bond === undefined || !keys.isSigned(bondTo(token), bond)) throw notOpen()
  return hashSecret(token)
}

export interface PendingLogin {
  claims: Claims
  /** Fields that the provider decides. */
  fixed: Field[]
  mayCreate: boolean
  mayAttach: boolean
  /** An account made of it, whose address nobody verified, would be replaced. */
  replaces: boolean
  /** The address that the provider vouches for has an account: its owner can give it this identity. */
  hasAccount: boolean
  /** Whether there are terms of service to agree to. */
  needsTerms: boolean
}

export async function showPending(identity: Identity, key: PendingKey): Promise<PendingLogin> {
  const pending = await findPendingLogin<Claims>(identity.db, openWith(identity, key), PENDING_DAYS)
  const claims = await stillFree(identity.db, pending?.claims)
  const { settings } = identity
  const holder = claims.emailIsProven && claims.email !== '' ? await findUserByEmail(identity.db, claims.email) : undefined
  return {
    claims,
    fixed: fixedFieldsOf(identity, claims),
    mayCreate: (await policiesFor(identity, identity.db))(claims.module).create,
    mayAttach: settings.ASTAKOS_ENABLE_LOCAL_ACCOUNT_MIGRATION,
    replaces: await hasUnverifiedHolder(identity.db, claims.module, claims.identifier),
    hasAccount: holder?.emailVerified ?? false,
    needsTerms: (await latestTerms(identity.db)) !== undefined,
  }
}

/** Fixed is what the provider decides and says: an empty field has to be filled in by somebody. */
const fixedFieldsOf = ({ settings }: Identity, claims: Claims) =>
  fixedFields(settings, claims.module).filter((field) => claims[field] !== '')

async function stillFree(db: Parameters<typeof holderOf>[0], claims: Claims | undefined): Promise<Claims> {
  if (!claims || (await holderOf(db, claims.module, claims.identifier))) {
    throw notOpen()
  }
  return claims
}

const notOpen = () => new Fault('itemNotFound', 'This sign-up is not open any more. Start again from the sign-in page.')

/** Whether there is nothing to ask: the provider decides the address and the names, and says them. */
export function needsNoForm({ claims, fixed, mayCreate, replaces, hasAccount }: PendingLogin): boolean {
  const complete = (['email', 'firstName', 'lastName'] as const).every((field) => fixed.includes(field) && claims[field] !== '')
  return complete && mayCreate && !replaces && !hasAccount
}

export interface Form {
  email?: string
  firstName?: string
  lastName?: string
  /** Agreed to the terms of service, where there are any. */
  hasSignedTerms?: boolean
}

export type Registered =
  | { state: 'verification' | 'pending moderation' }
  /** The account is active; signed in unless it has to show more. */
  | { state: 'active'; outcome: Started | SecondStep }

/** Makes an account of the identity. What the provider decides is taken from it, whatever the form says. */
export async function register(identity: Identity, key: PendingKey, form: Form, origin: Origin): Promise<Registered> {
  const shown = await showPending(identity, key)
  if (!shown.mayCreate) {
    throw new Fault('forbidden', loginMessage(identity.settings, shown.claims.module, 'disabled_for_create'))
  }
  const field = (name: 'email' | 'firstName' | 'lastName') =>
    shown.fixed.includes(name) ? shown.claims[name] : (form[name] ?? '')
  const person = {
    email: checkEmail(field('email')),
    firstName: checkName(field('firstName'), 'firstName'),
    lastName: checkName(field('lastName'), 'lastName'),
  }
  // Who is asked nothing signs them after his first sign-in.
  if (!needsNoForm(shown)) await checkTermsAgreed(identity.db, form.hasSignedTerms ?? false)
  const isProven = shown.claims.emailIsProven && person.email === shown.claims.email
  await countSignUp(identity, origin.address)
  const maySend = await mayMail(identity, person.email)

  return identity.db.transaction(async (tx) => {
    const pending = await lockPendingLogin<Claims>(tx, openWith(identity, key), PENDING_DAYS)
    const claims = await stillFree(tx, pending?.claims)
    const holder = await findUserByEmail(tx, person.email)
    if (holder?.emailVerified) {
      if (isProven) throw belongsToAccount(person.email)
      // Whose address it is, is told to its reader only.
      if (maySend) await mailAlreadyRegistered(identity, tx, holder)
      return { state: 'verification' }
    }
    const user = await createUser(identity, tx, {
      ...person,
      affiliation: claims.affiliation,
      passwordHash: null,
      signedTerms: form.hasSignedTerms ?? false,
      login: { ...claims },
    })
    await deletePendingLogin(tx, claims.module, claims.identifier)
    const about = { service: 'identity', actor: user.uuid, action: 'user-signup', target: `user:${user.uuid}` }
    await audit(tx, { ...about, address: origin.address, details: { module: claims.module, identifier: claims.identifier } })
    const { autoverify, mirror_groups: mirrors } = (await policiesFor(identity, tx, user.id))(claims.module)
    if (mirrors && claims.groups) await mirrorGroups(identity, tx, user, claims.groups)
    if (!autoverify || !isProven) {
      await sendVerification(identity, tx, user.id)
      return { state: 'verification' }
    }
    return (await verify(identity, tx, user)) === 'PENDING_MODERATION'
      ? { state: 'pending moderation' }
      : { state: 'active', outcome: await finishSignIn(identity, tx, user, claims, origin) }
  })
}

async function verify(identity: Identity, tx: Tx, user: UserRow) {
  try {
    return await verifyUser(identity, tx, user.id)
  } catch (error) {
    if (isUniqueViolation(error)) throw belongsToAccount(user.email)
    throw error
  }
}

const belongsToAccount = (email: string) =>
  new Fault(
    'conflict',
    `There is an account with the address ${email} already. Sign in to it and add this way to sign in to your login methods.`,
  )

/** Gives the identity to the account that its owner signed in to. */
export async function attachPending(
  identity: Identity,
  person: Pick<UserRow, 'id' | 'uuid'>,
  key: PendingKey,
  { address }: Origin,
): Promise<Claims> {
  const { settings } = identity
  if (!settings.ASTAKOS_ENABLE_LOCAL_ACCOUNT_MIGRATION) {
    throw new Fault('forbidden', 'On this cloud login methods are added in the profile only.')
  }
  return identity.db.transaction(async (tx) => {
    const pending = await lockPendingLogin<Claims>(tx, openWith(identity, key), PENDING_DAYS)
    const claims = await stillFree(tx, pending?.claims)
    await addLogin(identity, tx, person, claims, address)
    await deletePendingLogin(tx, claims.module, claims.identifier)
    return claims
  })
}
