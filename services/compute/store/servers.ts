import { join, type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'
import type { Condition, OperState, Task } from '../wire/server-states.ts'

export interface ServerRow extends Condition {
  id: bigint
  name: string
  userId: string
  project: string
  sharedToProject: boolean
  backend: string
  flavorId: bigint
  imageId: string
  keyNames: string[]
  taskOptions: TaskOptions
  intent: string | null
  commission: bigint | null
  buildPercent: number
  buildStep: string
  settledAt: Date
  createdAt: Date
  updatedAt: Date
}

/** How a task is to be done, such as a reboot that cuts the power. */
export interface TaskOptions {
  hard?: boolean
}

const SERVER = sql`s.id, s.name, s.user_id AS "userId", s.project, s.shared_to_project AS "sharedToProject", b.name AS backend,
  s.flavor_id AS "flavorId", s.image_id AS "imageId", s.key_names AS "keyNames", s.suspended, s.deleted, s.operstate, s.task,
  s.task_options AS "taskOptions", s.intent, s.commission, s.build_percent AS "buildPercent", s.build_step AS "buildStep",
  s.settled_at AS "settledAt", s.created_at AS "createdAt", s.updated_at AS "updatedAt"`
const FROM = sql`compute.servers s JOIN compute.backends b ON b.id = s.backend_id`

/** Owned, or shared to a project that the caller is in. */
const VISIBLE = (userId: string, projects: readonly string[]): Sql =>
  sql`(s.user_id = ${userId} OR (s.shared_to_project AND s.project = ANY(${projects}::uuid[])))`

export interface Viewer {
  userId: string
  projects: readonly string[]
}

export function serverVisibleTo(db: Queryable, { userId, projects }: Viewer, id: bigint): Promise<ServerRow | undefined> {
  return db.maybeOne<ServerRow>(sql`SELECT ${SERVER} FROM ${FROM} WHERE s.id = ${id} AND ${VISIBLE(userId, projects)}`)
}

/** Locks the row until commit. Lock order: server, network, address pool, address, volume, holdings. */
export function lockServerVisibleTo(tx: Tx, { userId, projects }: Viewer, id: bigint): Promise<ServerRow | undefined> {
  return tx.maybeOne<ServerRow>(sql`
    SELECT ${SERVER} FROM ${FROM} WHERE s.id = ${id} AND ${VISIBLE(userId, projects)} FOR UPDATE OF s`)
}

/** Locks the row until commit, whoever it belongs to. */
export function lockServer(tx: Tx, id: bigint): Promise<ServerRow | undefined> {
  return tx.maybeOne<ServerRow>(sql`SELECT ${SERVER} FROM ${FROM} WHERE s.id = ${id} FOR UPDATE OF s`)
}

export interface ServerFilter {
  /** Those that changed at or after this moment, deleted ones too; without it only live ones. */
  changedSince?: Date
  /** Id of the last one seen. */
  marker?: bigint
  limit?: number
  operstate?: OperState
  name?: string
  imageId?: string
  flavorId?: bigint
}

export function serversVisibleTo(db: Queryable, { userId, projects }: Viewer, filter: ServerFilter): Promise<ServerRow[]> {
  return db.any<ServerRow>(sql`
    SELECT ${SERVER} FROM ${FROM}
    WHERE ${VISIBLE(userId, projects)}
      AND CASE WHEN ${filter.changedSince ?? null}::timestamptz IS NULL THEN NOT s.deleted ELSE s.updated_at >= ${filter.changedSince ?? null} END
      AND s.id > ${filter.marker ?? 0n}
      AND (${filter.operstate ?? null}::text IS NULL OR s.operstate = ${filter.operstate ?? null})
      AND (${filter.name ?? null}::text IS NULL OR s.name = ${filter.name ?? null})
      AND (${filter.imageId ?? null}::text IS NULL OR s.image_id = ${filter.imageId ?? null})
      AND (${filter.flavorId ?? null}::int8 IS NULL OR s.flavor_id = ${filter.flavorId ?? null})
    ORDER BY s.id LIMIT ${filter.limit ?? null}`)
}

/** For administrators: everybody's, those that meet all conditions on `s` (the server) and `b` (its backend). */
export function allServers(db: Queryable, conditions: readonly Sql[]): Promise<ServerRow[]> {
  return db.any<ServerRow>(sql`SELECT ${SERVER} FROM ${FROM} WHERE ${join([sql`true`, ...conditions], ' AND ')} ORDER BY s.id`)
}

export function serverById(db: Queryable, id: bigint): Promise<ServerRow | undefined> {
  return db.maybeOne<ServerRow>(sql`SELECT ${SERVER} FROM ${FROM} WHERE s.id = ${id}`)
}

/** All live servers of a backend: what the reconciler compares with what is there. */
export function serversOnBackend(db: Queryable, backend: string): Promise<ServerRow[]> {
  return db.any<ServerRow>(sql`SELECT ${SERVER} FROM ${FROM} WHERE b.name = ${backend} AND NOT s.deleted ORDER BY s.id`)
}

export interface NewServerRow {
  name: string
  userId: string
  project: string
  sharedToProject: boolean
  backend: string
  flavorId: bigint
  imageId: string
  keyNames: readonly string[]
}

export async function insertServer(tx: Tx, server: NewServerRow): Promise<bigint> {
  const { id } = await tx.one<{ id: bigint }>(sql`
    INSERT INTO compute.servers (name, user_id, project, shared_to_project, backend_id, flavor_id, image_id, key_names)
    SELECT ${server.name}, ${server.userId}, ${server.project}, ${server.sharedToProject}, id, ${server.flavorId}, ${server.imageId}, ${server.keyNames}::text[]
    FROM compute.backends WHERE name = ${server.backend}
    RETURNING id`)
  return id
}

export async function setServerTask(
  tx: Tx,
  id: bigint,
  { task, options = {}, intent, commission }: { task: Task; options?: TaskOptions; intent: string; commission: bigint | null },
): Promise<void> {
  await tx.run(sql`
    UPDATE compute.servers SET task = ${task}, task_options = ${options}, intent = ${intent}, commission = ${commission}, updated_at = now()
    WHERE id = ${id}`)
}

/** The task is over; its commission has been resolved. */
export async function settleServer(tx: Tx, id: bigint, operstate: OperState): Promise<void> {
  await tx.run(sql`
    UPDATE compute.servers SET operstate = ${operstate}, task = NULL, task_options = '{}', intent = NULL, commission = NULL,
      build_step = '', deleted = deleted OR ${operstate === 'DESTROYED'}, settled_at = clock_timestamp(), updated_at = now()
    WHERE id = ${id}`)
}

export async function renameServer(tx: Tx, id: bigint, name: string): Promise<void> {
  await tx.run(sql`UPDATE compute.servers SET name = ${name}, updated_at = now() WHERE id = ${id}`)
}

/** Something that belongs to the server changed, so that changes-since finds it. */
export async function touchServer(tx: Tx, id: bigint): Promise<void> {
  await tx.run(sql`UPDATE compute.servers SET updated_at = now() WHERE id = ${id}`)
}

/** Answers whether anything changed. */
export async function setBuildProgress(tx: Tx, id: bigint, percent: number, step: string): Promise<boolean> {
  const changed = await tx.run(sql`
    UPDATE compute.servers SET build_percent = ${percent}, build_step = ${step}, updated_at = now()
    WHERE id = ${id} AND task = 'BUILD' AND (build_percent, build_step) <> (${percent}, ${step})`)
  return changed > 0
}
