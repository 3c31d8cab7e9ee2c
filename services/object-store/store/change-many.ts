// Many paths of one container change at once: one statement says what is to be at each of them, and this one makes it so,
// with all that follows in the rows of this service. The container is locked, so nobody else changes anything in it.
import { type Sql, sql, type Tx } from '@synnefo/lib/sql'
import type { ContainerRow } from './containers.ts'
import { addEventsOf } from './events.ts'
import { nextTime } from './versions.ts'

export interface ManyChanges {
  container: ContainerRow
  userId: string
  /**
   * Rows of (name, from_id, uuid, content_type, metadata), each path once. The path gets content and facts of version
   * `from_id`, with another type or metadata when one is given and a new UUID when none is; without `from_id` it is
   * deleted, and `uuid` is that of what is there.
   */
  changes: Sql
  /** Events are wanted; `move`: they are about moving. */
  events: 'none' | 'change' | 'move'
  /** A domain of metadata that does not go along. */
  without: string | undefined
  /** Replaced versions stay charged. */
  chargesHistory: boolean
}

export interface ManyChanged {
  /** Paths that have a new version with content. */
  made: bigint
  /** Of them, those where something was before. */
  replaced: bigint
  deleted: bigint
  /** By how much current objects and history grew. */
  bytes: bigint
  historyBytes: bigint
  /** A snapshot whose data would be replaced. */
  snapshot: string | null
  /** The least that any of the new versions is available: 1 is readable. */
  available: number | null
}

/**
 * How many rows the parts of this statement have, PostgreSQL cannot guess: it would join a few thousand of them row by row.
 * Every look into a table is a lateral one by its index, and all other joins are kept from being loops.
 */
export async function changeMany(
  tx: Tx,
  { container, userId, changes, events, without, chargesHistory }: ManyChanges,
): Promise<ManyChanged> {
  const { id, account, name, versioning } = container
  const keeps = versioning === 'auto'
  const found = sql`id = ANY(ARRAY(SELECT was_id FROM change WHERE was_id IS NOT NULL))`
  const retire = keeps
    ? sql`UPDATE object_store.versions SET state = 'history' WHERE ${found}`
    : sql`DELETE FROM object_store.versions WHERE ${found}`
  const action = sql`CASE WHEN made.state = 'deleted' THEN 'object delete' ELSE 'object update' END`
  // A mark of deletion says that what is kept before it ended; where nothing is, it would be all that stays.
  const stays = keeps
    ? sql`true`
    : sql`state <> 'deleted' OR (
        SELECT v.state FROM object_store.versions v
        WHERE v.container_id = ${id} AND v.name = made.name AND v.state <> 'current' ORDER BY v.id DESC LIMIT 1) = 'history'`
  const domains = without === undefined ? sql`source.domains` : sql`nullif(source.domains - ${without}::text, '{}')`
  const replacedBytes = keeps && chargesHistory ? sql`0` : sql`coalesce(was_bytes, 0)`
  const told = addEventsOf(sql`
    SELECT ${account}, ${userId}, ${`${account}/${name}/`} || made.name, ${events === 'move' ? sql`'object move'` : action}, ${action},
      ARRAY[made.id], made.size_bytes - ${replacedBytes}
    FROM made ORDER BY made.name`)
  await tx.run(sql`SET LOCAL enable_nestloop = off`)
  const changed = await tx.one<ManyChanged>(sql`
    WITH change AS MATERIALIZED (
      SELECT change.*, was.id AS was_id, was.map_id AS was_map_id, was.is_snapshot AS was_snapshot, was.size_bytes AS was_bytes,
        was.metadata AS was_metadata
      FROM (${changes}) change
      LEFT JOIN LATERAL (
        SELECT * FROM object_store.versions v
        WHERE v.container_id = ${id} AND v.name = change.name AND v.state = 'current' LIMIT 1
      ) was ON true
    ),
    retired AS (${retire} RETURNING id),
    made AS MATERIALIZED (
      SELECT nextval('object_store.version_ids') AS id, change.name, was_map_id, was_snapshot, was_bytes,
        CASE WHEN change.from_id IS NULL THEN 'deleted' ELSE 'current' END AS state,
        coalesce(change.uuid, gen_random_uuid()) AS uuid, source.map_id, source.hash, coalesce(source.size_bytes, 0) AS size_bytes,
        coalesce(change.content_type, source.content_type, '') AS content_type, coalesce(source.checksum, '') AS checksum,
        ${nextTime(sql`${id}`, sql`change.name`)} AS created_at, coalesce(change.metadata, source.metadata, '{}') AS metadata,
        ${domains} AS domains, coalesce(source.available, 1) AS available, coalesce(source.is_snapshot, false) AS is_snapshot
      FROM change
      LEFT JOIN LATERAL (SELECT * FROM object_store.versions v WHERE v.id = change.from_id LIMIT 1) source ON true
      WHERE (SELECT count(*) FROM retired) >= 0 -- the index of current versions sees the old go before the new come
    ),
    written AS (
      INSERT INTO object_store.versions
        (id, container_id, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, modified_by, created_at, metadata,
          domains, available, is_snapshot)
      SELECT id, ${id}::bigint, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, ${userId}, created_at, metadata,
        domains, available, is_snapshot
      FROM made WHERE ${stays}
    ),
    ${events === 'none' ? sql`` : sql`told AS (${told}),`}
    was AS (SELECT count(was_id) AS objects, coalesce(sum(was_bytes), 0)::bigint AS bytes FROM change),
    is_now AS (
      SELECT count(*) FILTER (WHERE state = 'current') AS objects, count(*) FILTER (WHERE state = 'deleted') AS deleted,
        coalesce(sum(size_bytes), 0)::bigint AS bytes, min(available) FILTER (WHERE state = 'current') AS available
      FROM made
    ),
    keys AS (
      SELECT jsonb_object_agg(key, objects) AS changes FROM (
        SELECT key, sum(objects) AS objects FROM (
          SELECT jsonb_object_keys(metadata) AS key, 1 AS objects FROM made WHERE metadata <> '{}'
          UNION ALL SELECT jsonb_object_keys(was_metadata), -1 FROM change WHERE was_metadata <> '{}'
        ) each_key GROUP BY key HAVING sum(objects) <> 0) summed
    ),
    changed AS (
      INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes, keys)
      SELECT ${id}::bigint, is_now.objects - was.objects, is_now.bytes - was.bytes, was.objects * ${keeps ? 1 : 0}::int,
        was.bytes * ${keeps ? 1 : 0}::int, keys.changes
      FROM was, is_now, keys WHERE is_now.objects + is_now.deleted > 0
    )
    SELECT is_now.objects AS made, is_now.deleted, was.objects - is_now.deleted AS replaced, is_now.bytes - was.bytes AS bytes,
      was.bytes * ${keeps ? 1 : 0}::int AS "historyBytes", is_now.available,
      (SELECT name FROM made WHERE was_snapshot AND state = 'current' AND map_id IS DISTINCT FROM was_map_id LIMIT 1) AS snapshot
    FROM was, is_now`)
  await tx.run(sql`SET LOCAL enable_nestloop = on`)
  return changed
}
