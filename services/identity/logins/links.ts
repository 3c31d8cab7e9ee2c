// The ways to sign in that an account has: adding, exchanging and removing them, under the policies, with the groups
// that come and go with them. The person is locked first, so that counting links and changing them is one step.
import { Fault } from '@synnefo/lib/fault'
import { isUniqueViolation, type Tx } from '@synnefo/lib/sql'
import { noticeOf } from '../factors/notice.ts'
import { type Identity, personChanged } from '../identity.ts'
import {
  type AuthProviderRow,
  authProvidersOf,
  deleteAuthProvider,
  deleteUnverifiedHolders,
  type LinkFacts,
  linkAuthProvider,
  VERIFIED_IDENTITY,
} from '../store/auth-providers.ts'
import { ensureGroup, joinGroup, leaveGroup } from '../store/groups.ts'
import { type UserRow, updateUser } from '../store/users.ts'
import { lockPerson } from '../users/lifecycle.ts'
import { isLoginModule, type LoginModule } from '../wire/login-modules.ts'
import { allowedChanges } from '../wire/login-policies.ts'
import type { Claims } from './claims.ts'
import { loginMessage } from './messages.ts'
import { policiesFor } from './policies.ts'

type Person = Pick<UserRow, 'id' | 'uuid'>

/** What is linked: the password, or an identity of a provider. */
export interface Login extends Partial<LinkFacts> {
  module: LoginModule
  identifier: string
}

export const PASSWORD: Login = { module: 'local', identifier: '' }

/** Gives the account this way to sign in without asking a policy, with the groups that come with it. */
export async function attachLogin(identity: Identity, tx: Tx, user: Person, login: Login, { isFirst }: { isFirst: boolean }) {
  const { module, identifier, affiliation = '', info = {} } = login
  await deleteUnverifiedHolders(tx, module, identifier, user.id)
  try {
    await linkAuthProvider(tx, user.id, module, identifier, { affiliation, info })
  } catch (error) {
    if (isUniqueViolation(error, VERIFIED_IDENTITY)) throw heldByAnother(identity, module, error)
    throw error
  }
  const policies = (await policiesFor(identity, tx, user.id))(module)
  for (const name of [...policies.add_groups, ...(isFirst ? policies.creation_groups : [])]) {
    await ensureGroup(tx, name)
    await joinGroup(tx, user.id, name)
  }
  personChanged(tx, user.uuid, identity)
}

export function heldByAnother({ settings }: Pick<Identity, 'settings'>, module: LoginModule, cause?: unknown): Fault {
  return new Fault('conflict', `This ${loginMessage(settings, module, 'account_prompt')} belongs to another account.`, { cause })
}

/** Throws `forbidden` when the account may not have (another) one of this module. The account is locked. */
export async function checkMayAdd(identity: Identity, tx: Tx, userId: bigint, module: LoginModule): Promise<void> {
  const { changes } = await changesFor(identity, tx, userId, module)
  if (!changes.add) {
    const title = loginMessage(identity.settings, module, 'title')
    throw new Fault('forbidden', `Your account may not be given ${title} as a way to sign in.`)
  }
}

async function changesFor(identity: Identity, tx: Tx, userId: bigint, module: LoginModule) {
  const links = await authProvidersOf(tx, userId)
  const policies = (await policiesFor(identity, tx, userId))(module)
  return { links, policies, changes: allowedChanges(policies, countLinks(identity, links, module)) }
}

/** A link counts as one that works while it is active and its module is offered. */
export function countLinks({ settings }: Pick<Identity, 'settings'>, links: readonly AuthProviderRow[], module: LoginModule) {
  const working = links.filter(
    ({ isActive, module: name }) => isActive && isLoginModule(name) && settings.ASTAKOS_IM_MODULES.includes(name),
  )
  return { active: working.length, ofModule: working.filter(({ module: name }) => name === module).length }
}

/** Adds a way to sign in at the wish of the account's owner. */
export async function addLogin(identity: Identity, tx: Tx, user: Person, claims: Claims, address: string): Promise<void> {
  const owner = await lockPerson(tx, user.id)
  await checkMayAdd(identity, tx, user.id, claims.module)
  await attachLogin(identity, tx, user, claims, { isFirst: false })
  await tell(identity, tx, owner, 'login-add', address, claims)
}

/** Exchanges an identity for another of the same provider, both in one step. */
export async function switchLogin(
  identity: Identity,
  tx: Tx,
  user: Person,
  { linkId, claims, address }: { linkId: bigint; claims: Claims; address: string },
): Promise<void> {
  const owner = await lockPerson(tx, user.id)
  const { links, changes } = await changesFor(identity, tx, user.id, claims.module)
  const old = links.find(({ id, module }) => id === linkId && module === claims.module)
  if (!old) throw new Fault('itemNotFound', `Your account has no login method ${linkId} of this kind`)
  if (!changes.switch) {
    const title = loginMessage(identity.settings, claims.module, 'title')
    throw new Fault('forbidden', `${title} cannot be changed for another one.`)
  }
  await deleteAuthProvider(tx, old.id)
  await attachLogin(identity, tx, user, claims, { isFirst: false })
  await tell(identity, tx, owner, 'login-switch', address, { ...claims, from: old.identifier })
}

/** Takes a way to sign in from the account; never its last one that works. */
export async function removeLogin(identity: Identity, tx: Tx, user: Person, linkId: bigint, address: string): Promise<void> {
  const owner = await lockPerson(tx, user.id)
  const links = await authProvidersOf(tx, user.id)
  const link = links.find(({ id }) => id === linkId)
  if (!link || !isLoginModule(link.module)) throw new Fault('itemNotFound', `Your account has no login method ${linkId}`)
  const { changes, policies } = await changesFor(identity, tx, user.id, link.module)
  const policiesOf = await policiesFor(identity, tx, user.id)
  const isLast = !links.some(({ id, isActive, module }) => {
    if (id === linkId || !isActive || !isLoginModule(module)) return false
    return identity.settings.ASTAKOS_IM_MODULES.includes(module) && policiesOf(module).login
  })
  if (isLast) throw new Fault('forbidden', 'This is the last way to sign in to your account. Add another one first.')
  if (!policies.remove || (link.isActive && !changes.remove)) {
    const title = loginMessage(identity.settings, link.module, 'title')
    throw new Fault('forbidden', `${title} cannot be removed from your account.`)
  }
  await deleteAuthProvider(tx, link.id)
  if (link.module === 'local') await updateUser(tx, user.id, { passwordHash: null })
  await leaveGroupsOf(identity, tx, user.id, link.module)
  await tell(identity, tx, owner, 'login-remove', address, { ...link, module: link.module })
}

/** The groups that came with the module go with its last link, but for those that another module brings as well. */
async function leaveGroupsOf(identity: Identity, tx: Tx, userId: bigint, module: LoginModule): Promise<void> {
  const policies = await policiesFor(identity, tx, userId)
  const left = (await authProvidersOf(tx, userId)).map(({ module: name }) => name).filter(isLoginModule)
  const kept = left.flatMap((name) => policies(name).add_groups)
  for (const name of policies(module).add_groups) {
    if (!kept.includes(name)) await leaveGroup(tx, userId, name)
  }
}

const TOLD = {
  'login-add': (account: string) => `Your account was given another way to sign in: ${account}.`,
  'login-switch': (account: string) => `A way to sign in to your account was exchanged for another one: ${account}.`,
  'login-remove': (account: string) => `A way to sign in was removed from your account: ${account}.`,
}

interface Changed {
  module: LoginModule
  identifier: string
  from?: string
}

/** On record, and told to the owner: it may be somebody else who changed it. */
function tell(
  identity: Identity,
  tx: Tx,
  owner: UserRow,
  action: keyof typeof TOLD,
  address: string,
  { module, identifier, from }: Changed,
): Promise<void> {
  const details = { module, identifier, ...(from === undefined ? {} : { from }) }
  const what = TOLD[action](loginMessage(identity.settings, module, 'account_prompt'))
  return noticeOf(identity, tx, owner, { action, what, address, details })
}
