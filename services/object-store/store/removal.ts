import { type Sql, sql, type Tx } from '@synnefo/lib/sql'
import type { NamesIn } from './names-in.ts'
import { changeOf, type VersionRow } from './versions.ts'

/** The deletion of current objects, as changes of many paths. */
export function deletions(containerId: bigint, names: NamesIn): Sql {
  return sql`
    SELECT v.name, NULL::bigint AS from_id, v.uuid, NULL::text AS content_type, NULL::jsonb AS metadata
    FROM object_store.versions v WHERE v.container_id = ${containerId} AND v.state = 'current' AND ${names(sql`v.name`)}`
}

/** What was before this moment is not known any more from the versions that are left. */
export function forgetPast(tx: Tx, containerId: bigint) {
  return tx.run(sql`UPDATE object_store.containers SET history_from = clock_timestamp() WHERE id = ${containerId}`)
}

/** Removes history and marks of deletion up to this time (seconds since 1970), and answers which. The container is locked. */
export async function purgeHistory(tx: Tx, containerId: bigint, until: number) {
  const gone = await tx.one<{ versions: bigint[]; historyBytes: bigint }>(sql`
    WITH gone AS (
      DELETE FROM object_store.versions
      WHERE container_id = ${containerId} AND state <> 'current' AND created_at <= to_timestamp(${until})
      RETURNING id, state, size_bytes
    ), changed AS (
      INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes)
      SELECT ${containerId}::bigint, 0, 0, -count(*), -sum(size_bytes)::bigint FROM gone WHERE state = 'history' HAVING count(*) > 0
    )
    SELECT coalesce(array_agg(id ORDER BY id), '{}') AS versions,
      coalesce(sum(size_bytes) FILTER (WHERE state = 'history'), 0)::bigint AS "historyBytes"
    FROM gone`)
  if (gone.versions.length > 0) await forgetPast(tx, containerId)
  return gone
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
  if (current && !currentGone && gone.length > 0) await forgetPast(tx, containerId)
  return { found, currentGone, historyBytes, versions: gone.map(({ id }) => id).sort((a, b) => (a < b ? -1 : 1)) }
}
