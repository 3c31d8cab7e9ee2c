import { join, type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'
import type { MembershipState } from '../wire/membership-states.ts'
import type { Policy, ProjectState } from '../wire/project-states.ts'

export interface MembershipRow {
  id: bigint
  userId: bigint
  projectId: bigint
  state: MembershipState
}

/** Locks the membership until commit. After its person and its project. */
export function lockMembership(tx: Tx, userId: bigint, projectId: bigint) {
  return tx.maybeOne<MembershipRow>(sql`
    SELECT id, user_id AS "userId", project_id AS "projectId", state FROM identity.memberships
    WHERE user_id = ${userId} AND project_id = ${projectId} FOR NO KEY UPDATE`)
}

/** How many places of the (locked) project are taken. */
export async function countMembers(db: Queryable, projectId: bigint): Promise<bigint> {
  const { count } = await db.one<{ count: bigint }>(sql`
    SELECT count(*) AS count FROM identity.memberships
    WHERE project_id = ${projectId} AND state IN ('accepted', 'leave_requested', 'suspended')`)
  return count
}

export interface StateChange {
  userId: bigint
  projectId: bigint
  from: MembershipState | null
  to: MembershipState
  actor: string
  reason: string
}

/** Records where a membership is now, with the note that it came there; answers its id. */
export async function writeMembership(tx: Tx, { userId, projectId, from, to, actor, reason }: StateChange): Promise<bigint> {
  const { id } = await tx.one<{ id: bigint }>(sql`
    WITH membership AS (
      INSERT INTO identity.memberships AS m (user_id, project_id, state, initialized)
      VALUES (${userId}, ${projectId}, ${to}, ${to === 'accepted'})
      ON CONFLICT (user_id, project_id)
      DO UPDATE SET state = excluded.state, initialized = m.initialized OR excluded.initialized
      RETURNING id
    ), log AS (
      INSERT INTO identity.membership_log (membership_id, from_state, to_state, actor, reason)
      SELECT id, ${from}, ${to}, ${actor}, ${reason} FROM membership
    )
    SELECT id FROM membership`)
  return id
}

/** Those who may use the project, or could until a moment ago: authentication knows of it. */
export async function memberUuids(db: Queryable, projectIds: readonly bigint[]): Promise<string[]> {
  const rows = await db.any<{ uuid: string }>(sql`
    SELECT DISTINCT u.uuid FROM identity.memberships m JOIN identity.users u ON u.id = m.user_id
    WHERE m.project_id = ANY(${projectIds}::bigint[]) AND m.state IN ('accepted', 'leave_requested')`)
  return rows.map(({ uuid }) => uuid)
}

/** Locks those for whom the project pays when they name none. Before the project. */
export function lockPayingFrom(tx: Tx, project: string) {
  return tx.run(sql`
    SELECT FROM identity.users WHERE default_project = ${project} AND default_project <> uuid ORDER BY id FOR NO KEY UPDATE`)
}

/** Their system project pays from now on, for everybody or for one person. */
export function payFromSystemProject(tx: Tx, project: string, userId: bigint | null = null) {
  return tx.run(sql`
    UPDATE identity.users SET default_project = uuid
    WHERE default_project = ${project} AND default_project <> uuid AND (${userId}::bigint IS NULL OR id = ${userId})`)
}

export interface MembershipView {
  id: bigint
  userId: bigint
  user: string
  project: string
  ownerId: bigint | null
  state: MembershipState
  projectState: ProjectState
  joinPolicy: Policy
  leavePolicy: Policy
  /** When each state was last entered, as ISO text. */
  entered: Partial<Record<MembershipState, string>>
}

const MEMBERSHIP = sql`
  m.id, m.user_id AS "userId", u.uuid AS "user", p.uuid AS project, p.owner_id AS "ownerId", m.state, p.state AS "projectState",
  p.join_policy AS "joinPolicy", p.leave_policy AS "leavePolicy",
  (SELECT coalesce(json_object_agg(to_state, at), '{}') FROM (
     SELECT to_state, max(at) AS at FROM identity.membership_log WHERE membership_id = m.id GROUP BY to_state) AS latest) AS entered`
const MEMBERSHIPS = sql`identity.memberships m JOIN identity.users u ON u.id = m.user_id JOIN identity.projects p ON p.id = m.project_id`

export function findMembership(db: Queryable, id: bigint) {
  return db.maybeOne<MembershipView>(sql`SELECT ${MEMBERSHIP} FROM ${MEMBERSHIPS} WHERE m.id = ${id}`)
}

export interface MembershipList {
  viewer: bigint
  /** A project admin. */
  seesAll: boolean
  project: string | undefined
  marker: bigint | undefined
  limit: number | undefined
}

export function listMemberships(db: Queryable, { viewer, seesAll, project, marker, limit }: MembershipList) {
  const theirs = sql`m.id IN (
    SELECT id FROM identity.memberships WHERE user_id = ${viewer}
    UNION ALL SELECT o.id FROM identity.memberships o JOIN identity.projects q ON q.id = o.project_id WHERE q.owner_id = ${viewer})`
  const conditions: Sql[] = [
    seesAll ? sql`true` : theirs,
    ...(project === undefined ? [] : [sql`p.uuid = ${project}`]),
    ...(marker === undefined ? [] : [sql`m.id > ${marker}`]),
  ]
  return db.any<MembershipView>(sql`
    SELECT ${MEMBERSHIP} FROM ${MEMBERSHIPS} WHERE ${join(conditions, ' AND ')} ORDER BY m.id LIMIT ${limit ?? null}`)
}
