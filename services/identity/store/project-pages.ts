// Projects a page at a time. Each page is one question that an index answers in its order, whatever there is beside it.
import { join, type Queryable, type Sql, sql } from '@synnefo/lib/sql'
import type { MembershipState } from '../wire/membership-states.ts'
import type { ApplicationState, Policy, ProjectState } from '../wire/project-states.ts'

export const SORTS = ['name', 'created', 'ends'] as const
export type Sort = (typeof SORTS)[number]

export interface ProjectPageRow {
  id: bigint
  uuid: string
  realname: string
  state: ProjectState
  isBase: boolean
  private: boolean
  owner: string | null
  ownerEmail: string | null
  /** Whose system project it is. */
  personEmail: string | null
  personName: string | null
  createdAt: Date
  endDate: Date
  joinPolicy: Policy
  leavePolicy: Policy
  maxMembers: bigint
  lastApplication: bigint | null
  lastApplicationState: ApplicationState | null
  /** When it was asked for. */
  appliedAt: Date | null
  membership: bigint | null
  membershipState: MembershipState | null
  approved: number
  pending: number
  /** By what the page is sorted, for the next one to go on after it. */
  sortedBy: string
}

export interface ProjectPage {
  viewer: bigint
  /** `related`: what the viewer owns, is in or wants to be in. `public`: what anybody may join. `all`: everything, for admins. */
  from: 'related' | 'public' | 'all'
  /** System projects too; of admins only. */
  withSystem: boolean
  /** Part of the name, in any letter case. */
  search: string | undefined
  sort: Sort
  descending: boolean
  after: { value: string; id: bigint } | undefined
  limit: number
}

export function pageOfProjects(db: Queryable, page: ProjectPage) {
  const { viewer, from, withSystem, search, after, descending, limit } = page
  const key = sortKey(page)
  const order = descending ? sql`DESC` : sql`ASC`
  const related = sql`p.id IN (
    SELECT id FROM identity.projects WHERE owner_id = ${viewer}
    UNION ALL SELECT m.project_id FROM identity.memberships m
    WHERE m.user_id = ${viewer} AND m.state IN ('requested', 'accepted', 'leave_requested', 'suspended'))`
  const conditions = [
    ...(from === 'related' ? [related] : from === 'public' ? [sql`p.state = 'active' AND NOT p.private`] : []),
    ...(withSystem ? [] : [sql`NOT p.is_base`]),
    sql`p.state <> 'deleted'`,
    ...(search === undefined ? [] : [named(search)]),
    ...(after === undefined ? [] : [beyond(key, after, descending)]),
  ]
  return db.any<ProjectPageRow>(sql`
    SELECT ${columns(key.column)}
    FROM (
      SELECT * FROM identity.projects p WHERE ${join(conditions, ' AND ')}
      ORDER BY ${key.column} ${order}, p.id ${order} LIMIT ${limit}
    ) AS p ${joined(viewer)}
    ORDER BY ${key.column} ${order}, p.id ${order}`)
}

export function pageRowOf(db: Queryable, viewer: bigint, uuid: string) {
  return db.maybeOne<ProjectPageRow>(sql`
    SELECT ${columns(sql`p.realname`)} FROM identity.projects p ${joined(viewer)} WHERE p.uuid = ${uuid}`)
}

const columns = (sortedBy: Sql) => sql`
  p.id, p.uuid, p.realname, p.state, p.is_base AS "isBase", p.private, o.uuid AS owner, o.email AS "ownerEmail",
  s.email AS "personEmail", s.first_name || ' ' || s.last_name AS "personName", p.created_at AS "createdAt",
  p.end_date AS "endDate", p.join_policy AS "joinPolicy", p.leave_policy AS "leavePolicy", p.max_members AS "maxMembers",
  a.id AS "lastApplication", a.state AS "lastApplicationState", a.issued_at AS "appliedAt",
  m.id AS membership, m.state AS "membershipState", (${sortedBy})::text AS "sortedBy",
  (SELECT count(*)::int FROM identity.memberships n
   WHERE n.project_id = p.id AND n.state IN ('accepted', 'leave_requested', 'suspended')) AS approved,
  (SELECT count(*)::int FROM identity.memberships n WHERE n.project_id = p.id AND n.state = 'requested') AS pending`

const joined = (viewer: bigint) => sql`
  LEFT JOIN identity.users o ON o.id = p.owner_id
  LEFT JOIN identity.users s ON p.is_base AND s.uuid = p.uuid
  LEFT JOIN LATERAL (
    SELECT id, state, issued_at FROM identity.applications WHERE project_id = p.id ORDER BY id DESC LIMIT 1) AS a ON true
  LEFT JOIN identity.memberships m ON m.project_id = p.id AND m.user_id = ${viewer}`

interface SortKey {
  column: Sql
  type: Sql
}

function sortKey({ sort, withSystem }: ProjectPage): SortKey {
  // The names of system projects are no words: their order is that of the bytes.
  if (sort === 'name') return { column: withSystem ? sql`p.realname` : sql`lower(p.realname)`, type: sql`text` }
  if (sort === 'ends') return { column: sql`p.end_date`, type: sql`timestamptz` }
  return withSystem ? { column: sql`p.id`, type: sql`bigint` } : { column: sql`p.created_at`, type: sql`timestamptz` }
}

function beyond({ column, type }: SortKey, { value, id }: { value: string; id: bigint }, descending: boolean): Sql {
  const than = descending ? sql`<` : sql`>`
  return sql`(${column}, p.id) ${than} (${value}::${type}, ${id})`
}

/** The index knows which names hold all parts of the text; those that hold it whole are fewer. Names are ASCII. */
function named(text: string): Sql {
  const whole = text.toLowerCase()
  const parts = Array.from({ length: Math.max(whole.length - 2, 1) }, (_, first) => whole.slice(first, first + 3))
  return sql`
    NOT p.is_base AND position(${whole} IN lower(p.realname)) > 0
    AND identity.name_parts(p.realname) @> ${parts}::text[]`
}

export interface MemberPageRow {
  id: bigint
  userId: bigint
  uuid: string
  email: string
  firstName: string
  lastName: string
  state: MembershipState
  /** When last accepted, or when the asking began. */
  acceptedAt: Date | null
  requestedAt: Date | null
}

export interface MemberPage {
  projectId: bigint
  states: readonly MembershipState[]
  after: bigint
  limit: number
}

export function pageOfMembers(db: Queryable, { projectId, states, after, limit }: MemberPage) {
  const entered = (state: string) =>
    sql`(SELECT max(l.at) FROM identity.membership_log l WHERE l.membership_id = m.id AND l.to_state = ${state})`
  return db.any<MemberPageRow>(sql`
    SELECT m.id, m.user_id AS "userId", u.uuid, u.email, u.first_name AS "firstName", u.last_name AS "lastName", m.state,
           ${entered('accepted')} AS "acceptedAt", ${entered('requested')} AS "requestedAt"
    FROM (
      SELECT * FROM identity.memberships m
      WHERE m.project_id = ${projectId} AND m.state = ANY(${states}::text[]) AND m.id > ${after}
      ORDER BY m.id LIMIT ${limit}
    ) AS m JOIN identity.users u ON u.id = m.user_id
    ORDER BY m.id`)
}

/** What these people use of the project, of each resource that pages show. */
export function usageOfMembers(db: Queryable, project: string, users: readonly string[]) {
  return db.any<{ user: string; resource: string; limit: bigint; usage: bigint }>(sql`
    SELECT substr(h.holder, 6) AS "user", h.resource, h."limit", h.usage_max AS usage
    FROM identity.holdings h JOIN identity.resources r ON r.name = h.resource AND r.ui_visible
    WHERE h.holder = ANY(${users.map((uuid) => `user:${uuid}`)}::text[]) AND h.source = ${`project:${project}`}
    ORDER BY h.holder, r.id`)
}
