import { join, type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'
import type { MembershipState } from '../wire/membership-states.ts'
import type { ApplicationState, Policy, ProjectState } from '../wire/project-states.ts'

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

/** Locks all that the person has a part in, in the order in which everybody locks projects. */
export function lockProjectsOf(tx: Tx, userId: bigint) {
  return tx.run(sql`
    SELECT FROM identity.projects p
    WHERE p.id IN (
      SELECT id FROM identity.projects WHERE owner_id = ${userId}
      UNION SELECT project_id FROM identity.memberships WHERE user_id = ${userId})
    ORDER BY p.id FOR NO KEY UPDATE`)
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

/** Changes the state of the person's memberships. */
export function changeMembershipsOf(tx: Tx, change: StateChange) {
  const { userId, from, to, reason, lastReason = null } = change
  return tx.any<{ id: bigint; projectId: bigint }>(sql`
    WITH chosen AS (
      SELECT m.id, m.state FROM identity.memberships m
      WHERE m.user_id = ${userId} AND m.state = ANY(${from})
        AND (${lastReason}::text IS NULL OR ${lastReason} = (
          SELECT l.reason FROM identity.membership_log l WHERE l.membership_id = m.id ORDER BY l.id DESC LIMIT 1))
      ORDER BY m.id FOR NO KEY UPDATE
    ), log AS (
      INSERT INTO identity.membership_log (membership_id, from_state, to_state, reason) SELECT id, state, ${to}, ${reason} FROM chosen
    )
    UPDATE identity.memberships m SET state = ${to} FROM chosen c WHERE m.id = c.id RETURNING m.id, m.project_id AS "projectId"`)
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

export function ownedProjects(db: Queryable, userId: bigint) {
  return db.any<{ uuid: string; realname: string; state: ProjectState; pendingApplication: bigint | null }>(sql`
    SELECT p.uuid, p.realname, p.state,
           (SELECT max(a.id) FROM identity.applications a WHERE a.project_id = p.id AND a.state = 'pending') AS "pendingApplication"
    FROM identity.projects p WHERE p.owner_id = ${userId} ORDER BY p.id`)
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

/** What an owner, an application or an operator may change. */
export interface ProjectFields {
  name: string
  ownerId: bigint | null
  homepage: string
  description: string
  endDate: Date
  joinPolicy: Policy
  leavePolicy: Policy
  maxMembers: bigint
  private: boolean
}

export interface LockedProject extends ProjectRow, Omit<ProjectFields, 'name'> {
  /** Kept also while the name is free for others. */
  realname: string
}

const LOCKED = sql`
  p.id, p.uuid, p.state, p.is_base AS "isBase", p.realname, p.owner_id AS "ownerId", p.homepage, p.description,
  p.end_date AS "endDate", p.join_policy AS "joinPolicy", p.leave_policy AS "leavePolicy", p.max_members AS "maxMembers",
  p.private`

/** Locks the project until commit: its state, its members and its applications change one after the other. After people, before memberships. */
export function lockProject(tx: Tx, uuid: string) {
  return tx.maybeOne<LockedProject>(sql`SELECT ${LOCKED} FROM identity.projects p WHERE p.uuid = ${uuid} FOR NO KEY UPDATE`)
}

/** Keeps the project's state as it is until commit, for those who act on the strength of it. */
export function findSettledProject(tx: Tx, uuid: string) {
  return tx.maybeOne<ProjectRow>(sql`
    SELECT id, uuid, state, is_base AS "isBase" FROM identity.projects WHERE uuid = ${uuid} FOR SHARE`)
}

export function findProjectForEnrolment(db: Queryable, uuid: string) {
  return db.maybeOne<ProjectRow & { ownerId: bigint | null }>(sql`
    SELECT id, uuid, state, is_base AS "isBase", owner_id AS "ownerId" FROM identity.projects WHERE uuid = ${uuid}`)
}

/** A project that is applied for. Its name is free until approval. */
export function insertProject(tx: Tx, uuid: string, { name, ...fields }: ProjectFields) {
  return tx.one<LockedProject>(sql`
    WITH project AS (
      INSERT INTO identity.projects AS p (uuid, realname, owner_id, homepage, description, end_date, join_policy, leave_policy,
                                     max_members, private, state)
      VALUES (${uuid}, ${name}, ${fields.ownerId}, ${fields.homepage}, ${fields.description}, ${fields.endDate},
              ${fields.joinPolicy}, ${fields.leavePolicy}, ${fields.maxMembers}, ${fields.private}, 'uninitialized')
      RETURNING ${LOCKED}
    )
    SELECT * FROM project`)
}

export type ProjectColumns = Partial<ProjectFields & { state: ProjectState; nameHeld: string | null }>

const COLUMN_OF: Record<keyof ProjectColumns, Sql> = {
  name: sql`realname`,
  nameHeld: sql`name`,
  ownerId: sql`owner_id`,
  homepage: sql`homepage`,
  description: sql`description`,
  endDate: sql`end_date`,
  joinPolicy: sql`join_policy`,
  leavePolicy: sql`leave_policy`,
  maxMembers: sql`max_members`,
  private: sql`private`,
  state: sql`state`,
}

/** `nameHeld` is the name as other alive projects may not have it: a second one breaks `projects_name_key`. */
export async function updateProject(tx: Tx, id: bigint, change: ProjectColumns): Promise<void> {
  const names = (Object.keys(COLUMN_OF) as (keyof ProjectColumns)[]).filter((name) => change[name] !== undefined)
  if (names.length === 0) return
  const assignments = names.map((name) => sql`${COLUMN_OF[name]} = ${change[name]}`)
  await tx.run(sql`UPDATE identity.projects SET ${join(assignments, ', ')} WHERE id = ${id}`)
}

export interface ProjectLogEntry {
  projectId: bigint
  from: ProjectState | null
  to: ProjectState
  actor: string | null
  reason: string
  comments?: string
}

export function insertProjectLog(tx: Tx, { projectId, from, to, actor, reason, comments = '' }: ProjectLogEntry) {
  return tx.run(sql`
    INSERT INTO identity.project_log (project_id, from_state, to_state, actor, reason, comments)
    VALUES (${projectId}, ${from}, ${to}, ${actor}, ${reason}, ${comments})`)
}

export interface Capacity {
  project: bigint
  member: bigint
}
/** What is granted, by resource. */
export type Limits = Readonly<Record<string, Capacity>>

/** Raises or lowers what the projects grant of these resources; the others stay as they are. */
export async function setLimits(tx: Tx, projectIds: readonly bigint[], limits: Limits): Promise<void> {
  const entries = Object.entries(limits)
  if (entries.length === 0) return
  await tx.run(sql`
    INSERT INTO identity.project_limits (project_id, resource, project_capacity, member_capacity)
    SELECT p.id, l.resource, l.project, l.member
    FROM unnest(${projectIds}::bigint[]) AS p(id)
    CROSS JOIN unnest(${entries.map(([resource]) => resource)}::text[], ${entries.map(([, { project }]) => project)}::bigint[],
                ${entries.map(([, { member }]) => member)}::bigint[]) AS l(resource, project, member)
    ORDER BY p.id, l.resource
    ON CONFLICT (project_id, resource)
    DO UPDATE SET project_capacity = excluded.project_capacity, member_capacity = excluded.member_capacity`)
}

/** A project that was just approved grants the defaults of whatever nobody asked for. */
export function fillMissingLimits(tx: Tx, projectId: bigint) {
  return tx.run(sql`
    INSERT INTO identity.project_limits (project_id, resource, project_capacity, member_capacity)
    SELECT ${projectId}, name, project_default, project_default FROM identity.resources
    ON CONFLICT DO NOTHING`)
}

/** Alive projects whose time ran out before then, longest ago first. */
export function expiredProjects(db: Queryable, before: Date, limit: number | null = null) {
  return db.any<ProjectRow & { realname: string; endDate: Date; lastApplication: ApplicationState | null }>(sql`
    SELECT p.id, p.uuid, p.state, p.is_base AS "isBase", p.realname, p.end_date AS "endDate",
           (SELECT a.state FROM identity.applications a WHERE a.project_id = p.id ORDER BY a.id DESC LIMIT 1) AS "lastApplication"
    FROM identity.projects p
    WHERE p.state IN ('active', 'suspended') AND NOT p.is_base AND p.end_date < ${before}
    ORDER BY p.end_date, p.id LIMIT ${limit}`)
}

/** The system projects but these, locked until commit. */
export function lockSystemProjects(tx: Tx, except: readonly string[]) {
  return tx.any<{ id: bigint; uuid: string }>(sql`
    SELECT id, uuid FROM identity.projects WHERE is_base AND uuid <> ALL(${except}::text[]) ORDER BY id FOR NO KEY UPDATE`)
}

export async function updateProjects(tx: Tx, ids: readonly bigint[], change: Omit<ProjectColumns, 'name' | 'nameHeld'>) {
  const names = (Object.keys(change) as (keyof typeof change)[]).filter((name) => change[name] !== undefined)
  if (names.length === 0) return
  const assignments = names.map((name) => sql`${COLUMN_OF[name]} = ${change[name]}`)
  await tx.run(sql`UPDATE identity.projects SET ${join(assignments, ', ')} WHERE id = ANY(${ids}::bigint[])`)
}
