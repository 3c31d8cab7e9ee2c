import { Fault } from '@synnefo/lib/fault'
import { writeJson } from '@synnefo/lib/json'
import type { Identity } from '../../identity.ts'
import { personActor } from '../../projects/actor.ts'
import { actOnMembership, joinProject } from '../../projects/memberships/act.ts'
import { enrollByEmail } from '../../projects/memberships/enroll.ts'
import { allowedActions, showMembership, visibleMemberships } from '../../projects/projects.ts'
import type { MembershipView } from '../../store/memberships.ts'
import type { Principal } from '../../tokens/authenticate.ts'
import { API_MEMBERSHIP_ACTIONS } from '../../wire/membership-states.ts'
import { asDict, asInteger, type Dict, type Handler, isoDate, type Serve } from '../dialect.ts'
import { person } from '../who-asks.ts'
import { readAction } from './project-bodies.ts'
import { limitIn, text } from './projects.ts'

export function membershipRoutes(serve: Serve, identity: Identity): void {
  const { db } = identity
  const asking = person(identity)

  const list: Handler = async (request) => {
    const caller = asking.of(request)
    const query = request.query as Dict
    const filter = { project: text(query['project']), marker: markerIn(query), limit: limitIn(query) }
    const memberships = await visibleMemberships(identity, caller, filter)
    return memberships.map((membership) => describeMembership(identity, caller, membership))
  }

  const show: Handler = async (request) => {
    const caller = asking.of(request)
    return describeMembership(identity, caller, await showMembership(identity, caller, idIn(request.params)))
  }

  const add: Handler = async (request) => {
    const actor = personActor(identity, asking.of(request), request.ip)
    const { action, value } = readAction(request, ['join', 'enroll'])
    const details = asDict(value)
    const project = projectIn(details)
    if (action === 'join') {
      const { id } = await db.transaction((tx) => joinProject(identity, tx, actor, project))
      return { id }
    }
    const email = details['user']
    if (typeof email !== 'string' || email.includes('\0'))
      throw new Fault('badRequest', "Field 'user' should be an e-mail address")
    const { id } = await enrollByEmail(identity, actor, project, email)
    return { id }
  }

  const act: Handler = async (request) => {
    const actor = personActor(identity, asking.of(request), request.ip)
    const id = idIn(request.params)
    const { action, value } = readAction(request, API_MEMBERSHIP_ACTIONS)
    if (typeof value !== 'string' || value.includes('\0')) {
      throw new Fault('badRequest', `The value of '${action}' should be a string: the reason`)
    }
    await db.transaction((tx) => actOnMembership(identity, tx, actor, id, action, value))
    return ''
  }

  serve('/v1.0/projects/memberships', { GET: list, POST: add }, asking)
  serve('/v1.0/projects/memberships/:id', { GET: show }, asking)
  serve('/v1.0/projects/memberships/:id/action', { POST: act }, asking)
}

function idIn(params: unknown): bigint {
  const { id } = params as { id: string }
  if (!/^\d{1,18}$/.test(id)) throw new Fault('itemNotFound', `There is no membership ${id}`)
  return BigInt(id)
}

function markerIn({ marker }: Dict): bigint | undefined {
  if (marker === undefined) return undefined
  if (typeof marker !== 'string' || !/^\d{1,18}$/.test(marker)) throw new Fault('badRequest', `Unrecognized marker '${marker}'.`)
  return BigInt(marker)
}

/** A uuid. Numbers are ids of the original service, which name nothing here. */
function projectIn({ project }: Dict): string {
  if (typeof project === 'string' && !project.includes('\0')) return project
  const number = asInteger(project)
  if (number === undefined)
    throw new Fault('badRequest', `Invalid project ID: ${project === undefined ? 'none' : writeJson(project)}`)
  return String(number)
}

function describeMembership(identity: Identity, caller: Principal, membership: MembershipView) {
  const { id, user, project, state } = membership
  const entered = Object.fromEntries(Object.entries(membership.entered).map(([name, at]) => [name, isoDate(new Date(at))]))
  return {
    id,
    user,
    project,
    allowed_actions: allowedActions(identity, caller, membership, API_MEMBERSHIP_ACTIONS),
    requested: null,
    accepted: null,
    removed: null,
    ...entered,
    state,
  }
}
