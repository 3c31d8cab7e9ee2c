// Where every hand-shake with a provider ends: it vouched for an identity, and one function decides what that means.
import { Fault } from '@synnefo/lib/fault'
import { isUniqueViolation, type Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import { type Identity, personChanged } from '../identity.ts'
import { finishSignIn, type SecondStep, type Started } from '../sessions/finish-sign-in.ts'
import type { Origin } from '../sessions/sessions.ts'
import { authProvidersOf, holderOf, type IdentityHolder, updateAuthProvider } from '../store/auth-providers.ts'
import { deleteUnverified, findUserByEmail, type UserChange, type UserRow, updateUser } from '../store/users.ts'
import { lockPerson } from '../users/lifecycle.ts'
import { isLoginModule, type LoginModule } from '../wire/login-modules.ts'
import { type Claims, FIELDS, fixedFields } from './claims.ts'
import { addLogin, heldByAnother, switchLogin } from './links.ts'
import { loginMessage } from './messages.ts'
import { mirrorGroups } from './mirror-groups.ts'
import { keepPending, type PendingKey } from './pending.ts'
import { policiesFor } from './policies.ts'

export interface Situation {
  /** Who began the hand-shake, when somebody was signed in. */
  person?: Pick<UserRow, 'id' | 'uuid'>
  /** The link that the identity shall take the place of. */
  switchFrom?: bigint
  origin: Origin
}

export type Arrival =
  | { kind: 'signed in'; outcome: Started | SecondStep }
  /** Nobody has the identity: with the key an account is made of it, or it is given to one. */
  | { kind: 'unknown'; pending: PendingKey & { bond: string } }
  | { kind: 'linked' | 'switched' | 'had already'; message: string }

export async function arrive(identity: Identity, claims: Claims, situation: Situation): Promise<Arrival> {
  return identity.db.transaction(async (tx) => {
    const holder = await holderOf(tx, claims.module, claims.identifier)
    if (situation.person) return takeTo(identity, tx, claims, holder, { ...situation, person: situation.person })
    return holder ? enter(identity, tx, claims, holder, situation.origin) : wait(identity, tx, claims)
  })
}

/** Somebody is signed in: the identity becomes his. */
async function takeTo(
  identity: Identity,
  tx: Tx,
  claims: Claims,
  holder: IdentityHolder | undefined,
  { person, switchFrom, origin }: Situation & { person: Pick<UserRow, 'id' | 'uuid'> },
): Promise<Arrival> {
  const { settings } = identity
  const name = loginMessage(settings, claims.module, 'account_prompt')
  if (holder && holder.userId !== person.id) throw heldByAnother(identity, claims.module)
  if (holder) return { kind: 'had already', message: `You can sign in with this ${name} already.` }
  if (switchFrom !== undefined) {
    await switchLogin(identity, tx, person, { linkId: switchFrom, claims, address: origin.address })
    return { kind: 'switched', message: loginMessage(settings, claims.module, 'switch_success') }
  }
  await addLogin(identity, tx, person, claims, origin.address)
  return { kind: 'linked', message: `From now on you can sign in with your ${name}.` }
}

/** The identity is known: its person signs in, if the policies and the state of the account allow it. */
async function enter(identity: Identity, tx: Tx, claims: Claims, holder: IdentityHolder, origin: Origin): Promise<Arrival> {
  const user = await lockPerson(tx, holder.userId)
  const policies = (await policiesFor(identity, tx, user.id))(claims.module)
  if (!policies.login || !holder.isActive) throw await cannotSignIn(identity, tx, user.id, claims.module)
  await refresh(identity, tx, user, holder.linkId, claims, policies.mirror_groups)
  const { module, identifier } = claims
  return { kind: 'signed in', outcome: await finishSignIn(identity, tx, user, { module, identifier }, origin) }
}

/** Says with which methods the account can be signed in to instead. */
export async function cannotSignIn(identity: Identity, tx: Tx, userId: bigint, module: LoginModule): Promise<Fault> {
  const { settings } = identity
  const policies = await policiesFor(identity, tx, userId)
  const others = (await authProvidersOf(tx, userId))
    .filter(({ isActive }) => isActive)
    .map(({ module: name }) => name)
    .filter(isLoginModule)
    .filter((name) => name !== module && settings.ASTAKOS_IM_MODULES.includes(name) && policies(name).login)
  const titles = [...new Set(others)].map((name) => loginMessage(settings, name, 'title'))
  const available = titles.join(', ') || 'ask the administrators of this cloud'
  return new Fault('forbidden', loginMessage(settings, module, 'cannot_login', { available_methods: available }), {
    data: { methods: [...new Set(others)] },
  })
}

/** Takes over what the provider decides: fields that the owner may not change, and groups where they are mirrored. */
async function refresh(identity: Identity, tx: Tx, user: UserRow, linkId: bigint, claims: Claims, mirrors: boolean) {
  await updateAuthProvider(tx, linkId, claims)
  const change: UserChange = {}
  for (const field of FIELDS) {
    if (!fixedFields(identity.settings, claims.module).includes(field)) continue
    if (claims[field] !== '' && claims[field] !== user[field]) change[field] = claims[field]
  }
  // An address that nobody vouches for is not taken over, and one that another account verified stays there.
  if (!claims.emailIsProven) delete change.email
  if (change.email !== undefined && (await findUserByEmail(tx, change.email))?.emailVerified) delete change.email
  if (change.email !== undefined) await deleteUnverified(tx, change.email, user.id)
  if (Object.keys(change).length > 0) {
    await updateUser(tx, user.id, change).catch((error) => {
      if (!isUniqueViolation(error, 'users_verified_email')) throw error
      throw new Fault('conflict', 'Your address was just taken by another account. Try again.', { cause: error })
    })
    const details = { fields: Object.keys(change), module: claims.module }
    await audit(tx, { service: 'identity', actor: user.uuid, action: 'user-refresh', target: `user:${user.uuid}`, details })
    personChanged(tx, user.uuid, identity)
  }
  if (mirrors && claims.groups) await mirrorGroups(identity, tx, user, claims.groups)
}

/** Nobody has the identity: it waits until a person makes an account of it or gives it to the one he has. */
async function wait(identity: Identity, tx: Tx, claims: Claims): Promise<Arrival> {
  const { settings } = identity
  const policies = (await policiesFor(identity, tx))(claims.module)
  if (!policies.create && !settings.ASTAKOS_ENABLE_LOCAL_ACCOUNT_MIGRATION) {
    throw new Fault('forbidden', loginMessage(settings, claims.module, 'disabled_for_create'))
  }
  return { kind: 'unknown', pending: await keepPending(identity, tx, claims) }
}
