// What may be asked of a project. Whoever asks, in whatever dialect, is held to the same rules.
import { Fault } from '@synnefo/lib/fault'
import type { Queryable } from '@synnefo/lib/sql'
import type { Limits, ProjectFields } from '../../store/projects.ts'
import { listResources } from '../../store/resources.ts'
import { findUserByUuid, type UserRow } from '../../store/users.ts'

/** A project that is asked for, or what of one should change. */
export interface ProjectRequest extends Partial<Omit<ProjectFields, 'ownerId'>> {
  /** uuid */
  owner?: string
  startDate?: Date
  /** For those who decide. */
  comments?: string
  limits?: Limits
}

const LONGEST_NAME = 80
const LONGEST_HOMEPAGE = 255
const LONGEST_COMMENTS = 4096
const LONGEST_DESCRIPTION = 65_536

const DOMAIN_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i

function checkName(name: string): void {
  if (name.length > LONGEST_NAME) throw bad(`Project name should be at most ${LONGEST_NAME} characters long`)
  if (!DOMAIN_NAME.test(name)) throw bad('Project name should be in domain format')
}

const LONGEST: readonly [keyof ProjectRequest, number][] = [
  ['homepage', LONGEST_HOMEPAGE],
  ['description', LONGEST_DESCRIPTION],
  ['comments', LONGEST_COMMENTS],
]

/** What needs no look at the database. */
export function checkFields(request: ProjectRequest, now = new Date()): void {
  const { startDate, endDate } = request
  checkTexts(request)
  if (endDate && endDate <= now) throw bad("Field 'end_date' should be in the future")
  if (startDate && endDate && startDate >= endDate) throw bad("Field 'end_date' should be after 'start_date'")
}

export function checkTexts(request: ProjectRequest): void {
  if (request.name !== undefined) checkName(request.name)
  for (const [field, longest] of LONGEST) {
    if (((request[field] as string | undefined) ?? '').length > longest)
      throw bad(`Field '${field}' should be at most ${longest} characters long`)
  }
}

/** Only resources that the API shows may be asked for. */
export async function checkLimits(db: Queryable, limits: Limits): Promise<void> {
  const wanted = Object.entries(limits)
  if (wanted.length === 0) return
  const shown = new Set((await listResources(db)).filter(({ apiVisible }) => apiVisible).map(({ name }) => name))
  for (const [resource, { member, project }] of wanted) {
    if (!shown.has(resource)) throw malformed(`there is no resource ${resource}`)
    if (member > project) throw malformed(`${resource} grants a member more than the whole project`)
  }
}

/** The person who is to own a project: one whose account is accepted. */
export async function demandOwner(db: Queryable, uuid: string): Promise<UserRow> {
  const user = await findUserByUuid(db, uuid)
  if (!user?.emailVerified || !user.moderated || user.isRejected) throw bad('User does not exist.')
  return user
}

export const malformed = (why: string) => bad(`Malformed resource policies: ${why}`)

const bad = (message: string) => new Fault('badRequest', message)
