// Projects as the web page sees them. Applying, deciding, joining and leaving go through the account API.
import type { MembershipAction, MembershipState } from '@synnefo/identity/wire/membership-states.ts'
import type {
  ApplicationAction,
  ApplicationState,
  DirectProjectAction,
  Policy,
  ProjectState,
} from '@synnefo/identity/wire/project-states.ts'
import type { Connection } from './http.ts'

export interface ListedProject {
  id: string
  name: string
  state: ProjectState
  system: boolean
  private: boolean
  /** For its owner and project admins. */
  status: string | null
  owner: { id: string; email: string | null } | null
  isOwner: boolean
  appliedAt: string | null
  createdAt: string
  endsAt: string
  members: { approved: number; pending: number } | null
  maxMembers: number | bigint
  pendingApplication: number | null
  membership: { id: number; state: MembershipState } | null
  actions: MembershipAction[]
  canModify: boolean
}

export interface ProjectPage {
  projects: ListedProject[]
  next: string | null
}

export interface ProjectQuery {
  scope?: 'mine' | 'search'
  q?: string
  sort?: 'name' | '-name' | 'created' | '-created' | 'ends' | '-ends'
  /** System projects too; for project admins. */
  showBase?: boolean
  after?: string
  limit?: number
}

export interface ProjectResource {
  resource: string
  unit: 'bytes' | null
  member: number | bigint
  project: number | bigint
  /** For the owner, members and project admins. */
  projectUsage?: number | bigint
  memberUsage?: number | bigint
}

export interface ProjectDetails extends ListedProject {
  homepage: string
  description: string
  joinPolicy: Policy
  leavePolicy: Policy
  placesLeft?: number | bigint
  deactivatedAt: string | null
  lastApplication: { id: number; state: ApplicationState } | null
  resources: ProjectResource[]
}

export interface Member {
  id: number
  user: string
  email: string
  name: string
  state: MembershipState
  joinedAt: string | null
  requestedAt: string | null
  actions: MembershipAction[]
  usage: { resource: string; limit: number | bigint; usage: number | bigint }[]
}

export interface MemberPage {
  counts: { approved: number; pending: number }
  members: Member[]
  next: number | null
}

/** How it went with one of several. */
export interface Outcome {
  member: string
  done: boolean
  message?: string
}

type Value = string | number | bigint | boolean | null

export interface CapacityDifference {
  old: number | bigint | null
  new: number | bigint
  difference: number | bigint | null
}

export interface Differences {
  fields: { field: string; old: Value; new: Value }[]
  resources: { resource: string; unit: 'bytes' | null; member: CapacityDifference; project: CapacityDifference }[]
}

export interface ApplicationPage {
  id: number
  project: string
  name: string
  isChange: boolean
  state: ApplicationState
  applicant: string
  issuedAt: string
  response: string
  comments: string
  differences: Differences
  actions: ApplicationAction[]
}

export interface ApplicationForm {
  membersLimitChoices: ('Unlimited' | number)[]
  isProjectAdmin: boolean
  canApply: boolean
  applicationsLeft: number | bigint
  resources: { resource: string; unit: 'bytes' | null; description: string }[]
}

/** What is asked for, as the account API takes it. */
export interface ProjectForm {
  name?: string
  owner?: string
  homepage?: string
  description?: string
  start_date?: string
  end_date?: string
  comments?: string
  join_policy?: Policy
  leave_policy?: Policy
  max_members?: number | string
  private?: boolean
  resources?: Record<string, { member_capacity: number | bigint; project_capacity: number | bigint }>
}

export interface Submitted {
  id: string
  application: number
}

const UI = '/astakos/ui/api'
const ACCOUNT = '/astakos/account/v1.0'

export function openProjects(cloud: Connection) {
  const at = (id: string) => `${UI}/projects/${encodeURIComponent(id)}`
  const post = (path: string, json: unknown) => cloud.json<never>('POST', path, { json })
  return {
    list: ({ showBase, ...query }: ProjectQuery = {}) =>
      cloud.json<ProjectPage>('GET', `${UI}/projects${search({ ...query, ...(showBase ? { show_base: 1 } : {}) })}`),
    form: () => cloud.json<ApplicationForm>('GET', `${UI}/projects/form`),
    show: (id: string) => cloud.json<ProjectDetails>('GET', at(id)),
    application: (id: number | bigint) => cloud.json<ApplicationPage>('GET', `${UI}/applications/${id}`),
    /** What the form would change of the project, or make; refused with the field that is wrong. */
    summary: (form: ProjectForm, id?: string): Promise<Differences> =>
      post(id === undefined ? `${UI}/projects/summary` : `${at(id)}/summary`, form),

    apply: (form: ProjectForm): Promise<Submitted> => post(`${ACCOUNT}/projects`, form),
    modify: (id: string, form: ProjectForm) =>
      cloud.json<Submitted>('PUT', `${ACCOUNT}/projects/${encodeURIComponent(id)}`, { json: form }),
    decide: async (id: string, action: ApplicationAction, application: number | bigint, reason = '') => {
      const json = { [action]: { app_id: application, reason } }
      await cloud.send('POST', `${ACCOUNT}/projects/${encodeURIComponent(id)}/action`, { json })
    },
    act: async (id: string, action: DirectProjectAction, reason = '') => {
      await cloud.send('POST', `${ACCOUNT}/projects/${encodeURIComponent(id)}/action`, { json: { [action]: { reason } } })
    },
    join: (id: string): Promise<{ id: number }> => post(`${ACCOUNT}/projects/memberships`, { join: { project: id } }),

    members: (id: string, query: { state?: 'all' | 'approved' | 'pending'; after?: number | bigint; limit?: number } = {}) =>
      cloud.json<MemberPage>('GET', `${at(id)}/members${search(query)}`),
    /** One's own membership, or one of a project that one owns. */
    actOnMembership: (
      membership: number | bigint,
      action: Exclude<MembershipAction, 'join' | 'enroll'>,
      reason = '',
    ): Promise<{ id: string; state: MembershipState }> => post(`${UI}/memberships/${membership}/${action}`, { reason }),
    /** Several at once; how it went is told of each. */
    actOnMembers: async (id: string, action: 'accept' | 'reject' | 'remove', members: readonly (number | bigint)[]) =>
      ((await post(`${at(id)}/members/${action}`, { members: members.map(String) })) as { results: Outcome[] }).results,
    /** Addresses separated by commas or lines; refused as a whole when some are unknown. */
    addMembers: async (id: string, addresses: string) =>
      ((await post(`${at(id)}/members`, { addresses })) as { results: Outcome[] }).results,
  }
}

function search(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`
}
