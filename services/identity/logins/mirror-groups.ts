import type { Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import { type Identity, personChanged } from '../identity.ts'
import { authProvidersOf } from '../store/auth-providers.ts'
import { ensureGroup, groupsOf, joinGroup, leaveGroup } from '../store/groups.ts'
import type { UserRow } from '../store/users.ts'
import { isLoginModule } from '../wire/login-modules.ts'
import { policiesFor } from './policies.ts'

/** The person's groups become those of the provider, beside the one that everybody is in and those that come with links. */
export async function mirrorGroups(identity: Identity, tx: Tx, user: UserRow, wanted: readonly string[]): Promise<void> {
  const policies = await policiesFor(identity, tx, user.id)
  const linked = (await authProvidersOf(tx, user.id)).map(({ module }) => module).filter(isLoginModule)
  const kept = ['default', ...linked.flatMap((module) => policies(module).add_groups)]
  const present = (await groupsOf(tx, user.id)).map(({ name }) => name)
  const left = present.filter((name) => !wanted.includes(name) && !kept.includes(name))
  const joined = wanted.filter((name) => !present.includes(name))
  for (const name of left) await leaveGroup(tx, user.id, name)
  for (const name of joined) {
    await ensureGroup(tx, name)
    await joinGroup(tx, user.id, name)
  }
  if (left.length + joined.length === 0) return
  const about = { service: 'identity', actor: user.uuid, action: 'user-mirror-groups', target: `user:${user.uuid}` }
  await audit(tx, { ...about, details: { left, joined } })
  personChanged(tx, user.uuid, identity)
}
