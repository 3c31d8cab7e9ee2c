import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import type { SharedPath } from '../objects/spans.ts'
import { EVERYBODY, rightTo } from './rights.ts'
import { subjectsOf } from './subjects.ts'

/** The entries of a path itself. */
export function permissionsOf(q: Queryable, containerId: bigint, name: string) {
  return q.any<{ subject: string; access: 'read' | 'write' }>(sql`
    SELECT subject, access FROM object_store.permissions
    WHERE container_id = ${containerId} AND name = ${name} ORDER BY subject, access`)
}

export async function setPermissions(
  tx: Tx,
  containerId: bigint,
  name: string,
  { read, write }: { read: readonly string[]; write: readonly string[] },
): Promise<void> {
  await tx.run(sql`DELETE FROM object_store.permissions WHERE container_id = ${containerId} AND name = ${name}`)
  if (read.length + write.length === 0) return
  await tx.run(sql`
    INSERT INTO object_store.permissions (container_id, name, subject, access)
    SELECT ${containerId}::bigint, ${name}, subject, 'read' FROM unnest(${read as string[]}::text[]) AS subject
    UNION SELECT ${containerId}::bigint, ${name}, subject, 'write' FROM unnest(${write as string[]}::text[]) AS subject`)
}

const IS_FOLDER = sql`
  EXISTS (SELECT FROM object_store.versions folder
    WHERE folder.container_id = p.container_id AND folder.name = p.name AND folder.state = 'current'
      AND object_store.is_folder(folder.content_type))`

/** Every path in a container that carries permissions, as granted. */
export function sharedPaths(q: Queryable, containerId: bigint) {
  return q.any<SharedPath>(sql`
    SELECT name, true AS granted, ${IS_FOLDER} AS folder
    FROM (SELECT DISTINCT container_id, name FROM object_store.permissions WHERE container_id = ${containerId}) p`)
}

/** The paths in a container that decide what a person may read there: those that name him, and those under them that do not. */
export function pathsReadableBy(q: Queryable, containerId: bigint, userId: string) {
  return q.any<SharedPath>(sql`
    WITH mine AS MATERIALIZED (
      SELECT container_id, name, ${IS_FOLDER} AS folder FROM (
        SELECT DISTINCT container_id, name FROM object_store.permissions
        WHERE container_id = ${containerId} AND subject = ANY(${subjectsOf(userId)})) p
    ), closer AS (
      SELECT DISTINCT p.container_id, p.name FROM mine CROSS JOIN LATERAL (
        SELECT container_id, name FROM object_store.permissions
        WHERE permissions.container_id = mine.container_id
          AND permissions.name >= mine.name AND permissions.name < rtrim(mine.name, '/') || '0' -- what comes after the slash
      ) p
      WHERE folder AND NOT EXISTS (SELECT FROM mine other WHERE other.name = p.name)
    )
    SELECT name, true AS granted, folder FROM mine
    UNION ALL
    SELECT name, false, ${IS_FOLDER} FROM closer p`)
}

export function hasPermissionInContainer(q: Queryable, containerId: bigint, userId: string) {
  return q.one<{ answer: boolean }>(sql`
    SELECT EXISTS (
      SELECT FROM object_store.permissions WHERE container_id = ${containerId} AND subject = ANY(${subjectsOf(userId)})) AS answer`)
}

export function sharesWith(q: Queryable, account: string, userId: string) {
  return q.one<{ answer: boolean }>(sql`
    SELECT EXISTS (
      SELECT FROM object_store.permissions p JOIN object_store.containers c ON c.id = p.container_id
      WHERE c.account = ${account} AND p.subject = ANY(${subjectsOf(userId)})) AS answer`)
}

/**
 * Other people's accounts in which something is shared with this person, in order. Goes from container to container in
 * the index of each subject, however many entries there are in one.
 */
export function listSharers(q: Queryable, userId: string, { marker, limit }: { marker: string; limit: number }) {
  return q.any<{ account: string; changedAt: Date }>(sql`
    WITH RECURSIVE shared (subject, container_id) AS (
      SELECT subject, (SELECT min(container_id) FROM object_store.permissions p WHERE p.subject = mine.subject)
      FROM unnest(${subjectsOf(userId)}) AS mine (subject)
      UNION ALL
      SELECT subject, (
        SELECT min(p.container_id) FROM object_store.permissions p
        WHERE p.subject = shared.subject AND p.container_id > shared.container_id)
      FROM shared WHERE container_id IS NOT NULL
    ), sharer AS (
      SELECT DISTINCT c.account FROM shared JOIN object_store.containers c ON c.id = shared.container_id
      WHERE c.account <> ${userId} AND c.account > ${marker}
      ORDER BY c.account LIMIT ${limit}
    )
    SELECT account, (SELECT max(modified_at) FROM object_store.containers WHERE containers.account = sharer.account) AS "changedAt"
    FROM sharer ORDER BY account`)
}

/** Of these objects, those that everybody who has an account may read. */
export async function openToEverybody(q: Queryable, uuids: readonly string[]): Promise<Set<string>> {
  const rows = await q.any<{ uuid: string }>(sql`
    SELECT versions.uuid FROM object_store.versions
    WHERE versions.state = 'current' AND versions.uuid = ANY(${uuids as string[]}::uuid[])
      AND ${rightTo(EVERYBODY, sql`versions.container_id`, sql`versions.name`)} IS NOT NULL`)
  return new Set(rows.map(({ uuid }) => uuid))
}
