// Changes by operators, without an application.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { syncLimits } from '../store/holdings.ts'
import { type Limits, lockSystemProjects, setLimits, updateProjects } from '../store/projects.ts'
import { listResources } from '../store/resources.ts'
import { type Actor, noteProject } from './actor.ts'
import { checkTexts, demandOwner, type ProjectRequest } from './applications/fields.ts'
import { checkSystemProject } from './applications/submit.ts'
import { moveProject } from './effects.ts'
import { demandProject } from './transitions.ts'

/** What may be changed directly: also limits that the API does not show, and an end in the past. */
export type DirectChange = Omit<ProjectRequest, 'comments' | 'startDate'>

/** Changes one project; a person's system project has the person's uuid. Quota follows in the same transaction. */
export async function modifyProject(identity: Identity, tx: Tx, actor: Actor, uuid: string, change: DirectChange): Promise<void> {
  const project = await demandProject(tx, uuid)
  if (!actor.isAdmin) throw new Fault('forbidden', `You may not modify project ${uuid}`)
  checkTexts(change)
  checkSystemProject(project, change)
  const { owner, limits = {}, ...fields } = change
  await checkResources(tx, limits)
  const ownerId = owner === undefined ? {} : { ownerId: (await demandOwner(tx, owner)).id }
  await moveProject(identity, tx, actor, project, { action: 'modify', fields: { ...fields, ...ownerId }, limits })
  await noteProject(tx, actor, 'project-modify', `project:${uuid}`, { ...change })
  identity.quotaPolicy.projectActed(tx, 'modify', project.id)
}

/** What all system projects can be given alike. */
export type SystemChange = Pick<DirectChange, 'limits' | 'endDate' | 'joinPolicy' | 'leavePolicy' | 'maxMembers' | 'private'>

/** Limits are brought in line for so many projects by one statement. */
const TOGETHER = 1000

/** Changes all system projects but these (uuids); answers how many. */
export async function modifySystemProjects(
  identity: Identity,
  tx: Tx,
  actor: Actor,
  { limits = {}, ...fields }: SystemChange,
  except: readonly string[] = [],
): Promise<number> {
  await checkResources(tx, limits)
  const projects = await lockSystemProjects(tx, except)
  for (let at = 0; at < projects.length; at += TOGETHER) {
    const ids = projects.slice(at, at + TOGETHER).map(({ id }) => id)
    await updateProjects(tx, ids, fields)
    await setLimits(tx, ids, limits)
    await syncLimits(tx, ids)
    for (const id of ids) identity.quotaPolicy.projectActed(tx, 'modify', id)
  }
  await noteProject(tx, actor, 'project-modify', 'project:system', { ...fields, limits, except, count: projects.length })
  return projects.length
}

async function checkResources(tx: Tx, limits: Limits): Promise<void> {
  const wanted = Object.keys(limits)
  if (wanted.length === 0) return
  const known = new Set((await listResources(tx)).map(({ name }) => name))
  const unknown = wanted.find((resource) => !known.has(resource))
  if (unknown !== undefined) throw new Fault('badRequest', `There is no resource ${unknown}`)
}
