// What bodies about projects may hold (identity-api.md §7), read with a refusal that names the field.
import { Fault } from '@synnefo/lib/fault'
import type { FastifyRequest } from 'fastify'
import { malformed, type ProjectRequest } from '../../projects/applications/fields.ts'
import type { NewProjectRequest } from '../../projects/applications/submit.ts'
import { INFINITE } from '../../quota/arithmetic.ts'
import type { Limits } from '../../store/projects.ts'
import { parseIsoDate } from '../../wire/dates.ts'
import { POLICIES, type Policy } from '../../wire/project-states.ts'
import { parseQuantity } from '../../wire/quantities.ts'
import { asDict, asInteger, type Dict, isDict, jsonBody } from '../dialect.ts'

const bad = (message: string) => new Fault('badRequest', message)

/** A new project: name and end are missing at the peril of the request. */
export function readNewProject(body: Dict): NewProjectRequest {
  if (body['name'] === undefined || body['name'] === null) throw bad('Name missing.')
  const { name, endDate, ...others } = readProject(body)
  if (endDate === undefined) throw bad('Missing end date')
  return { ...others, name: name!, endDate }
}

/** Each field that is there. Null is no value: it is taken as left out only where that is all it can mean. */
export function readProject(body: Dict): ProjectRequest {
  const request: ProjectRequest = {
    ...given('name', readText(body, 'name')),
    ...given('owner', readText(body, 'owner')),
    ...given('homepage', readText(body, 'homepage')),
    ...given('description', readText(body, 'description')),
    ...given('comments', readText(body, 'comments')),
    ...given('startDate', readDate(body, 'start_date')),
    ...given('endDate', readDate(body, 'end_date')),
    ...given('joinPolicy', readPolicy(body, 'join')),
    ...given('leavePolicy', readPolicy(body, 'leave')),
    ...given('maxMembers', readMembers(body)),
    ...given('private', readFlag(body, 'private')),
    ...given('limits', readLimits(body)),
  }
  return request
}

const given = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [N in Name]?: Value }

function readText(body: Dict, field: string): string | undefined {
  const value = body[field]
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value.includes('\0')) throw bad(`Field '${field}' should be a string`)
  return value
}

function readFlag(body: Dict, field: string): boolean | undefined {
  const value = body[field]
  if (value === undefined || typeof value === 'boolean') return value
  throw bad(`Field '${field}' should be a boolean`)
}

function readPolicy(body: Dict, which: 'join' | 'leave'): Policy | undefined {
  const value = body[`${which}_policy`]
  if (value === undefined) return undefined
  const policy = POLICIES.find((each) => each === value)
  if (!policy) throw bad(`Invalid ${which} policy`)
  return policy
}

function readMembers({ max_members: value }: Dict): bigint | undefined {
  if (value === undefined) return undefined
  const count = typeof value === 'string' ? parseQuantity(value) : asInteger(value)
  if (count === undefined || count < 0n || count > INFINITE) throw bad('Invalid max_members')
  return count
}

function readDate(body: Dict, field: string): Date | undefined {
  const value = body[field]
  if (value === undefined) return undefined
  const date = typeof value === 'string' ? parseIsoDate(value) : undefined
  if (!date) throw bad(`Field '${field}' should be a date such as 2030-01-31T12:00:00Z`)
  return date
}

function readLimits({ resources }: Dict): Limits | undefined {
  if (resources === undefined) return undefined
  if (!isDict(resources)) throw malformed('resources should be a dict')
  return Object.fromEntries(
    Object.entries(resources).map(([resource, capacities]) => {
      if (!isDict(capacities)) throw malformed(`${resource} should be a dict`)
      const member = readCapacity(resource, capacities, 'member_capacity')
      const project = readCapacity(resource, capacities, 'project_capacity')
      return [resource, { member, project }]
    }),
  )
}

function readCapacity(resource: string, capacities: Dict, name: string): bigint {
  const value = asInteger(capacities[name])
  if (value === undefined || value < 0n || value > INFINITE) {
    throw malformed(`${name} of ${resource} should be an integer from 0 to ${INFINITE}`)
  }
  return value
}

/** The single action that a body names, with its value. */
export function readAction<Action extends string>(
  request: FastifyRequest,
  known: readonly Action[],
): { action: Action; value: unknown } {
  const body = asDict(jsonBody(request))
  const named = known.filter((action) => action in body)
  if (named.length > 1) throw bad('Multiple actions not supported')
  const [action] = named
  if (!action) throw bad('No recognized action')
  return { action, value: body[action] }
}

/** Why, and about which application. One client writes `reasons`. */
export function readProjectAction(value: unknown): { reason: string; application: () => bigint } {
  const details = asDict(value)
  const reason = details['reason'] ?? details['reasons'] ?? ''
  if (typeof reason !== 'string' || reason.includes('\0')) throw bad("Field 'reason' should be a string")
  return { reason, application: () => readApplicationId(details['app_id']) }
}

function readApplicationId(value: unknown): bigint {
  const id = typeof value === 'string' && /^\d{1,18}$/.test(value) ? BigInt(value) : asInteger(value)
  if (id === undefined || id < 0n || id > INFINITE) throw bad("Field 'app_id' should be the number of an application")
  return id
}
