// Project admins and operators put projects on hold, resume them, end them and bring them back.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { lockPayingFrom } from '../store/memberships.ts'
import { type LockedProject, lockProject } from '../store/projects.ts'
import { type DirectProjectAction, PROJECT_RULES } from '../wire/project-states.ts'
import { type Actor, noProject, noteProject } from './actor.ts'
import { moveProject } from './effects.ts'
import { tellOwner } from './mails.ts'

export async function changeProject(
  identity: Identity,
  tx: Tx,
  actor: Actor,
  uuid: string,
  action: DirectProjectAction,
  reason = '',
  { expiredBefore }: { expiredBefore?: Date } = {},
): Promise<void> {
  // People come before projects: those who lose what they pay from are locked first.
  if (PROJECT_RULES[action].to === 'terminated') await lockPayingFrom(tx, uuid)
  const project = await demandProject(tx, uuid)
  if (expiredBefore && project.endDate >= expiredBefore) throw new Fault('conflict', 'The project was extended meanwhile')
  if (!actor.isAdmin) throw new Fault('forbidden', `Only project admins may ${action} projects`)
  await moveProject(identity, tx, actor, project, { action, reason })
  await noteProject(tx, actor, `project-${action}`, `project:${uuid}`, { reason })
  await tellOwner(identity, tx, project, action)
  identity.quotaPolicy.projectActed(tx, action, project.id)
}

/** Locks the project; throws `itemNotFound`. */
export async function demandProject(tx: Tx, uuid: string): Promise<LockedProject> {
  const project = await lockProject(tx, uuid)
  if (!project) throw noProject(uuid)
  return project
}
