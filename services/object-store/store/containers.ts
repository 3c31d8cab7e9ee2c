import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'
import { publishes } from './links.ts'
import { subjectsOf } from './subjects.ts'

export type Metadata = Record<string, string>

export interface ContainerRow {
  id: bigint
  account: string
  name: string
  quotaBytes: bigint
  versioning: 'auto' | 'none'
  project: string
  metadata: Metadata
  modifiedAt: Date
  /** Something in it is shared with somebody. */
  shares: boolean
  /** Something in it has a public link. */
  publishes: boolean
}

export const CONTAINER_COLUMNS = sql`id, account, name, quota_bytes AS "quotaBytes", versioning, project, metadata, modified_at AS "modifiedAt",
  EXISTS (SELECT FROM object_store.permissions WHERE container_id = containers.id) AS shares,
  EXISTS (SELECT FROM object_store.public_links WHERE container_id = containers.id) AS publishes`

export function findContainer(q: Queryable, account: string, name: string) {
  return q.maybeOne<ContainerRow>(sql`
    SELECT ${CONTAINER_COLUMNS} FROM object_store.containers WHERE account = ${account} AND name = ${name}`)
}

/** Keeps the container from being deleted or changed until commit. Writers of objects share it. */
export function shareContainer(tx: Tx, account: string, name: string) {
  return tx.maybeOne<ContainerRow>(sql`
    SELECT ${CONTAINER_COLUMNS} FROM object_store.containers WHERE account = ${account} AND name = ${name} FOR KEY SHARE`)
}

/** Waits for all writers of objects in it and keeps others out until commit. */
export function lockContainer(tx: Tx, account: string, name: string) {
  return tx.maybeOne<ContainerRow>(sql`
    SELECT ${CONTAINER_COLUMNS} FROM object_store.containers WHERE account = ${account} AND name = ${name} FOR UPDATE`)
}

export interface NewContainer {
  account: string
  name: string
  quotaBytes: bigint
  versioning: 'auto' | 'none'
  project: string
  metadata: Metadata
}

/** Undefined when there is one of this name. */
export function addContainer(tx: Tx, { account, name, quotaBytes, versioning, project, metadata }: NewContainer) {
  return tx.maybeOne<{ id: bigint }>(sql`
    INSERT INTO object_store.containers (account, name, quota_bytes, versioning, project, metadata)
    VALUES (${account}, ${name}, ${quotaBytes}, ${versioning}, ${project}, ${metadata})
    ON CONFLICT (account, name) DO NOTHING RETURNING id`)
}

/** Metadata that a container which keeps versions had is remembered; times there never go back, whatever the clock does. */
export async function updateContainer(tx: Tx, before: ContainerRow, next: ContainerRow): Promise<void> {
  const { id, quotaBytes, versioning, project, metadata } = next
  if (before.versioning === 'auto') {
    await tx.run(sql`
      INSERT INTO object_store.container_history (container_id, metadata, replaced_at)
      SELECT id, metadata, greatest(clock_timestamp(), created_at,
        (SELECT max(replaced_at) FROM object_store.container_history WHERE container_id = containers.id))
      FROM object_store.containers WHERE id = ${id} AND metadata <> ${metadata}::jsonb`)
  }
  await tx.run(sql`
    UPDATE object_store.containers
    SET quota_bytes = ${quotaBytes}, versioning = ${versioning}, project = ${project}, metadata = ${metadata},
      modified_at = clock_timestamp(),
      history_from = CASE WHEN containers.versioning = 'none' AND ${versioning} = 'auto' THEN clock_timestamp() ELSE history_from END
    WHERE id = ${id}`)
}

export function hasObjects(q: Queryable, containerId: bigint) {
  return q.one<{ answer: boolean }>(sql`
    SELECT EXISTS (SELECT FROM object_store.versions WHERE container_id = ${containerId} AND state = 'current') AS answer`)
}

/** Of any state. */
export function hasVersions(tx: Tx, containerId: bigint) {
  return tx.one<{ answer: boolean }>(sql`
    SELECT EXISTS (SELECT FROM object_store.versions WHERE container_id = ${containerId}) AS answer`)
}

/** Bytes of versions that are not current, what was not folded yet included. */
export async function historyBytesIn(q: Queryable, containerId: bigint): Promise<bigint> {
  const { bytes } = await q.one<{ bytes: bigint }>(sql`
    SELECT coalesce((SELECT history_bytes FROM object_store.container_statistics WHERE container_id = ${containerId}), 0)
      + coalesce((SELECT sum(history_bytes)::bigint FROM object_store.container_changes WHERE container_id = ${containerId}), 0) AS bytes`)
  return bytes
}

/** With all history in it. */
export async function removeContainer(tx: Tx, { id, account }: Pick<ContainerRow, 'id' | 'account'>): Promise<void> {
  await tx.run(sql`DELETE FROM object_store.versions WHERE container_id = ${id}`)
  await tx.run(sql`DELETE FROM object_store.containers WHERE id = ${id}`)
  await tx.run(sql`UPDATE object_store.accounts SET modified_at = clock_timestamp() WHERE id = ${account}`)
}

export interface ContainerFacts extends ContainerRow {
  objects: bigint
  bytes: bigint
  /** Latest change of the container or of anything in it. */
  changedAt: Date
  /** How often something in it changed: the same number again means that nothing did. */
  changes: bigint
}

/** Folded figures and the tail that writers appended since, in one look. */
export const CONTAINER_FACTS = sql`
  ${CONTAINER_COLUMNS}, created_at AS "createdAt",
  coalesce(folded.objects, 0) + coalesce(tail.objects, 0) AS objects,
  coalesce(folded.bytes, 0) + coalesce(tail.bytes, 0) AS bytes,
  coalesce(folded.changes, 0) + tail.changes AS changes,
  greatest(modified_at, folded.changed_at, tail.changed_at) AS "changedAt"
  FROM object_store.containers
  LEFT JOIN LATERAL (
    SELECT objects, bytes, changed_at, changes FROM object_store.container_statistics WHERE container_id = containers.id
  ) folded ON true
  LEFT JOIN LATERAL (
    SELECT sum(objects)::bigint AS objects, sum(bytes)::bigint AS bytes, max(changed_at) AS changed_at,
      count(*) AS changes
    FROM object_store.container_changes WHERE container_id = containers.id
  ) tail ON true`

export function describeContainer(q: Queryable, account: string, name: string) {
  return q.maybeOne<ContainerFacts>(sql`SELECT ${CONTAINER_FACTS} WHERE account = ${account} AND name = ${name}`)
}

/** With the metadata keys that its current objects carry. */
export interface ContainerWithKeys extends ContainerFacts {
  keys: string[]
}

const objectKeys = (containerId: Sql) => sql`
  SELECT key FROM (
    SELECT key, objects FROM object_store.container_keys WHERE container_id = ${containerId}
    UNION ALL
    SELECT entry.key COLLATE "C", entry.value::bigint FROM object_store.container_changes, jsonb_each_text(keys) AS entry
    WHERE container_id = ${containerId} AND keys IS NOT NULL
  ) counted GROUP BY key HAVING sum(objects) > 0 ORDER BY key`

export function describeContainerWithKeys(q: Queryable, account: string, name: string) {
  return q.maybeOne<ContainerWithKeys>(sql`
    SELECT ARRAY(${objectKeys(sql`containers.id`)}) AS keys, ${CONTAINER_FACTS} WHERE account = ${account} AND name = ${name}`)
}

/** Metadata keys that current objects carry. */
export async function listObjectKeys(q: Queryable, containerId: bigint): Promise<string[]> {
  return (await q.any<{ key: string }>(objectKeys(sql`${containerId}`))).map(({ key }) => key)
}

export interface ContainerPage {
  marker: string | undefined
  limit: number
  /** Only containers in which this person may see something. */
  visibleTo?: string
  /** Only containers of these names. */
  names?: readonly string[]
}

export function listContainers(q: Queryable, account: string, { marker = '', limit, visibleTo, names }: ContainerPage) {
  const visible: Sql =
    visibleTo === undefined
      ? sql``
      : sql`
    AND EXISTS (SELECT FROM object_store.permissions WHERE container_id = containers.id AND subject = ANY(${subjectsOf(visibleTo)}))`
  const named = names === undefined ? sql`` : sql`AND name = ANY(${names as string[]})`
  return q.any<ContainerFacts>(sql`
    SELECT ${CONTAINER_FACTS} WHERE account = ${account} AND name > ${marker} ${visible} ${named} ORDER BY name LIMIT ${limit}`)
}

/** Names of the containers in which something is shared, or published, or either. */
export async function namesOfContainersThat(
  q: Queryable,
  account: string,
  { share, publish }: { share: boolean; publish: boolean },
): Promise<string[]> {
  const rows = await q.any<{ name: string }>(sql`
    SELECT name FROM object_store.containers WHERE account = ${account} AND (
      ${share}::boolean AND EXISTS (SELECT FROM object_store.permissions WHERE container_id = containers.id)
      OR ${publish}::boolean AND ${publishes(sql`containers.id`)})`)
  return rows.map(({ name }) => name)
}
