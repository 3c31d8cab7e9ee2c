import { type Sql, sql, type Tx } from '@synnefo/lib/sql'
import { afterPrefix } from '../names.ts'
import type { ContainerRow } from './containers.ts'
import { addEventsOf } from './events.ts'
import { changeOf, type VersionRow } from './versions.ts'

function namesUnder(prefix: string): Sql {
  const after = afterPrefix(prefix)
  return after === undefined ? sql`name >= ${prefix}` : sql`name >= ${prefix} AND name < ${after}`
}

/** Deletes all current objects whose names start with the prefix and answers the bytes they had. The container is locked. */
export async function deleteCurrentUnder(
  tx: Tx,
  { id, account, name, versioning }: ContainerRow,
  userId: string,
  prefix: string,
  { tell }: { tell: boolean },
): Promise<bigint> {
  const current = sql`container_id = ${id} AND state = 'current' AND ${namesUnder(prefix)}`
  const retire =
    versioning === 'auto'
      ? sql`UPDATE object_store.versions SET state = 'history' WHERE ${current}`
      : sql`DELETE FROM object_store.versions WHERE ${current}`
  const kept = versioning === 'auto' ? 1 : 0
  const told = addEventsOf(sql`
    SELECT ${account}, ${userId}, ${`${account}/${name}/`} || name, 'object delete', 'object delete', ARRAY[marked.id], -size_bytes
    FROM retired JOIN marked USING (name) ORDER BY name`)
  const { bytes } = await tx.one<{ bytes: bigint }>(sql`
    WITH retired AS (${retire} RETURNING name, uuid, size_bytes, metadata, created_at),
    marked AS (
      INSERT INTO object_store.versions (container_id, name, state, uuid, size_bytes, content_type, modified_by, created_at)
      SELECT ${id}::bigint, name, 'deleted', uuid, 0, '', ${userId}, greatest(clock_timestamp(), created_at) FROM retired
      RETURNING name, id
    ),
    ${tell ? sql`told AS (${told}),` : sql``}
    unshared AS (DELETE FROM object_store.permissions WHERE container_id = ${id} AND ${namesUnder(prefix)}),
    unpublished AS (DELETE FROM object_store.public_links WHERE container_id = ${id} AND ${namesUnder(prefix)}),
    total AS (SELECT count(*) AS objects, coalesce(sum(size_bytes), 0)::bigint AS bytes FROM retired),
    keys AS (
      SELECT jsonb_object_agg(key, -objects) AS changes FROM (
        SELECT key, count(*) AS objects FROM retired, jsonb_object_keys(metadata) AS key GROUP BY key) each_key
    ),
    changed AS (
      INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes, keys)
      SELECT ${id}::bigint, -objects, -bytes, objects * ${kept}::int, bytes * ${kept}::int, changes FROM total, keys WHERE objects > 0
    )
    SELECT bytes FROM total`)
  return bytes
}

/** Removes history and marks of deletion up to this time (seconds since 1970), and answers which. */
export async function purgeHistory(tx: Tx, containerId: bigint, until: number): Promise<bigint[]> {
  const { versions } = await tx.one<{ versions: bigint[] }>(sql`
    WITH gone AS (
      DELETE FROM object_store.versions
      WHERE container_id = ${containerId} AND state <> 'current' AND created_at <= to_timestamp(${until})
      RETURNING id, state, size_bytes
    ), changed AS (
      INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes)
      SELECT ${containerId}::bigint, 0, 0, -count(*), -sum(size_bytes)::bigint FROM gone WHERE state = 'history' HAVING count(*) > 0
    )
    SELECT coalesce(array_agg(id ORDER BY id), '{}') AS versions FROM gone`)
  return versions
}

/** Removes versions of one name up to this time (seconds since 1970), in every state. */
export async function purgePath(tx: Tx, containerId: bigint, current: VersionRow | undefined, name: string, until: number) {
  const { found } = await tx.one<{ found: boolean }>(sql`
    SELECT EXISTS (SELECT FROM object_store.versions WHERE container_id = ${containerId} AND name = ${name}) AS found`)
  const gone = await tx.any<{ id: bigint; state: string; sizeBytes: bigint }>(sql`
    DELETE FROM object_store.versions
    WHERE container_id = ${containerId} AND name = ${name} AND created_at <= to_timestamp(${until})
    RETURNING id, state, size_bytes AS "sizeBytes"`)
  const currentGone = gone.some(({ state }) => state === 'current')
  const history = gone.filter(({ state }) => state === 'history')
  const change = currentGone ? changeOf(current, false, undefined) : changeOf(undefined, false, undefined)
  const historyBytes = history.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n)
  await tx.run(sql`
    INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes, keys)
    VALUES (${containerId}, ${change.objects}, ${change.bytes}, ${-history.length}, ${-historyBytes}, ${change.keys})`)
  return { found, currentGone, versions: gone.map(({ id }) => id).sort((a, b) => (a < b ? -1 : 1)) }
}
