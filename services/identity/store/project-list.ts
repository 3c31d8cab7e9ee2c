// Projects as operators list and show them.
import { type Queryable, type Sql, sql } from '@synnefo/lib/sql'
import type { MembershipState } from '../wire/membership-states.ts'
import type { ApplicationState, Policy, ProjectState } from '../wire/project-states.ts'

export interface ProjectSummary {
  id: bigint
  uuid: string
  realname: string
  state: ProjectState
  isBase: boolean
  ownerUuid: string | null
  ownerEmail: string | null
  homepage: string
  description: string
  createdAt: Date
  endDate: Date
  joinPolicy: Policy
  leavePolicy: Policy
  maxMembers: bigint
  /** When it was suspended or terminated, while it is. */
  deactivatedAt: Date | null
  lastApplication: bigint | null
  lastApplicationState: ApplicationState | null
}

const SUMMARY = sql`
  p.id, p.uuid, p.realname, p.state, p.is_base AS "isBase", o.uuid AS "ownerUuid", o.email AS "ownerEmail", p.homepage,
  p.description, p.created_at AS "createdAt", p.end_date AS "endDate", p.join_policy AS "joinPolicy",
  p.leave_policy AS "leavePolicy", p.max_members AS "maxMembers", a.id AS "lastApplication", a.state AS "lastApplicationState",
  CASE WHEN p.state IN ('suspended', 'terminated') THEN
    (SELECT max(g.at) FROM identity.project_log g WHERE g.project_id = p.id AND g.to_state = p.state) END AS "deactivatedAt"`
const PROJECTS = sql`
  identity.projects p LEFT JOIN identity.users o ON o.id = p.owner_id
  LEFT JOIN LATERAL (
    SELECT id, state FROM identity.applications WHERE project_id = p.id ORDER BY id DESC LIMIT 1) AS a ON true`

export interface SummaryFilter {
  condition: Sql
  /** Not approved yet, and somebody waits for it. */
  isNew: boolean
  /** Approved, and somebody waits for a change. */
  isModified: boolean
  withDeleted: boolean
  withSystem: boolean
}

export function listSummaries(db: Queryable, { condition, isNew, isModified, withDeleted, withSystem }: SummaryFilter) {
  const initialized = sql`p.state IN ('active', 'suspended', 'terminated')`
  return db.any<ProjectSummary>(sql`
    SELECT ${SUMMARY} FROM ${PROJECTS}
    WHERE (${withSystem} OR NOT p.is_base) AND (${withDeleted} OR p.state NOT IN ('terminated', 'deleted'))
      AND (NOT ${isNew || isModified} OR (a.state = 'pending'
           AND (${isNew} AND p.state = 'uninitialized' OR ${isModified} AND ${initialized})))
      AND ${condition}
    ORDER BY p.id`)
}

export function findSummary(db: Queryable, uuid: string) {
  return db.maybeOne<ProjectSummary>(sql`SELECT ${SUMMARY} FROM ${PROJECTS} WHERE p.uuid = ${uuid}`)
}

export interface ProjectLimitRow {
  resource: string
  unit: 'bytes' | null
  member: bigint
  project: bigint
  usage: bigint
}

/** What the project grants of each resource, and what is used of it. */
export function limitsOfProject(db: Queryable, uuid: string) {
  return db.any<ProjectLimitRow>(sql`
    SELECT r.name AS resource, r.unit, l.member_capacity AS member, l.project_capacity AS project, coalesce(h.usage_max, 0) AS usage
    FROM identity.projects p
    JOIN identity.project_limits l ON l.project_id = p.id
    JOIN identity.resources r ON r.name = l.resource
    LEFT JOIN identity.holdings h ON h.holder = 'project:' || p.uuid AND h.source = '' AND h.resource = r.name
    WHERE p.uuid = ${uuid} ORDER BY r.id`)
}

/** Everybody who is in it, or asks to be. */
export function membersOfProject(db: Queryable, uuid: string) {
  return db.any<{ uuid: string; email: string; state: MembershipState }>(sql`
    SELECT u.uuid, u.email, m.state FROM identity.projects p
    JOIN identity.memberships m ON m.project_id = p.id AND m.state IN ('requested', 'accepted', 'leave_requested', 'suspended')
    JOIN identity.users u ON u.id = m.user_id
    WHERE p.uuid = ${uuid} ORDER BY m.id`)
}
