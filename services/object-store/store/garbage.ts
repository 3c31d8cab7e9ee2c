// What the collector asks and removes. A map that has a row keeps its blocks, whether somebody needs it or not: so maps
// go first, under the lock that whoever wants to share one has to take, and blocks only follow.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

/** Neither an object, past or present, has the map, nor does anybody hold it, and it was not made just now. */
const UNUSED = (graceSeconds: number) => sql`
  maps.created_at <= now() - make_interval(secs => ${graceSeconds})
  AND NOT EXISTS (SELECT FROM object_store.versions WHERE versions.map_id = maps.id)
  AND NOT EXISTS (SELECT FROM object_store.map_holds WHERE map_holds.map_id = maps.id)`

export interface LookedAt {
  /** The last map that was looked at; null when there is none after `after`. */
  last: bigint | null
  unused: bigint[]
  /** How many blocks each of the unused ones lists. */
  blocks: bigint[]
}

/** Looks at the next maps in order of id. */
export function lookAtMaps(q: Queryable, after: bigint, { graceSeconds, atMost }: { graceSeconds: number; atMost: number }) {
  return q.one<LookedAt>(sql`
    WITH looked AS MATERIALIZED (
      SELECT id, created_at, length(hashes) / 32 AS blocks FROM object_store.maps WHERE id > ${after} ORDER BY id LIMIT ${atMost}
    ), unused AS (SELECT id, blocks FROM looked AS maps WHERE ${UNUSED(graceSeconds)})
    SELECT (SELECT max(id) FROM looked) AS last, ARRAY(SELECT id FROM unused ORDER BY id) AS unused,
      ARRAY(SELECT blocks::bigint FROM unused ORDER BY id) AS blocks`)
}

/** Locks these maps, leaving out those that somebody is just sharing; from now on nobody can share the locked ones. */
export function lockMaps(tx: Tx, ids: readonly bigint[]) {
  return tx.any<{ id: bigint }>(sql`
    SELECT id FROM object_store.maps WHERE id = ANY(${ids}::bigint[]) ORDER BY id FOR UPDATE SKIP LOCKED`)
}

/** Removes those of these locked maps that are unused still, with what they say of blocks. */
export function removeUnusedMaps(tx: Tx, ids: readonly bigint[], graceSeconds: number) {
  return tx.one<{ maps: number; bytes: number }>(sql`
    WITH gone AS (
      DELETE FROM object_store.maps WHERE id = ANY(${ids}::bigint[]) AND ${UNUSED(graceSeconds)}
      RETURNING id, hashes, coalesce(length(content), 0) AS bytes
    ), unreferred AS (
      DELETE FROM object_store.map_blocks USING (SELECT id, digest FROM gone, object_store.digests(hashes) AS digest) AS listed
      WHERE map_blocks.hash = listed.digest AND map_blocks.map_id = listed.id
    )
    SELECT count(*)::int AS maps, coalesce(sum(bytes), 0)::float8 AS bytes FROM gone`)
}

/** Of these hashes (32 bytes each), the ones that no map lists and nobody has pinned. */
export function unreferencedOf(q: Queryable, hashes: Buffer) {
  return q.any<{ hash: string }>(sql`
    SELECT encode(digest, 'hex') AS hash FROM object_store.digests(${hashes}) AS digest
    WHERE NOT EXISTS (SELECT FROM object_store.pins WHERE hash = digest AND expires_at > now())
      AND NOT EXISTS (SELECT FROM object_store.map_blocks WHERE hash = digest)`)
}
