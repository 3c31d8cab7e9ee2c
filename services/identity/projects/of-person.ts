// What a person has is put on hold while he is shut out, and resumed with him: his system project, the projects he owns,
// and his memberships.
import type { Tx } from '@synnefo/lib/sql'
import { type Identity, peopleChanged } from '../identity.ts'
import { syncLimits, syncMemberLimits } from '../store/holdings.ts'
import { memberUuids } from '../store/memberships.ts'
import { changeMembershipsOf, changeProjectsOf, lockProjectsOf } from '../store/projects.ts'

const BY_DEACTIVATION = 'user_deactivation'
const BY_REACTIVATION = 'user_reactivation'

export async function suspendProjectsOf(identity: Identity, tx: Tx, userId: bigint): Promise<void> {
  await lockProjectsOf(tx, userId)
  const change = { userId, to: 'suspended', reason: BY_DEACTIVATION }
  const projects = await changeProjectsOf(tx, { ...change, from: ['active'] })
  const memberships = await changeMembershipsOf(tx, { ...change, from: ['accepted'] })
  await follow(identity, tx, 'suspend', userId, projects, memberships)
}

/** Only what was put on hold with the person. */
export async function resumeProjectsOf(identity: Identity, tx: Tx, userId: bigint): Promise<void> {
  await lockProjectsOf(tx, userId)
  const change = { userId, from: ['suspended'], reason: BY_REACTIVATION, lastReason: BY_DEACTIVATION }
  const projects = await changeProjectsOf(tx, { ...change, to: 'active' })
  const memberships = await changeMembershipsOf(tx, { ...change, to: 'accepted' })
  await follow(identity, tx, 'unsuspend', userId, projects, memberships)
}

async function follow(
  identity: Identity,
  tx: Tx,
  action: 'suspend' | 'unsuspend',
  userId: bigint,
  projects: readonly bigint[],
  memberships: readonly { id: bigint; projectId: bigint }[],
): Promise<void> {
  await syncLimits(tx, projects)
  await syncMemberLimits(
    tx,
    memberships.map(({ projectId }) => projectId),
    userId,
  )
  peopleChanged(tx, await memberUuids(tx, projects), identity)
  for (const id of projects) identity.quotaPolicy.projectActed(tx, action, id)
  for (const { id } of memberships) identity.quotaPolicy.membershipActed(tx, action, id)
}
