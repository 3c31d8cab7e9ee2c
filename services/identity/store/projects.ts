import { join, type Queryable, sql, type Tx } from '@synnefo/lib/sql'
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

/** Removes a person's own project with what was held of it, for a person who never used it. */
export async function deleteSystemProject(tx: Tx, userUuid: string): Promise<void> {
  await tx.run(sql`DELETE FROM identity.projects WHERE uuid = ${userUuid} AND is_base`)
  await tx.run(sql`
    DELETE FROM identity.holdings
    WHERE holder = ANY(${[`user:${userUuid}`, `project:${userUuid}`]}::text[]) AND usage_max = 0`)
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

/** The active projects that the person may use, as Keystone names them. */
export function tenantsOf(db: Queryable, userId: bigint) {
  return db.any<{ id: string; name: string; description: string }>(sql`
    SELECT p.uuid AS id, p.realname AS name, p.description
    FROM identity.memberships m JOIN identity.projects p ON p.id = m.project_id
    WHERE m.user_id = ${userId} AND m.state IN ('accepted', 'leave_requested') AND p.state = 'active'
    ORDER BY p.id`)
}

export interface ProjectView extends ProjectRow {
  realname: string
  owner: string | null
  homepage: string
  description: string
  createdAt: Date
  endDate: Date
  joinPolicy: 'auto' | 'moderated' | 'closed'
  leavePolicy: 'auto' | 'moderated' | 'closed'
  maxMembers: bigint
  private: boolean
  resources: Record<string, { member_capacity: number | bigint; project_capacity: number | bigint }>
  /** When it was suspended or terminated, while it is. */
  deactivatedAt: Date | null
  isOwner: boolean
  /** The viewer owns it or is in it. */
  isRelated: boolean
}

const view = (viewer: bigint) => sql`
  p.id, p.uuid, p.state, p.is_base AS "isBase", p.realname, o.uuid AS owner, p.homepage, p.description,
  p.created_at AS "createdAt", p.end_date AS "endDate", p.join_policy AS "joinPolicy", p.leave_policy AS "leavePolicy",
  p.max_members AS "maxMembers", p.private, coalesce(p.owner_id = ${viewer}, false) AS "isOwner",
  (SELECT coalesce(json_object_agg(l.resource, json_build_object(
            'member_capacity', l.member_capacity, 'project_capacity', l.project_capacity) ORDER BY r.id), '{}')
   FROM identity.project_limits l JOIN identity.resources r ON r.name = l.resource AND r.api_visible
   WHERE l.project_id = p.id) AS resources,
  CASE WHEN p.state IN ('suspended', 'terminated') THEN
    (SELECT max(g.at) FROM identity.project_log g WHERE g.project_id = p.id AND g.to_state = p.state) END AS "deactivatedAt",
  ${related(viewer)} AS "isRelated"`

const related = (viewer: bigint) => sql`
  (p.owner_id IS NOT DISTINCT FROM ${viewer} OR EXISTS (
    SELECT FROM identity.memberships m
    WHERE m.project_id = p.id AND m.user_id = ${viewer} AND m.state IN ('accepted', 'leave_requested', 'suspended')))`

export function viewProject(db: Queryable, uuid: string, viewer: bigint) {
  return db.maybeOne<ProjectView>(sql`
    SELECT ${view(viewer)} FROM identity.projects p LEFT JOIN identity.users o ON o.id = p.owner_id WHERE p.uuid = ${uuid}`)
}

export interface ProjectFilter {
  name?: string
  /** uuid */
  owner?: string
  state?: ProjectState
  /** Projects after this one (uuid), in the order of the list. */
  marker?: string
  limit?: number
}

export interface ProjectList extends ProjectFilter {
  viewer: bigint
  /** A project admin. */
  seesAll: boolean
  mode: 'related' | 'member' | 'active'
}

export function listProjects(db: Queryable, list: ProjectList) {
  const { viewer, seesAll, mode, name, owner, state, marker, limit } = list
  const isMember = sql`p.state = 'active' AND p.id IN (
    SELECT m.project_id FROM identity.memberships m WHERE m.user_id = ${viewer} AND m.state IN ('accepted', 'leave_requested'))`
  const isRelated = sql`p.id IN (
    SELECT id FROM identity.projects WHERE owner_id = ${viewer}
    UNION ALL SELECT m.project_id FROM identity.memberships m
    WHERE m.user_id = ${viewer} AND m.state IN ('accepted', 'leave_requested', 'suspended'))`
  const isPublic = sql`p.state = 'active' AND NOT p.private`
  const shown = mode === 'member' ? isMember : seesAll ? sql`true` : mode === 'active' ? isPublic : isRelated
  const conditions = [
    shown,
    ...(name === undefined ? [] : [sql`p.realname = ${name}`]),
    ...(owner === undefined ? [] : [sql`o.uuid = ${owner}`]),
    ...(state === undefined ? [] : [sql`p.state = ${state}`]),
    ...(marker === undefined ? [] : [sql`p.id > (SELECT id FROM identity.projects WHERE uuid = ${marker})`]),
  ]
  return db.any<ProjectView>(sql`
    SELECT ${view(viewer)} FROM identity.projects p LEFT JOIN identity.users o ON o.id = p.owner_id
    WHERE ${join(conditions, ' AND ')} ORDER BY p.id LIMIT ${limit ?? null}`)
}

export interface MembershipView {
  id: bigint
  userId: bigint
  user: string
  project: string
  ownerId: bigint | null
  state: MembershipState
  projectState: ProjectState
  joinPolicy: 'auto' | 'moderated' | 'closed'
  leavePolicy: 'auto' | 'moderated' | 'closed'
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

export function listMemberships(db: Queryable, list: { viewer: bigint; seesAll: boolean; project: string | undefined }) {
  const { viewer, seesAll, project } = list
  const theirs = sql`m.id IN (
    SELECT id FROM identity.memberships WHERE user_id = ${viewer}
    UNION ALL SELECT o.id FROM identity.memberships o JOIN identity.projects q ON q.id = o.project_id WHERE q.owner_id = ${viewer})`
  const conditions = [seesAll ? sql`true` : theirs, ...(project === undefined ? [] : [sql`p.uuid = ${project}`])]
  return db.any<MembershipView>(sql`SELECT ${MEMBERSHIP} FROM ${MEMBERSHIPS} WHERE ${join(conditions, ' AND ')} ORDER BY m.id`)
}

export function ownedProjects(db: Queryable, userId: bigint) {
  return db.any<{ uuid: string; realname: string; state: ProjectState }>(sql`
    SELECT uuid, realname, state FROM identity.projects WHERE owner_id = ${userId} ORDER BY id`)
}

/** The projects that the person is or was in, with the state of the membership. */
export function membershipsOf(db: Queryable, userId: bigint) {
  return db.any<{ uuid: string; realname: string; state: MembershipState }>(sql`
    SELECT p.uuid, p.realname, m.state FROM identity.memberships m JOIN identity.projects p ON p.id = m.project_id
    WHERE m.user_id = ${userId} ORDER BY m.id`)
}

export function findOwnMembership(db: Queryable, userId: bigint, project: string) {
  return db.maybeOne<{ state: MembershipState; projectState: ProjectState }>(sql`
    SELECT m.state, p.state AS "projectState" FROM identity.memberships m JOIN identity.projects p ON p.id = m.project_id
    WHERE m.user_id = ${userId} AND p.uuid = ${project}`)
}
