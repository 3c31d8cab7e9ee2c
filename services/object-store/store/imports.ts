// What the importer writes: rows as the original had them, with their numbers and times.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import type { Metadata } from './containers.ts'
import { numbers } from './ground.ts'
import type { VersionRow } from './versions.ts'

export interface ImportRecord {
  path: string
  digest: Buffer
  serials: bigint[]
  problem: string | null
  /** Of what was left here beside the versions. Null: not known. */
  asBrought: Buffer | null
}

const RECORD_COLUMNS = sql`path, digest, serials, problem, as_brought AS "asBrought"`

export function importRecords(q: Queryable, paths: readonly string[]) {
  return q.any<ImportRecord>(sql`
    SELECT ${RECORD_COLUMNS} FROM object_store.imports WHERE path = ANY(${paths as string[]}::text[])`)
}

/** The next records of paths below this one, after another one. */
export function importRecordsBelow(q: Queryable, above: string, after: string, atMost: number) {
  return q.any<ImportRecord>(sql`
    SELECT ${RECORD_COLUMNS} FROM object_store.imports
    WHERE path > ${after} AND path > ${`${above}/`} AND path < ${`${above}0`} ORDER BY path LIMIT ${atMost}`)
}

/** Containers of an account that were brought. */
export async function importedContainers(q: Queryable, account: string): Promise<string[]> {
  const rows = await q.any<{ path: string }>(sql`
    SELECT path FROM object_store.imports
    WHERE path > ${`${account}/`} AND path < ${`${account}0`} AND strpos(substr(path, ${account.length + 2}), '/') = 0 ORDER BY path`)
  return rows.map(({ path }) => path)
}

export function recordImports(tx: Tx, records: readonly ImportRecord[]) {
  return tx.run(sql`
    INSERT INTO object_store.imports (path, digest, serials, problem, as_brought)
    SELECT path, digest, serials::bigint[], problem, as_brought FROM unnest(
      ${records.map(({ path }) => path)}::text[], ${records.map(({ digest }) => digest)}::bytea[],
      ${records.map(({ serials }) => numbers(serials))}::text[], ${records.map(({ problem }) => problem)}::text[],
      ${records.map(({ asBrought }) => asBrought)}::bytea[]
    ) AS r(path, digest, serials, problem, as_brought)
    ON CONFLICT (path) DO UPDATE
    SET digest = excluded.digest, serials = excluded.serials, problem = excluded.problem, as_brought = excluded.as_brought,
      imported_at = clock_timestamp()`)
}

export function forgetImports(tx: Tx, paths: readonly string[]) {
  return tx.run(sql`DELETE FROM object_store.imports WHERE path = ANY(${paths as string[]}::text[])`)
}

/** Of all paths below this one. */
export function forgetImportsBelow(tx: Tx, above: string) {
  return tx.run(sql`DELETE FROM object_store.imports WHERE path > ${`${above}/`} AND path < ${`${above}0`}`)
}

/**
 * Versions made here from now on have numbers far behind the last one of the original, which may go on giving its own
 * until everybody has moved over.
 */
export function leaveNumbersTo(q: Queryable, last: bigint, gap: bigint) {
  return q.run(sql`
    SELECT setval('object_store.version_ids', ${last + gap}) FROM object_store.version_ids WHERE last_value < ${last}`)
}

/** Decimal seconds as a time, to the last digit. */
const timeOf = (seconds: string) => sql`('epoch'::timestamptz + (${seconds} || ' seconds')::interval)`

/** Metadata that was replaced then. */
export interface PastMetadata {
  metadata: Metadata
  replacedAt: string
}

export interface ImportedAccount {
  id: string
  metadata: Metadata
  quotaBytes: bigint | null
  createdAt: string
  modifiedAt: string
  past: readonly PastMetadata[]
}

/** Makes the account, or fills one that its owner has looked into already: what is set there later stays, unless it is replaced. */
export async function writeAccount(
  tx: Tx,
  { id, metadata, quotaBytes, createdAt, modifiedAt, past }: ImportedAccount,
  { replaces }: { replaces: boolean },
): Promise<void> {
  await tx.run(sql`
    INSERT INTO object_store.accounts AS a (id, created_at, modified_at, metadata, quota_bytes)
    VALUES (${id}, ${timeOf(createdAt)}, ${timeOf(modifiedAt)}, ${metadata}, ${quotaBytes})
    ON CONFLICT (id) DO UPDATE SET created_at = least(a.created_at, excluded.created_at),
      modified_at = greatest(a.modified_at, excluded.modified_at),
      metadata = CASE WHEN ${replaces} OR a.metadata = '{}' OR a.modified_at <= excluded.modified_at THEN excluded.metadata ELSE a.metadata END,
      quota_bytes = excluded.quota_bytes`)
  await tx.run(sql`
    DELETE FROM object_store.account_history WHERE account = ${id} AND replaced_at <= ${timeOf(modifiedAt)}`)
  for (const { metadata: before, replacedAt } of past)
    await tx.run(sql`
      INSERT INTO object_store.account_history (account, metadata, replaced_at) VALUES (${id}, ${before}, ${timeOf(replacedAt)})`)
}

export interface GroupMember {
  name: string
  member: string
}

export interface AccountHere {
  metadata: Metadata
  quotaBytes: bigint | null
  groups: GroupMember[]
}

/** Whoever changes metadata or groups of an account holds it. */
export function lockAccount(tx: Tx, id: string) {
  return tx.run(sql`SELECT FROM object_store.accounts WHERE id = ${id} FOR UPDATE`)
}

export function accountHere(q: Queryable, id: string) {
  return q.maybeOne<AccountHere>(sql`
    SELECT metadata, quota_bytes AS "quotaBytes", (
      SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'member', member) ORDER BY name, member), '[]')
      FROM object_store.groups WHERE account = ${id}) AS groups
    FROM object_store.accounts WHERE id = ${id}`)
}

/** Puts these groups in the place of all that the account has. */
export async function writeGroups(tx: Tx, account: string, groups: readonly GroupMember[]): Promise<void> {
  await tx.run(sql`DELETE FROM object_store.groups WHERE account = ${account}`)
  await tx.run(sql`
    INSERT INTO object_store.groups (account, name, member)
    SELECT ${account}, * FROM unnest(${groups.map(({ name }) => name)}::text[], ${groups.map(({ member }) => member)}::text[])
    ON CONFLICT DO NOTHING`)
}

export interface ImportedContainer {
  account: string
  name: string
  metadata: Metadata
  quotaBytes: bigint
  versioning: 'auto' | 'none'
  project: string
  createdAt: string
  modifiedAt: string
  past: readonly PastMetadata[]
}

/** Undefined when there is one of this name. Nobody knows what was purged of it, so its history counts from now on. */
export async function addImportedContainer(tx: Tx, container: ImportedContainer): Promise<bigint | undefined> {
  const { account, name, metadata, quotaBytes, versioning, project, createdAt, modifiedAt, past } = container
  const added = await tx.maybeOne<{ id: bigint }>(sql`
    INSERT INTO object_store.containers (account, name, created_at, modified_at, quota_bytes, versioning, project, metadata, history_from)
    VALUES (${account}, ${name}, ${timeOf(createdAt)}, ${timeOf(modifiedAt)}, ${quotaBytes}, ${versioning}, ${project}, ${metadata},
      clock_timestamp())
    ON CONFLICT (account, name) DO NOTHING RETURNING id`)
  if (added) await writePast(tx, added.id, past)
  return added?.id
}

async function writePast(tx: Tx, containerId: bigint, past: readonly PastMetadata[]): Promise<void> {
  for (const { metadata, replacedAt } of past)
    await tx.run(sql`
      INSERT INTO object_store.container_history (container_id, metadata, replaced_at)
      VALUES (${containerId}, ${metadata}, ${timeOf(replacedAt)})`)
}

export interface ImportedVersion extends Omit<VersionRow, 'id' | 'containerId' | 'createdAt' | 'timestamp'> {
  serial: bigint
  createdAt: string
  mapName: string | null
}

/** Those of these numbers that versions have already. */
export async function takenSerials(q: Queryable, serials: readonly bigint[]): Promise<Set<bigint>> {
  const rows = await q.any<{ id: bigint }>(sql`
    SELECT id FROM object_store.versions WHERE id = ANY(${numbers(serials)}::bigint[])`)
  return new Set(rows.map(({ id }) => id))
}

/** The versions of these names, whatever their states. */
export function versionIdsOf(q: Queryable, containerId: bigint, names: readonly string[]) {
  return q.any<{ name: string; id: bigint }>(sql`
    SELECT name, id FROM object_store.versions WHERE container_id = ${containerId} AND name = ANY(${names as string[]}::text[]) ORDER BY id`)
}

/** What is attached to each of these names, if anything is: who may do what, and the link with what limits it. */
export function attachedTo(q: Queryable, containerId: bigint, names: readonly string[]) {
  return q.any<{ name: string; grants: string[] | null; link: string | null }>(sql`
    SELECT asked.name, grants, link FROM unnest(${names as string[]}::text[]) AS asked(name)
    CROSS JOIN LATERAL (
      SELECT array_agg(access || ' ' || subject ORDER BY access, subject) AS grants FROM object_store.permissions p
      WHERE p.container_id = ${containerId} AND p.name = asked.name
    ) AS granted
    LEFT JOIN LATERAL (
      SELECT concat_ws(' ', id, extract(epoch FROM expires_at), password_hash) AS link FROM object_store.public_links l
      WHERE l.container_id = ${containerId} AND l.name = asked.name
    ) AS linked ON true
    WHERE grants IS NOT NULL OR link IS NOT NULL`)
}

export function removeVersions(tx: Tx, ids: readonly bigint[]) {
  return tx.run(sql`
    WITH names AS (DELETE FROM object_store.map_names WHERE version_id = ANY(${numbers(ids)}::bigint[]))
    DELETE FROM object_store.versions WHERE id = ANY(${numbers(ids)}::bigint[])`)
}

export function addVersions(tx: Tx, containerId: bigint, versions: readonly ImportedVersion[]) {
  const of = <K extends keyof ImportedVersion>(key: K) => versions.map((version) => version[key])
  const json = (values: readonly (object | null)[]) => values.map((value) => (value === null ? null : JSON.stringify(value)))
  return tx.run(sql`
    WITH brought AS (
      SELECT * FROM unnest(
        ${numbers(of('serial'))}::bigint[], ${of('name')}::text[], ${of('state')}::text[], ${of('uuid')}::uuid[],
        ${numbers(of('mapId'))}::bigint[], ${of('hash')}::text[], ${numbers(of('sizeBytes'))}::bigint[], ${of('contentType')}::text[],
        ${of('checksum')}::text[], ${of('modifiedBy')}::text[], ${of('createdAt')}::text[], ${json(of('metadata'))}::jsonb[],
        ${json(of('domains'))}::jsonb[], ${numbers(of('available'))}::smallint[], ${of('isSnapshot')}::boolean[], ${of('mapName')}::text[]
      ) AS v(serial, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, modified_by, created_at, metadata, domains,
        available, is_snapshot, map_name)
    ), named AS (
      INSERT INTO object_store.map_names (version_id, name, map_id)
      SELECT serial, map_name, map_id FROM brought WHERE map_name IS NOT NULL
      ON CONFLICT (version_id) DO UPDATE SET name = excluded.name, map_id = excluded.map_id -- brought before, and deleted here
    )
    INSERT INTO object_store.versions (id, container_id, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, modified_by,
      created_at, metadata, domains, available, is_snapshot)
    SELECT serial, ${containerId}::bigint, name, state, uuid, map_id, decode(hash, 'hex'), size_bytes, content_type, checksum, modified_by,
      'epoch'::timestamptz + (created_at || ' seconds')::interval, metadata, domains, available, is_snapshot
    FROM brought ORDER BY serial`)
}

/** What the figures of a container count. */
export interface Figures {
  objects: bigint
  bytes: bigint
  historyVersions: bigint
  historyBytes: bigint
  keys: Record<string, number>
}

/** Of these names. */
export function figuresOf(q: Queryable, containerId: bigint, names: readonly string[]) {
  const these = sql`FROM object_store.versions WHERE container_id = ${containerId} AND name = ANY(${names as string[]}::text[])`
  return q.one<Figures>(sql`
    SELECT count(*) FILTER (WHERE state = 'current') AS objects,
      coalesce(sum(size_bytes) FILTER (WHERE state = 'current'), 0)::bigint AS bytes,
      count(*) FILTER (WHERE state = 'history') AS "historyVersions",
      coalesce(sum(size_bytes) FILTER (WHERE state = 'history'), 0)::bigint AS "historyBytes",
      coalesce((SELECT jsonb_object_agg(key, objects) FROM (
        SELECT key, count(*) AS objects FROM (SELECT metadata ${these} AND state = 'current') AS m, jsonb_object_keys(metadata) AS key GROUP BY key
      ) AS counted), '{}') AS keys
    ${these}`)
}

/** Appends what the figures of a container have to count more, as of the latest of these times. */
export function appendFigures(tx: Tx, containerId: bigint, more: Figures, changedAt: string) {
  return tx.run(sql`
    INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes, changed_at, keys)
    VALUES (${containerId}, ${more.objects}, ${more.bytes}, ${more.historyVersions}, ${more.historyBytes}, ${timeOf(changedAt)},
      ${Object.keys(more.keys).length > 0 ? more.keys : null})`)
}

/** Of a container whose past was changed: what was there before is not all known. */
export function historyCountsFromNow(tx: Tx, containerId: bigint) {
  return tx.run(sql`UPDATE object_store.containers SET history_from = clock_timestamp() WHERE id = ${containerId}`)
}

/** Brings the policies and metadata of a container that was brought before up to date. */
export async function refreshContainer(tx: Tx, id: bigint, container: ImportedContainer): Promise<void> {
  const { quotaBytes, versioning, metadata, modifiedAt, past } = container
  await tx.run(sql`
    UPDATE object_store.containers SET quota_bytes = ${quotaBytes}, versioning = ${versioning}, metadata = ${metadata},
      modified_at = greatest(modified_at, ${timeOf(modifiedAt)}) WHERE id = ${id}`)
  await tx.run(sql`
    DELETE FROM object_store.container_history WHERE container_id = ${id} AND replaced_at <= ${timeOf(modifiedAt)}`)
  await writePast(tx, id, past)
}

/** The name by which the original knew the content of a version: its own, or one of a version with the same content. */
export async function mapNameOf(q: Queryable, { id, mapId }: { id: bigint; mapId: bigint | null }): Promise<string | undefined> {
  const row = await q.maybeOne<{ name: string }>(sql`
    SELECT name FROM object_store.map_names WHERE version_id = ${id} OR map_id = ${mapId}
    ORDER BY version_id <> ${id}, version_id DESC LIMIT 1`)
  return row?.name
}
