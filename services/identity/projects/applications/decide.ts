// What becomes of an application: approved or denied by a project admin, or taken back by its applicant.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../../identity.ts'
import { type ApplicationRow, findApplication, respond, waive } from '../../store/applications.ts'
import { fillMissingLimits, type LockedProject, lockProject, type ProjectFields } from '../../store/projects.ts'
import { APPLICATION_RULES, type ApplicationAction, applicationRefusal } from '../../wire/project-states.ts'
import { type Actor, noteProject } from '../actor.ts'
import { moveProject } from '../effects.ts'
import { tellOfDecision } from '../mails.ts'
import { releasePending } from '../pending-charge.ts'

/** By number; together with the project's uuid where an address names both. */
export interface ApplicationPath {
  application: bigint
  project?: string
}

export async function decideApplication(
  identity: Identity,
  tx: Tx,
  actor: Actor,
  path: ApplicationPath,
  action: ApplicationAction,
  reason = '',
): Promise<void> {
  const { application, project } = await lockApplication(tx, path)
  const rule = APPLICATION_RULES[action]
  if (!actor.isAdmin && !(rule.byApplicant && actor.userId === application.applicantId)) {
    throw new Fault('forbidden', `You may not ${action} application ${application.id}`)
  }
  const refused = applicationRefusal(action, application)
  if (refused) throw new Fault('conflict', refused)
  const decision = { state: rule.to, actor: actor.name, reason }
  if (rule.byApplicant) await waive(tx, application.id, decision)
  else await respond(tx, application.id, decision)
  if (rule.releases) await releasePending(identity, tx, application.applicant, `application ${application.id} ${rule.to}`)
  if (action === 'approve') await approve(identity, tx, actor, project, application, reason)
  // Nothing is left of a project that was only applied for.
  if (rule.byApplicant && project.state === 'uninitialized') {
    await moveProject(identity, tx, actor, project, { action: 'drop', reason })
  }
  await noteProject(tx, actor, `application-${action}`, `project:${project.uuid}`, { application: application.id, reason })
  await tellOfDecision(identity, tx, application, project, action, reason)
}

async function approve(
  identity: Identity,
  tx: Tx,
  actor: Actor,
  project: LockedProject,
  application: ApplicationRow,
  reason: string,
): Promise<void> {
  if (project.state === 'uninitialized') await fillMissingLimits(tx, project.id)
  const { comments, limits } = application
  const change = { action: 'approve', reason, comments, fields: fieldsOf(application), limits } as const
  await moveProject(identity, tx, actor, project, change)
  identity.quotaPolicy.projectActed(tx, 'modify', project.id)
}

const FIELDS = [
  'name',
  'ownerId',
  'homepage',
  'description',
  'endDate',
  'joinPolicy',
  'leavePolicy',
  'maxMembers',
  'private',
] as const satisfies readonly (keyof ProjectFields)[]

/** What the application asks to change. */
function fieldsOf(application: ApplicationRow): Partial<ProjectFields> {
  return Object.fromEntries(FIELDS.flatMap((name) => (application[name] === null ? [] : [[name, application[name]]])))
}

/** As it is now that nobody else changes it: whoever holds the project's lock decides about its applications. */
async function lockApplication(tx: Tx, { application: id, project: uuid }: ApplicationPath) {
  const found = await findApplication(tx, id)
  const unknown = new Fault('itemNotFound', `There is no application ${id}${uuid === undefined ? '' : ` of project ${uuid}`}`)
  if (!found || (uuid !== undefined && found.project !== uuid)) throw unknown
  const project = await lockProject(tx, found.project)
  const application = await findApplication(tx, id)
  if (!project || !application) throw unknown
  return { project, application }
}
