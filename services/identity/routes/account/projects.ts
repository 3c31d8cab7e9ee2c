import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../../identity.ts'
import {
  allowedActions,
  isProjectAdmin,
  type Mode,
  showMembership,
  showProject,
  visibleMemberships,
  visibleProjects,
} from '../../projects/projects.ts'
import type { MembershipView, ProjectView } from '../../store/projects.ts'
import type { Principal } from '../../tokens/authenticate.ts'
import { PROJECT_STATES, type ProjectState } from '../../wire/project-states.ts'
import { type Dict, type Handler, isoDate, type Serve } from '../dialect.ts'
import { person } from '../who-asks.ts'

export function projectRoutes(serve: Serve, identity: Identity): void {
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
  const listMembers: Handler = async (request) => {
    const caller = asking.of(request)
    const memberships = await visibleMemberships(identity, caller, text((request.query as Dict)['project']))
    return memberships.map((membership) => describeMembership(identity, caller, membership))
  }
  const showMember: Handler = async (request) => {
    const { id } = request.params as { id: string }
    if (!/^\d{1,18}$/.test(id)) throw new Fault('itemNotFound', `There is no membership ${id}`)
    return describeMembership(identity, asking.of(request), await showMembership(identity, asking.of(request), BigInt(id)))
  }
  serve('/v1.0/projects', { GET: list }, asking)
  serve('/v1.0/projects/memberships', { GET: listMembers }, asking)
  serve('/v1.0/projects/memberships/:id', { GET: showMember }, asking)
  serve('/v1.0/projects/:id', { GET: show }, asking)
}

const MODES: Record<string, Mode> = { default: 'related', related: 'related', member: 'member', active: 'active' }

function modeIn({ mode = 'default' }: Dict): Mode {
  const known = MODES[String(mode)]
  if (!known) throw new Fault('badRequest', `Unrecognized mode '${mode}'.`)
  return known
}

function stateIn({ state }: Dict): ProjectState | undefined {
  if (state === undefined) return undefined
  const known = PROJECT_STATES.find((each) => each === state)
  if (!known) throw new Fault('badRequest', `Unrecognized state '${state}'.`)
  return known
}

function limitIn({ limit }: Dict): number | undefined {
  if (limit === undefined) return undefined
  if (typeof limit !== 'string' || !/^\d{1,6}$/.test(limit)) throw new Fault('badRequest', `Unrecognized limit '${limit}'.`)
  return Number(limit)
}

const text = (value: unknown) => (typeof value === 'string' && !value.includes('\0') ? value : undefined)

function describeProject(identity: Identity, caller: Principal, project: ProjectView) {
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
    ...(decides && project.deactivatedAt ? { deactivation_date: isoDate(project.deactivatedAt) } : {}),
  }
}

function describeMembership(identity: Identity, caller: Principal, membership: MembershipView) {
  const { id, user, project, state } = membership
  const entered = Object.fromEntries(Object.entries(membership.entered).map(([name, at]) => [name, isoDate(new Date(at))]))
  return {
    id,
    user,
    project,
    allowed_actions: allowedActions(identity, caller, membership),
    requested: null,
    accepted: null,
    removed: null,
    ...entered,
    state,
  }
}
