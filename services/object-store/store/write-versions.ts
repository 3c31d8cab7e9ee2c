// Writes what was decided about a group of objects. One statement: what goes, what comes and what that changes about
// the containers.
import { type Sql, sql, type Tx } from '@synnefo/lib/sql'
import { numbers } from './ground.ts'
import { type NewVersion, nextTime } from './versions.ts'

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
}

export interface VersionsToWrite {
  /** Versions that become history. */
  kept: readonly bigint[]
  /** Versions that go. */
  gone: readonly bigint[]
  made: readonly VersionToWrite[]
  changes: readonly ContainerChange[]
}

export interface WrittenVersion {
  /** From 1, in the list of what was made. */
  place: bigint
  id: bigint
  createdAt: Date
  /** Seconds since 1970 with six decimals. */
  timestamp: string
}

export function writeVersions(tx: Tx, { kept, gone, made, changes }: VersionsToWrite) {
  return tx.any<WrittenVersion>(sql`
    WITH kept AS (
      UPDATE object_store.versions SET state = 'history' WHERE id = ANY(${numbers(kept)}::bigint[]) RETURNING id
    ), gone AS (
      DELETE FROM object_store.versions WHERE id = ANY(${numbers(gone)}::bigint[]) RETURNING id
    ), retired AS MATERIALIZED (
      SELECT * FROM kept UNION ALL SELECT * FROM gone -- the index of current versions sees the old go before the new come
    ), changed AS (
      INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes, keys)
      SELECT * FROM unnest(
        (SELECT ${numbers(changes.map(({ containerId }) => containerId))}::bigint[]), (SELECT ${numbers(changes.map(({ objects }) => objects))}::bigint[]),
        (SELECT ${numbers(changes.map(({ bytes }) => bytes))}::bigint[]), (SELECT ${numbers(changes.map(({ historyVersions }) => historyVersions))}::bigint[]),
        (SELECT ${numbers(changes.map(({ historyBytes }) => historyBytes))}::bigint[]), (SELECT ${changes.map(({ keys }) => json(keys))}::jsonb[]))
    ), made AS MATERIALIZED (
      SELECT nextval('object_store.version_ids') AS id,
        ${nextTime(sql`m.container_id`, sql`m.name`)} AS created_at, m.*
      FROM (SELECT count(*) FROM retired) AS first
      CROSS JOIN unnest(
        (SELECT ${numbers(made.map(({ containerId }) => containerId))}::bigint[]), (SELECT ${made.map(({ name }) => name)}::text[]),
        (SELECT ${made.map(({ state }) => state)}::text[]), (SELECT ${made.map(({ uuid }) => uuid)}::uuid[]),
        (SELECT ${numbers(made.map(({ mapId }) => mapId))}::bigint[]), (SELECT ${made.map(({ hash }) => hash)}::text[]),
        (SELECT ${numbers(made.map(({ sizeBytes }) => sizeBytes))}::bigint[]), (SELECT ${made.map(({ contentType }) => contentType)}::text[]),
        (SELECT ${made.map(({ checksum }) => checksum)}::text[]), (SELECT ${made.map(({ modifiedBy }) => modifiedBy)}::text[]),
        (SELECT ${made.map(({ metadata }) => json(metadata))}::jsonb[]), (SELECT ${made.map(({ domains }) => json(domains))}::jsonb[]),
        (SELECT ${numbers(made.map(({ available }) => available ?? 1))}::smallint[]), (SELECT ${made.map(({ isSnapshot }) => isSnapshot ?? false)}::boolean[])
      ) WITH ORDINALITY AS m(container_id, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, modified_by,
        metadata, domains, available, is_snapshot, place)
      ORDER BY m.place
    ), written AS (
      INSERT INTO object_store.versions
        (id, container_id, name, state, uuid, map_id, hash, size_bytes, content_type, checksum, modified_by, created_at, metadata,
          domains, available, is_snapshot)
      SELECT id, container_id, name, state, uuid, map_id, decode(hash, 'hex'), size_bytes, content_type, checksum, modified_by,
        created_at, metadata, domains, available, is_snapshot
      FROM made WHERE state <> 'passed' AND (state <> 'deleted' OR ${leavesSomething(sql`made`, sql`${numbers(gone)}::bigint[]`)})
    )
    SELECT place, id, created_at AS "createdAt", extract(epoch FROM created_at)::text AS timestamp FROM made`)
}

/**
 * Something of the path stays, of which the mark says that it ended: a version before it, that is not gone, or one of the
 * same group. Where nothing is kept, deleting leaves nothing that grows.
 */
const leavesSomething = (mark: Sql, gone: Sql) => sql`
  (coalesce((
    SELECT v.state <> 'deleted' FROM object_store.versions v
    WHERE v.container_id = ${mark}.container_id AND v.name = ${mark}.name AND v.id <> ALL(${gone}) ORDER BY v.id DESC LIMIT 1), false)
  OR EXISTS (
    SELECT FROM made same WHERE same.container_id = ${mark}.container_id AND same.name = ${mark}.name AND same.state = 'history'))`

const json = (value: object | null) => (value === null ? null : JSON.stringify(value))
