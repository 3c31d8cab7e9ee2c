// Applying for a project, or for a change of one. The application waits for a project admin; until then it counts
// against its applicant's limit of pending ones.
import { randomUUID } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../../identity.ts'
import { INFINITE } from '../../quota/arithmetic.ts'
import { insertApplication, type NewApplication, replacePending } from '../../store/applications.ts'
import { insertProject, insertProjectLog, type LockedProject, type ProjectFields, setLimits } from '../../store/projects.ts'
import { INITIALIZED } from '../../wire/project-states.ts'
import { type Actor, noteProject } from '../actor.ts'
import { tellOfApplication } from '../mails.ts'
import { chargePending, releasePending } from '../pending-charge.ts'
import { demandProject } from '../transitions.ts'
import { checkFields, checkLimits, demandOwner, type ProjectRequest } from './fields.ts'

export interface Submitted {
  /** uuid */
  project: string
  application: bigint
}

/** A person, or a project admin on somebody's behalf. */
export interface Applicant extends Actor {
  userId: bigint
}

export type NewProjectRequest = ProjectRequest & { name: string; endDate: Date }

export async function submitNewProject(
  identity: Identity,
  tx: Tx,
  applicant: Applicant,
  request: NewProjectRequest,
): Promise<Submitted> {
  checkFields(request)
  const limits = request.limits ?? {}
  await checkLimits(tx, limits)
  const owner = request.owner === undefined ? { id: applicant.userId } : await demandOwner(tx, request.owner)
  const fields: ProjectFields = {
    name: request.name,
    ownerId: owner.id,
    homepage: request.homepage ?? '',
    description: request.description ?? '',
    endDate: request.endDate,
    joinPolicy: request.joinPolicy ?? 'moderated',
    leavePolicy: request.leavePolicy ?? 'auto',
    maxMembers: request.maxMembers ?? INFINITE,
    private: request.private ?? false,
  }
  const project = await insertProject(tx, randomUUID(), fields)
  await setLimits(tx, [project.id], limits)
  const comments = request.comments ?? ''
  await insertProjectLog(tx, {
    projectId: project.id,
    from: null,
    to: 'uninitialized',
    actor: applicant.name,
    reason: '',
    comments,
  })
  return submit(identity, tx, applicant, project, {
    projectId: project.id,
    applicantId: applicant.userId,
    ...fields,
    startDate: request.startDate,
    comments,
    limits,
  })
}

/** What belongs to the person and not to his system project. */
const NOT_OF_SYSTEM = ['owner', 'name', 'homepage', 'description'] as const

export async function submitModification(
  identity: Identity,
  tx: Tx,
  applicant: Applicant,
  uuid: string,
  request: ProjectRequest,
): Promise<Submitted> {
  const project = await demandProject(tx, uuid)
  if (project.ownerId !== applicant.userId && !applicant.isAdmin) {
    throw new Fault('forbidden', `You may not ask for changes of project ${uuid}`)
  }
  checkFields(request)
  await checkLimits(tx, request.limits ?? {})
  if (!INITIALIZED.includes(project.state)) {
    throw new Fault('conflict', `Cannot modify a project that is ${project.state}`)
  }
  checkSystemProject(project, request)
  const { owner, limits = {}, comments = '', ...fields } = request
  const ownerId = owner === undefined ? undefined : (await demandOwner(tx, owner)).id
  const replaced = await replacePending(tx, project.id)
  if (replaced) await releasePending(identity, tx, replaced.applicant, `application ${replaced.id} replaced`)
  return submit(identity, tx, applicant, project, {
    projectId: project.id,
    applicantId: applicant.userId,
    ...fields,
    ...(ownerId === undefined ? {} : { ownerId }),
    comments,
    limits,
  })
}

export function checkSystemProject(project: Pick<LockedProject, 'isBase'>, request: ProjectRequest): void {
  const field = project.isBase && NOT_OF_SYSTEM.find((name) => request[name] !== undefined)
  if (field) throw new Fault('conflict', `The ${field} of a system project cannot be changed`)
}

async function submit(
  identity: Identity,
  tx: Tx,
  applicant: Applicant,
  project: LockedProject,
  application: NewApplication,
): Promise<Submitted> {
  const id = await insertApplication(tx, application)
  await chargePending(tx, applicant.name, `application ${id}`, applicant.isAdmin)
  await noteProject(tx, applicant, 'application-submit', `project:${project.uuid}`, { application: id })
  await tellOfApplication(identity, tx, id, project)
  return { project: project.uuid, application: id }
}
