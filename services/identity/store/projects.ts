import { sql, type Tx } from '@synnefo/lib/sql'
import type { MembershipState, ProjectState } from '../wire/project-states.ts'

export interface ProjectRow {
  id: bigint
  uuid: string
  state: ProjectState
  isBase: boolean
}

/** A person's own project, with the system defaults as limits. The name is free for it: it has none. */
export function insertSystemProject(tx: Tx, userUuid: string) {
  return tx.one<{ id: bigint }>(sql`
    WITH project AS (
      INSERT INTO identity.projects (uuid, realname, end_date, join_policy, leave_policy, max_members, private, is_base, state)
      VALUES (${userUuid}, ${`system:${userUuid}`}, now() + interval '100 years', 'closed', 'closed', 1, true, true, 'active')
      RETURNING id
    ), limits AS (
      INSERT INTO identity.project_limits (project_id, resource, project_capacity, member_capacity)
      SELECT p.id, r.name, r.system_default, r.system_default FROM project p CROSS JOIN identity.resources r
    ), log AS (
      INSERT INTO identity.project_log (project_id, to_state, reason) SELECT id, 'active', 'system project' FROM project
    )
    SELECT id FROM project`)
}

export function insertMembership(tx: Tx, userId: bigint, projectId: bigint, state: MembershipState) {
  return tx.run(sql`
    WITH membership AS (
      INSERT INTO identity.memberships (user_id, project_id, state, initialized)
      VALUES (${userId}, ${projectId}, ${state}, ${state === 'accepted'})
      RETURNING id, state
    )
    INSERT INTO identity.membership_log (membership_id, to_state) SELECT id, state FROM membership`)
}

export function findProjectByUuid(tx: Tx, uuid: string) {
  return tx.maybeOne<ProjectRow>(sql`SELECT id, uuid, state, is_base AS "isBase" FROM identity.projects WHERE uuid = ${uuid}`)
}

interface StateChange {
  userId: bigint
  from: string[]
  to: string
  reason: string
  /** Only those whose newest change of state has this reason. */
  lastReason?: string
}

/** Changes the state of the projects that stand for the person: the system project, and those he owns. Answers their ids. */
export async function changeProjectsOf(tx: Tx, change: StateChange): Promise<bigint[]> {
  const { userId, from, to, reason, lastReason = null } = change
  const rows = await tx.any<{ id: bigint }>(sql`
    WITH chosen AS (
      SELECT p.id, p.state FROM identity.projects p
      WHERE (p.owner_id = ${userId} OR p.is_base AND p.uuid = (SELECT uuid FROM identity.users WHERE id = ${userId}))
        AND p.state = ANY(${from})
        AND (${lastReason}::text IS NULL OR ${lastReason} = (
          SELECT l.reason FROM identity.project_log l WHERE l.project_id = p.id ORDER BY l.id DESC LIMIT 1))
      ORDER BY p.id FOR NO KEY UPDATE
    ), log AS (
      INSERT INTO identity.project_log (project_id, from_state, to_state, reason) SELECT id, state, ${to}, ${reason} FROM chosen
    )
    UPDATE identity.projects p SET state = ${to} FROM chosen c WHERE p.id = c.id RETURNING p.id`)
  return rows.map(({ id }) => id)
}

/** Changes the state of the person's memberships. Answers the ids of the projects. */
export async function changeMembershipsOf(tx: Tx, change: StateChange): Promise<bigint[]> {
  const { userId, from, to, reason, lastReason = null } = change
  const rows = await tx.any<{ id: bigint }>(sql`
    WITH chosen AS (
      SELECT m.id, m.state FROM identity.memberships m
      WHERE m.user_id = ${userId} AND m.state = ANY(${from})
        AND (${lastReason}::text IS NULL OR ${lastReason} = (
          SELECT l.reason FROM identity.membership_log l WHERE l.membership_id = m.id ORDER BY l.id DESC LIMIT 1))
      ORDER BY m.id FOR NO KEY UPDATE
    ), log AS (
      INSERT INTO identity.membership_log (membership_id, from_state, to_state, reason) SELECT id, state, ${to}, ${reason} FROM chosen
    )
    UPDATE identity.memberships m SET state = ${to} FROM chosen c WHERE m.id = c.id RETURNING m.project_id AS id`)
  return rows.map(({ id }) => id)
}

/** Raises or lowers what a project grants of one resource. */
export function setProjectLimit(tx: Tx, projectId: bigint, resource: string, capacity: { project: bigint; member: bigint }) {
  return tx.run(sql`
    INSERT INTO identity.project_limits (project_id, resource, project_capacity, member_capacity)
    VALUES (${projectId}, ${resource}, ${capacity.project}, ${capacity.member})
    ON CONFLICT (project_id, resource)
    DO UPDATE SET project_capacity = excluded.project_capacity, member_capacity = excluded.member_capacity`)
}
