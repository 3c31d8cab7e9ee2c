import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import { subjectsOf } from './subjects.ts'

export interface PermissionRow {
  name: string
  subject: string
  access: 'read' | 'write'
  /** The person asked about is the subject, or in the group that is. */
  mine: boolean
}

/** Entries of these paths that matter: an ancestor's only while it is a current directory object. */
export function permissionsOf(q: Queryable, userId: string, containerId: bigint, name: string, ancestors: readonly string[]) {
  return q.any<PermissionRow>(sql`
    SELECT p.name, p.subject, p.access, p.subject = ANY(${subjectsOf(userId)}) AS mine FROM object_store.permissions p
    WHERE p.container_id = ${containerId} AND (p.name = ${name} OR (p.name = ANY(${ancestors as string[]}) AND EXISTS (
      SELECT FROM object_store.versions v
      WHERE v.container_id = p.container_id AND v.name = p.name AND v.state = 'current'
        AND split_part(v.content_type, ';', 1) IN ('application/directory', 'application/folder'))))`)
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

export function listSharers(q: Queryable, userId: string, { marker, limit }: { marker: string; limit: number }) {
  return q.any<{ account: string; changedAt: Date }>(sql`
    SELECT c.account, max(c.modified_at) AS "changedAt"
    FROM object_store.permissions p JOIN object_store.containers c ON c.id = p.container_id
    WHERE p.subject = ANY(${subjectsOf(userId)}) AND c.account <> ${userId} AND c.account > ${marker}
    GROUP BY c.account ORDER BY c.account LIMIT ${limit}`)
}

/** Of these objects, those that everybody who has an account may read. */
export async function openToEverybody(q: Queryable, uuids: readonly string[]): Promise<Set<string>> {
  const rows = await q.any<{ uuid: string }>(sql`
    SELECT versions.uuid FROM object_store.versions
    JOIN object_store.permissions p ON p.container_id = versions.container_id AND p.name = versions.name AND p.subject = '*'
    WHERE versions.state = 'current' AND versions.uuid = ANY(${uuids}::uuid[])`)
  return new Set(rows.map(({ uuid }) => uuid))
}
