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

export function changeMany(tx: Tx, { container, userId, changes, events, chargesHistory }: ManyChanges) {
  const { id, account, name, versioning } = container
  const keeps = versioning === 'auto'
  const isCurrent = sql`v.container_id = ${id} AND v.state = 'current' AND v.name = change.name`
  const retire = keeps
    ? sql`UPDATE object_store.versions v SET state = 'history' FROM change WHERE ${isCurrent}`
    : sql`DELETE FROM object_store.versions v USING change WHERE ${isCurrent}`
  const action = sql`CASE WHEN made.state = 'deleted' THEN 'object delete' ELSE 'object update' END`
  const replacedBytes = keeps && chargesHistory ? sql`0` : sql`coalesce(retired.size_bytes, 0)`
  const told = addEventsOf(sql`
    SELECT ${account}, ${userId}, ${`${account}/${name}/`} || made.name, ${events === 'move' ? sql`'object move'` : action}, ${action},
      ARRAY[made.id], made.size_bytes - ${replacedBytes}
    FROM made LEFT JOIN retired USING (name) ORDER BY made.name`)
  return tx.one<ManyChanged>(sql`
    WITH change AS MATERIALIZED (${changes}),
    retired AS (${retire} RETURNING v.name, v.map_id, v.is_snapshot, v.size_bytes, v.metadata),
    made AS MATERIALIZED (
      SELECT nextval('object_store.version_ids') AS id, change.name, source.id AS from_id,
        CASE WHEN change.from_id IS NULL THEN 'deleted' ELSE 'current' END AS state,
        coalesce(change.uuid, gen_random_uuid()) AS uuid, source.map_id, source.hash, coalesce(source.size_bytes, 0) AS size_bytes,
        coalesce(change.content_type, source.content_type, '') AS content_type, coalesce(source.checksum, '') AS checksum,
        ${nextTime(sql`${id}`, sql`change.name`)} AS created_at, coalesce(change.metadata, source.metadata, '{}') AS metadata,
        source.domains, coalesce(source.available, 1) AS available, coalesce(source.is_snapshot, false) AS is_snapshot
      FROM change
      CROSS JOIN (SELECT count(*) FROM retired) AS first -- the index of current versions sees the old go before the new come
      LEFT JOIN object_store.versions source ON source.id = change.from_id
    ),
    written AS (
      INSERT INTO object_store.versions
        (id, container_id, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, modified_by, created_at, metadata,
          domains, available, is_snapshot)
      SELECT id, ${id}::bigint, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, ${userId}, created_at, metadata,
        domains, available, is_snapshot
      FROM made
    ),
    ${events === 'none' ? sql`` : sql`told AS (${told}),`}
    was AS (SELECT count(*) AS objects, coalesce(sum(size_bytes), 0)::bigint AS bytes FROM retired),
    is_now AS (
      SELECT count(*) FILTER (WHERE state = 'current') AS objects, count(*) FILTER (WHERE state = 'deleted') AS deleted,
        coalesce(sum(size_bytes), 0)::bigint AS bytes, min(available) FILTER (WHERE state = 'current') AS available
      FROM made
    ),
    keys AS (
      SELECT jsonb_object_agg(key, objects) AS changes FROM (
        SELECT key, sum(objects) AS objects FROM (
          SELECT jsonb_object_keys(metadata) AS key, 1 AS objects FROM made WHERE metadata <> '{}'
          UNION ALL SELECT jsonb_object_keys(metadata), -1 FROM retired WHERE metadata <> '{}'
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
      (SELECT retired.name FROM retired JOIN made USING (name)
        WHERE retired.is_snapshot AND made.state = 'current' AND made.map_id IS DISTINCT FROM retired.map_id LIMIT 1) AS snapshot
    FROM was, is_now`)
}
