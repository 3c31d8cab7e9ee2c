// What every change of a project brings along, in the transaction of the change.
import { Fault } from '@synnefo/lib/fault'
import { isUniqueViolation, type Tx } from '@synnefo/lib/sql'
import { type Identity, peopleChanged } from '../identity.ts'
import { syncLimits } from '../store/holdings.ts'
import { memberUuids, payFromSystemProject } from '../store/memberships.ts'
import {
  insertProjectLog,
  type Limits,
  type LockedProject,
  type ProjectFields,
  setLimits,
  updateProject,
} from '../store/projects.ts'
import { ALIVE, PROJECT_RULES, type ProjectAction, type ProjectState, projectRefusal } from '../wire/project-states.ts'
import type { Actor } from './actor.ts'

export interface ProjectMove {
  action: ProjectAction
  reason?: string
  comments?: string
  /** Changed along with it. */
  fields?: Partial<ProjectFields>
  limits?: Limits
}

/**
 * Takes the (locked) project where the action leads, with its note in the log; gives or frees its name; makes everybody's
 * limits agree, and lets authentication know.
 */
export async function moveProject(
  identity: Identity,
  tx: Tx,
  actor: Actor,
  project: LockedProject,
  { action, reason = '', comments = '', fields = {}, limits = {} }: ProjectMove,
): Promise<void> {
  const refused = projectRefusal(action, project)
  if (refused) throw new Fault('conflict', refused)
  const to = PROJECT_RULES[action].to ?? project.state
  await holdingName(fields.name ?? project.realname, () =>
    updateProject(tx, project.id, { ...fields, state: to, ...nameHeld(project, to, fields.name) }),
  )
  await setLimits(tx, [project.id], limits)
  await insertProjectLog(tx, { projectId: project.id, from: project.state, to, actor: actor.name, reason, comments })
  if (to === 'terminated') await payFromSystemProject(tx, project.uuid)
  await syncLimits(tx, [project.id])
  if (to !== project.state) peopleChanged(tx, await memberUuids(tx, [project.id]), identity)
}

/** The name belongs to the project while it is alive. System projects have none. */
function nameHeld(project: LockedProject, to: ProjectState, name = project.realname): { nameHeld?: string | null } {
  if (project.isBase) return {}
  return { nameHeld: ALIVE.includes(to) ? name : null }
}

async function holdingName(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (isUniqueViolation(error, 'projects_name_key')) throw new Fault('conflict', `There is a project named ${name} already`)
    throw error
  }
}
