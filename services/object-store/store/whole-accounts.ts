// Accounts as operators handle them: listed, removed, and poured into each other as a whole.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import { CONTAINER_COLUMNS, type ContainerRow } from './containers.ts'
import { numbers } from './ground.ts'
import { nextTime } from './versions.ts'

export async function listAccounts(q: Queryable): Promise<string[]> {
  return (await q.any<{ id: string }>(sql`SELECT id FROM object_store.accounts ORDER BY id`)).map(({ id }) => id)
}

/** Accounts whose ids differ in upper and lower case only, together. */
export async function duplicateAccounts(q: Queryable): Promise<string[][]> {
  const rows = await q.any<{ ids: string[] }>(sql`
    SELECT array_agg(id ORDER BY id) AS ids FROM object_store.accounts GROUP BY lower(id) HAVING count(*) > 1 ORDER BY 1`)
  return rows.map(({ ids }) => ids)
}

/** Those that have a size limit of their own on record. */
export function accountLimits(q: Queryable) {
  return q.any<{ id: string; bytes: bigint }>(sql`
    SELECT id, quota_bytes AS bytes FROM object_store.accounts WHERE quota_bytes IS NOT NULL ORDER BY id`)
}

/** Current objects of an account, in order, after this path. */
export function objectPaths(q: Queryable, account: string, after: { container: string; name: string }, atMost: number) {
  return q.any<{ container: string; name: string }>(sql`
    SELECT c.name AS container, v.name FROM object_store.containers c JOIN object_store.versions v ON v.container_id = c.id
    WHERE c.account = ${account} AND v.state = 'current' AND (c.name, v.name) > (${after.container}, ${after.name})
    ORDER BY c.name, v.name LIMIT ${atMost}`)
}

export async function groupNames(q: Queryable, account: string): Promise<string[]> {
  const rows = await q.any<{ name: string }>(sql`
    SELECT DISTINCT name FROM object_store.groups WHERE account = ${account} ORDER BY name`)
  return rows.map(({ name }) => name)
}

/** Locks those of the accounts that exist: no container comes or goes there. */
export function lockAccounts(tx: Tx, ids: readonly string[]) {
  return tx.any<{ id: string }>(sql`
    SELECT id FROM object_store.accounts WHERE id = ANY(${ids as string[]}) ORDER BY id FOR UPDATE`)
}

/** Waits for all writers in these accounts and keeps others out until commit. */
export function lockContainersOf(tx: Tx, accounts: readonly string[]) {
  return tx.any<ContainerRow>(sql`
    SELECT ${CONTAINER_COLUMNS} FROM object_store.containers WHERE account = ANY(${accounts as string[]})
    ORDER BY account, name FOR UPDATE OF containers`)
}

/** With everything in it. Its containers are locked. */
export async function removeAccount(tx: Tx, account: string, containerIds: readonly bigint[]): Promise<void> {
  await tx.run(sql`DELETE FROM object_store.versions WHERE container_id = ANY(${numbers(containerIds)}::bigint[])`)
  await tx.run(sql`DELETE FROM object_store.containers WHERE id = ANY(${numbers(containerIds)}::bigint[])`)
  await tx.run(sql`DELETE FROM object_store.groups WHERE account = ${account}`)
  await tx.run(sql`DELETE FROM object_store.pins WHERE account = ${account}`)
  await tx.run(sql`DELETE FROM object_store.account_history WHERE account = ${account}`)
  await tx.run(sql`DELETE FROM object_store.accounts WHERE id = ${account}`)
}

export interface Pouring {
  from: bigint
  to: bigint
  /** Whether the destination keeps what is replaced there. */
  keepsHistory: boolean
  /** Who is said to have made the versions. */
  by: string
}

/**
 * Pours everything of one container into another one of another account: the current objects in new versions, their past
 * as it is. Where the destination has an object that the source has only a past of, it stays the current one, in a new
 * version: the latest version of a path is the one that counts.
 */
export async function pourVersions(tx: Tx, { from, to, keepsHistory, by }: Pouring): Promise<void> {
  await tx.run(sql`CREATE TEMPORARY TABLE poured ON COMMIT DROP AS
    SELECT p.name, coalesce(s.id, d.id) AS chosen, s.id AS source, d.id AS destination FROM
      (SELECT DISTINCT name FROM object_store.versions WHERE container_id = ${from}) AS p
      LEFT JOIN object_store.versions s ON s.container_id = ${from} AND s.name = p.name AND s.state = 'current'
      LEFT JOIN object_store.versions d ON d.container_id = ${to} AND d.name = p.name AND d.state = 'current'`)
  await tx.run(sql`
    CREATE TEMPORARY TABLE poured_versions ON COMMIT DROP AS
    SELECT v.* FROM poured JOIN object_store.versions v ON v.id = poured.chosen`)
  // What is only given a new number leaves no past behind.
  await tx.run(sql`
    DELETE FROM object_store.versions WHERE id IN (
      SELECT source FROM poured WHERE source IS NOT NULL
      UNION ALL SELECT destination FROM poured WHERE destination IS NOT NULL AND (source IS NULL OR NOT ${keepsHistory}))`)
  await tx.run(sql`
    UPDATE object_store.versions SET state = 'history' FROM poured WHERE versions.id = poured.destination AND poured.source IS NOT NULL`)
  await tx.run(sql`UPDATE object_store.versions SET container_id = ${to} WHERE container_id = ${from}`)
  await tx.run(sql`
    INSERT INTO object_store.versions
      (container_id, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, modified_by, created_at, metadata, domains,
       available, is_snapshot)
    SELECT ${to}, name, 'current', uuid, map_id, hash, size_bytes, content_type, checksum, ${by}, ${nextTime(sql`${to}`, sql`poured_versions.name`)},
      metadata, domains, available, is_snapshot
    FROM poured_versions ORDER BY name`)
}

/** Permissions of what was poured replace those that the destination had on the same paths. Groups of the source are those of the destination now. */
export async function pourPermissions(
  tx: Tx,
  { from, to }: Pouring,
  { source, destination }: { source: string; destination: string },
): Promise<void> {
  await tx.run(sql`
    DELETE FROM object_store.permissions WHERE container_id = ${to} AND name IN (SELECT name FROM poured WHERE source IS NOT NULL)`)
  await tx.run(sql`
    INSERT INTO object_store.permissions (container_id, name, subject, access)
    SELECT ${to}, name,
      CASE WHEN starts_with(subject, ${source} || ':') THEN ${destination} || substr(subject, length(${source}) + 1) ELSE subject END, access
    FROM object_store.permissions WHERE container_id = ${from} ON CONFLICT DO NOTHING`)
  await tx.run(sql`DELETE FROM object_store.permissions WHERE container_id = ${from}`)
}

export interface PouredLink {
  name: string
  expiresAt: Date | null
  passwordHash: string | null
  downloadsLeft: bigint | null
}

/** Takes the links of a container; the destination loses those of the same paths. */
export async function takeLinks(tx: Tx, { from, to }: Pouring): Promise<PouredLink[]> {
  const taken = await tx.any<PouredLink>(sql`
    DELETE FROM object_store.public_links WHERE container_id = ${from}
    RETURNING name, expires_at AS "expiresAt", password_hash AS "passwordHash", downloads_left AS "downloadsLeft"`)
  await tx.run(sql`
    DELETE FROM object_store.public_links WHERE container_id = ${to} AND name = ANY(${taken.map(({ name }) => name)}::text[])`)
  await tx.run(sql`DROP TABLE poured, poured_versions`)
  return taken
}

export function copyGroups(tx: Tx, source: string, destination: string) {
  return tx.run(sql`
    INSERT INTO object_store.groups (account, name, member)
    SELECT ${destination}, name, member FROM object_store.groups WHERE account = ${source} ON CONFLICT DO NOTHING`)
}

/** Containers and accounts were changed by an operator. */
export async function touch(tx: Tx, containerIds: readonly bigint[], accounts: readonly string[]): Promise<void> {
  await tx.run(sql`
    UPDATE object_store.containers SET modified_at = clock_timestamp() WHERE id = ANY(${numbers(containerIds)}::bigint[])`)
  await tx.run(sql`
    UPDATE object_store.accounts SET modified_at = clock_timestamp() WHERE id = ANY(${accounts as string[]})`)
}

/** Accounts that have a container of this name. */
export async function accountsWithContainer(q: Queryable, container: string): Promise<string[]> {
  const rows = await q.any<{ account: string }>(sql`
    SELECT account FROM object_store.containers WHERE name = ${container} ORDER BY account`)
  return rows.map(({ account }) => account)
}
