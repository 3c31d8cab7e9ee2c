import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../../identity.ts'
import { isProjectAdmin, personActor } from '../../projects/actor.ts'
import { decideApplication } from '../../projects/applications/decide.ts'
import { submitModification, submitNewProject } from '../../projects/applications/submit.ts'
import { type Mode, showProject, type VisibleProject, visibleProjects } from '../../projects/projects.ts'
import { changeProject } from '../../projects/transitions.ts'
import type { ApplicationRow } from '../../store/applications.ts'
import type { Principal } from '../../tokens/authenticate.ts'
import { APPLICATION_ACTIONS, PROJECT_ACTIONS, PROJECT_STATES, type ProjectState } from '../../wire/project-states.ts'
import { asDict, type Dict, type Handler, isoDate, jsonBody, type Serve } from '../dialect.ts'
import { person } from '../who-asks.ts'
import { readAction, readNewProject, readProject, readProjectAction } from './project-bodies.ts'

export function projectRoutes(serve: Serve, identity: Identity): void {
  const { db } = identity
  const asking = person(identity)

  const list: Handler = async (request) => {
    const caller = asking.of(request)
    const query = request.query as Dict
    const projects = await visibleProjects(identity, caller, modeIn(query), {
      name: text(query['name']),
      owner: text(query['owner']),
      state: stateIn(query),
      marker: text(query['marker']),
      limit: limitIn(query),
    })
    return projects.map((project) => describeProject(identity, caller, project))
  }

  const show: Handler = async (request) => {
    const { id } = request.params as { id: string }
    return describeProject(identity, asking.of(request), await showProject(identity, asking.of(request), id))
  }

  const apply: Handler = async (request, reply) => {
    const caller = asking.of(request)
    const wanted = readNewProject(asDict(jsonBody(request)))
    const applicant = { ...personActor(identity, caller, request.ip), userId: caller.id }
    const submitted = await db.transaction((tx) => submitNewProject(identity, tx, applicant, wanted))
    reply.code(201)
    return { id: submitted.project, application: submitted.application }
  }

  const modify: Handler = async (request, reply) => {
    const caller = asking.of(request)
    const { id } = request.params as { id: string }
    const wanted = readProject(asDict(jsonBody(request)))
    const applicant = { ...personActor(identity, caller, request.ip), userId: caller.id }
    const submitted = await db.transaction((tx) => submitModification(identity, tx, applicant, id, wanted))
    reply.code(201)
    return { id: submitted.project, application: submitted.application }
  }

  const act: Handler = async (request) => {
    const { id } = request.params as { id: string }
    const actor = personActor(identity, asking.of(request), request.ip)
    const { action, value } = readAction(request, [...PROJECT_ACTIONS, ...APPLICATION_ACTIONS])
    const { reason, application } = readProjectAction(value)
    const ofProject = PROJECT_ACTIONS.find((each) => each === action)
    const ofApplication = APPLICATION_ACTIONS.find((each) => each === action)
    if (ofProject) await db.transaction((tx) => changeProject(identity, tx, actor, id, ofProject, reason))
    if (ofApplication) {
      const path = { project: id, application: application() }
      await db.transaction((tx) => decideApplication(identity, tx, actor, path, ofApplication, reason))
    }
    return ''
  }

  serve('/v1.0/projects', { GET: list, POST: apply }, asking)
  serve('/v1.0/projects/:id', { GET: show, PUT: modify }, asking)
  serve('/v1.0/projects/:id/action', { POST: act }, asking)
}

const MODES: Record<string, Mode> = { default: 'related', related: 'related', member: 'member', active: 'active' }

function modeIn({ mode = 'default' }: Dict): Mode {
  const known = Object.hasOwn(MODES, String(mode)) ? MODES[String(mode)] : undefined
  if (!known) throw new Fault('badRequest', `Unrecognized mode '${mode}'.`)
  return known
}

function stateIn({ state }: Dict): ProjectState | undefined {
  if (state === undefined) return undefined
  const known = PROJECT_STATES.find((each) => each === state)
  if (!known) throw new Fault('badRequest', `Unrecognized state '${state}'.`)
  return known
}

export function limitIn({ limit }: Dict): number | undefined {
  if (limit === undefined) return undefined
  if (typeof limit !== 'string' || !/^\d{1,6}$/.test(limit)) throw new Fault('badRequest', `Unrecognized limit '${limit}'.`)
  return Number(limit)
}

export const text = (value: unknown) => (typeof value === 'string' && !value.includes('\0') ? value : undefined)

function describeProject(identity: Identity, caller: Principal, project: VisibleProject) {
  const { lastApplication, deactivatedAt } = project
  const decides = project.isOwner || isProjectAdmin(identity, caller)
  return {
    id: project.uuid,
    state: project.state,
    creation_date: isoDate(project.createdAt),
    name: project.realname,
    owner: project.owner,
    homepage: project.homepage,
    description: project.description,
    end_date: isoDate(project.endDate),
    join_policy: project.joinPolicy,
    leave_policy: project.leavePolicy,
    max_members: project.maxMembers,
    private: project.private,
    system_project: project.isBase,
    resources: project.resources,
    ...(decides && lastApplication ? { last_application: describeApplication(lastApplication) } : {}),
    ...(decides && deactivatedAt ? { deactivation_date: isoDate(deactivatedAt) } : {}),
  }
}

function describeApplication(application: ApplicationRow) {
  const { startDate, endDate } = application
  return {
    id: application.id,
    state: application.state,
    name: application.name,
    owner: application.owner,
    applicant: application.applicant,
    homepage: application.homepage,
    description: application.description,
    start_date: startDate && isoDate(startDate),
    end_date: endDate && isoDate(endDate),
    comments: application.comments,
    join_policy: application.joinPolicy,
    leave_policy: application.leavePolicy,
    max_members: application.maxMembers,
    private: application.private,
    resources: Object.fromEntries(
      Object.entries(application.limits).map(([resource, { member, project }]) => [
        resource,
        { member_capacity: member, project_capacity: project },
      ]),
    ),
  }
}
