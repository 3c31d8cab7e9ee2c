// Writes what was decided about a group of objects, in statements that travel together: what goes, what comes, and what
// that changes about the containers.
import { type Sql, sql, type Tx } from '@synnefo/lib/sql'
import { numbers } from './ground.ts'
import { LATEST_FIRST, type NewVersion, nextTime, ofPath } from './versions.ts'

/** What changes about a container. */
export interface ContainerChange {
  containerId: bigint
  objects: number
  bytes: bigint
  historyVersions: number
  historyBytes: bigint
  /** How many current objects more carry each metadata key. */
  keys: Record<string, number> | null
}

export interface VersionToWrite extends Omit<NewVersion, 'state' | 'uuid'> {
  uuid: string
  /** `passed`: another change of the same group replaced it where no history is kept. It only has an id. */
  state: 'current' | 'history' | 'deleted' | 'passed'
  /** When what it replaces was made, which may be gone by now: seconds since 1970; undefined when that was nothing. */
  follows: string | undefined
  /** Its map is the one of its content, which was added in this transaction or by somebody else at the same time. */
  findsMap?: boolean
}

export interface VersionsToWrite {
  /** Versions that become history. */
  kept: readonly bigint[]
  /** Versions that go. */
  gone: readonly bigint[]
  made: readonly VersionToWrite[]
  changes: readonly ContainerChange[]
  /** Of the maps that are to be found. */
  blockSizeBytes: number
}

export interface WrittenVersion {
  /** From 1, in the list of what was made. */
  place: bigint
  id: bigint
  createdAt: Date
  /** Seconds since 1970 with six decimals. */
  timestamp: string
}

/**
 * The statements, put into words at once and asked together later. What has nothing to do is not asked: a statement opens
 * all indexes of a table that it might change.
 */
export function prepareVersions(versions: VersionsToWrite): (tx: Tx) => Promise<WrittenVersion[]> {
  const { kept, gone, made, changes, blockSizeBytes } = versions
  const keep = sql`UPDATE object_store.versions SET state = 'history' WHERE id = ANY((SELECT ${numbers(kept)}::bigint[])::bigint[])`
  const remove = sql`DELETE FROM object_store.versions WHERE id = ANY((SELECT ${numbers(gone)}::bigint[])::bigint[])`
  const count = countingOf(changes)
  const add = additionOf(made, blockSizeBytes)
  return async (tx) => {
    // In this order: the index of current versions sees the old go before the new come.
    const [, , , written] = await Promise.all([
      kept.length > 0 && tx.run(keep),
      gone.length > 0 && tx.run(remove),
      changes.length > 0 && tx.run(count),
      tx.any<WrittenVersion>(add),
    ])
    return written
  }
}

/** Refers to a map that no row has: better no version than one without its content. */
const NO_MAP = -1

function countingOf(changes: readonly ContainerChange[]): Sql {
  return sql`
    INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes, keys)
    SELECT * FROM unnest(
      (SELECT ${numbers(changes.map(({ containerId }) => containerId))}::bigint[]), (SELECT ${numbers(changes.map(({ objects }) => objects))}::bigint[]),
      (SELECT ${numbers(changes.map(({ bytes }) => bytes))}::bigint[]), (SELECT ${numbers(changes.map(({ historyVersions }) => historyVersions))}::bigint[]),
      (SELECT ${numbers(changes.map(({ historyBytes }) => historyBytes))}::bigint[]), (SELECT ${changes.map(({ keys }) => json(keys))}::jsonb[]))`
}

function additionOf(made: readonly VersionToWrite[], blockSizeBytes: number): Sql {
  return sql`
    WITH made AS MATERIALIZED (
      SELECT nextval('object_store.version_ids') AS id,
        greatest(${nextTime(sql`m.container_id`, sql`m.name`)}, to_timestamp(m.follows)) AS created_at, m.*
      FROM unnest(
        (SELECT ${numbers(made.map(({ containerId }) => containerId))}::bigint[]), (SELECT ${made.map(({ name }) => name)}::text[]),
        (SELECT ${made.map(({ state }) => state)}::text[]), (SELECT ${made.map(({ uuid }) => uuid)}::uuid[]),
        (SELECT ${numbers(made.map(({ mapId }) => mapId))}::bigint[]), (SELECT ${made.map(({ hash }) => hash)}::text[]),
        (SELECT ${numbers(made.map(({ sizeBytes }) => sizeBytes))}::bigint[]), (SELECT ${made.map(({ contentType }) => contentType)}::text[]),
        (SELECT ${made.map(({ checksum }) => checksum)}::text[]), (SELECT ${made.map(({ modifiedBy }) => modifiedBy)}::text[]),
        (SELECT ${made.map(({ metadata }) => json(metadata))}::jsonb[]), (SELECT ${made.map(({ domains }) => json(domains))}::jsonb[]),
        (SELECT ${numbers(made.map(({ available }) => available ?? 1))}::smallint[]), (SELECT ${made.map(({ isSnapshot }) => isSnapshot ?? false)}::boolean[]),
        (SELECT ${made.map(({ follows }) => follows ?? null)}::double precision[]),
        (SELECT ${made.map(({ findsMap }) => findsMap ?? false)}::boolean[])
      ) WITH ORDINALITY AS m(container_id, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, modified_by,
        metadata, domains, available, is_snapshot, follows, finds_map, place)
      ORDER BY m.place
    ), written AS (
      INSERT INTO object_store.versions
        (id, container_id, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, modified_by, created_at, metadata,
          domains, available, is_snapshot)
      SELECT id, container_id, name, state, uuid,
        CASE WHEN finds_map THEN coalesce((
          SELECT maps.id FROM object_store.maps
          WHERE maps.root = decode(made.hash, 'hex') AND maps.size_bytes = made.size_bytes AND maps.block_size_bytes = ${blockSizeBytes}
        ), ${NO_MAP}::bigint) ELSE map_id END,
        decode(hash, 'hex'), size_bytes, content_type, checksum, modified_by, created_at, metadata, domains, available, is_snapshot
      FROM made WHERE state <> 'passed' AND (state <> 'deleted' OR ${leavesSomething(sql`made`)})
    )
    SELECT place, id, created_at AS "createdAt", extract(epoch FROM created_at)::text AS timestamp FROM made`
}

/**
 * Something of the path stays, of which the mark says that it ended: a version before it, that is not gone, or one of the
 * same group. Where nothing is kept, deleting leaves nothing that grows.
 */
const leavesSomething = (mark: Sql) => sql`
  (coalesce((
    SELECT versions.state <> 'deleted' FROM object_store.versions
    WHERE ${ofPath(sql`${mark}.container_id`, sql`${mark}.name`)} ${LATEST_FIRST} LIMIT 1), false)
  OR EXISTS (
    SELECT FROM made same WHERE same.container_id = ${mark}.container_id AND same.name = ${mark}.name AND same.state = 'history'))`

const json = (value: object | null) => (value === null ? null : JSON.stringify(value))
