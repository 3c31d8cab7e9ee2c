// What must hold between versions, maps, references and figures, asked of the whole database or of one account. One
// statement is one moment: what people change meanwhile is seen before or after, never in between.
import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export interface Broken {
  problem: string
  what: string
  neededBy: string
}

const ofAccount = (account: string | undefined): Sql => (account === undefined ? sql`true` : sql`c.account = ${account}`)

const VERSION = sql`c.account || '/' || c.name || '/' || v.name || ' version ' || v.id`

/** Versions whose content is not there, or not the one that they name. */
export function brokenVersions(q: Queryable, account: string | undefined) {
  return q.any<Broken>(sql`
    SELECT CASE WHEN m.id IS NULL THEN 'no map' WHEN m.size_bytes <> v.size_bytes THEN 'size differs from map' ELSE 'hash differs from map' END
      AS problem, coalesce('map ' || m.id, 'map') AS what, ${VERSION} AS "neededBy"
    FROM object_store.versions v JOIN object_store.containers c ON c.id = v.container_id LEFT JOIN object_store.maps m ON m.id = v.map_id
    WHERE ${ofAccount(account)} AND v.available = 1
      AND CASE WHEN m.id IS NULL THEN v.size_bytes > 0 ELSE m.size_bytes <> v.size_bytes OR m.root <> v.hash END
    ORDER BY v.id`)
}

/** Names whose current version is not their latest one, and objects that share an id. */
export function brokenNames(q: Queryable, account: string | undefined) {
  return q.any<Broken>(sql`
    SELECT 'current version is not the latest' AS problem, 'version ' || last AS what, ${VERSION} AS "neededBy" FROM (
      SELECT id, container_id, name, state, max(id) OVER (PARTITION BY container_id, name) AS last
      FROM object_store.versions WHERE container_id IN (SELECT c.id FROM object_store.containers c WHERE ${ofAccount(account)})
    ) AS v JOIN object_store.containers c ON c.id = v.container_id WHERE v.state = 'current' AND v.id < last
    UNION ALL
    SELECT 'several objects have one id', v.uuid::text, string_agg(${VERSION}, ', ' ORDER BY v.id)
    FROM object_store.versions v JOIN object_store.containers c ON c.id = v.container_id
    WHERE v.state = 'current' AND ${ofAccount(account)}
      AND v.uuid IN (SELECT uuid FROM object_store.versions WHERE state = 'current' GROUP BY uuid HAVING count(*) > 1)
    GROUP BY v.uuid`)
}

const MAP_OF_ACCOUNT = (account: string | undefined): Sql =>
  account === undefined
    ? sql`true`
    : sql`EXISTS (
        SELECT FROM object_store.versions v JOIN object_store.containers c ON c.id = v.container_id
        WHERE v.map_id = m.id AND c.account = ${account})`

/** Maps that list blocks without saying that they need them. */
export function missingReferences(q: Queryable, account: string | undefined, zeroBlock: Buffer) {
  return q.any<Broken & { mapId: bigint }>(sql`
    SELECT m.id AS "mapId", 'missing references' AS problem, 'map ' || m.id AS what, count(DISTINCT digest) || ' blocks' AS "neededBy"
    FROM object_store.maps m, object_store.digests(m.hashes) AS digest
    WHERE m.content IS NULL AND digest <> ${zeroBlock} AND ${MAP_OF_ACCOUNT(account)}
      AND NOT EXISTS (SELECT FROM object_store.map_blocks WHERE hash = digest AND map_id = m.id)
    GROUP BY m.id ORDER BY m.id`)
}

/** References of maps that are gone: their blocks would never be collected. */
export function danglingReferences(q: Queryable) {
  return q.any<Broken & { mapId: bigint }>(sql`
    SELECT b.map_id AS "mapId", 'references of no map' AS problem, 'map ' || b.map_id AS what, count(*) || ' blocks' AS "neededBy"
    FROM object_store.map_blocks b WHERE NOT EXISTS (SELECT FROM object_store.maps WHERE id = b.map_id)
    GROUP BY b.map_id ORDER BY b.map_id`)
}

/** Makes the references of a map those that its list of blocks says. */
export async function mendReferences(tx: Tx, mapId: bigint, zeroBlock: Buffer): Promise<void> {
  const kept = await tx.maybeOne(sql`SELECT FROM object_store.maps WHERE id = ${mapId} FOR KEY SHARE`)
  if (!kept) await tx.run(sql`DELETE FROM object_store.map_blocks WHERE map_id = ${mapId}`)
  else
    await tx.run(sql`
      INSERT INTO object_store.map_blocks (hash, map_id)
      SELECT DISTINCT digest, m.id FROM object_store.maps m, object_store.digests(m.hashes) AS digest
      WHERE m.id = ${mapId} AND m.content IS NULL AND digest <> ${zeroBlock} ON CONFLICT DO NOTHING`)
}

export interface MapToCheck {
  id: bigint
  /** Hex */
  root: string
  hashes: Buffer
}

/** The next maps of several blocks, whose root has to be computed. */
export function mapsOfSeveralBlocks(q: Queryable, after: bigint, account: string | undefined, atMost: number) {
  return q.any<MapToCheck>(sql`
    SELECT m.id, encode(m.root, 'hex') AS root, m.hashes FROM object_store.maps m
    WHERE m.id > ${after} AND length(m.hashes) > 32 AND ${MAP_OF_ACCOUNT(account)} ORDER BY m.id LIMIT ${atMost}`)
}

/** Maps of one block whose root is not that block. */
export function brokenSmallMaps(q: Queryable, account: string | undefined) {
  return q.any<{ id: bigint }>(sql`
    SELECT m.id FROM object_store.maps m WHERE length(m.hashes) = 32 AND m.hashes <> m.root AND ${MAP_OF_ACCOUNT(account)} ORDER BY m.id`)
}

export interface StatisticsDifference {
  containerId: bigint
  account: string
  container: string
  objects: bigint
  bytes: bigint
  historyVersions: bigint
  historyBytes: bigint
  /** Metadata keys with how many more objects carry them than the figures say. */
  keys: Record<string, number> | null
}

/** What is missing in the figures of containers (folded and tail) compared with what is counted. */
const differences = (condition: Sql): Sql => sql`
  WITH these AS (SELECT c.id, c.account, c.name, c.modified_at FROM object_store.containers c WHERE ${condition}),
  figures AS (
    SELECT container_id, sum(objects)::bigint AS objects, sum(bytes)::bigint AS bytes,
      sum(history_versions)::bigint AS history_versions, sum(history_bytes)::bigint AS history_bytes
    FROM (
      SELECT container_id, count(*) FILTER (WHERE state = 'current') AS objects,
        coalesce(sum(size_bytes) FILTER (WHERE state = 'current'), 0) AS bytes,
        count(*) FILTER (WHERE state = 'history') AS history_versions,
        coalesce(sum(size_bytes) FILTER (WHERE state = 'history'), 0) AS history_bytes
      FROM object_store.versions WHERE container_id IN (SELECT id FROM these) GROUP BY container_id
      UNION ALL
      SELECT container_id, -objects, -bytes, -history_versions, -history_bytes FROM object_store.container_statistics
      WHERE container_id IN (SELECT id FROM these)
      UNION ALL
      SELECT container_id, -objects, -bytes, -history_versions, -history_bytes FROM object_store.container_changes
      WHERE container_id IN (SELECT id FROM these)
    ) AS each_figure GROUP BY container_id
  ),
  keys AS (
    SELECT container_id, jsonb_object_agg(key, objects) AS keys FROM (
      SELECT container_id, key, sum(objects)::bigint AS objects FROM (
        SELECT container_id, key COLLATE "C" AS key, 1 AS objects FROM object_store.versions, jsonb_object_keys(metadata) AS key
        WHERE state = 'current' AND container_id IN (SELECT id FROM these)
        UNION ALL
        SELECT container_id, key, -objects FROM object_store.container_keys WHERE container_id IN (SELECT id FROM these)
        UNION ALL
        SELECT container_id, entry.key, -entry.value::bigint FROM object_store.container_changes, jsonb_each_text(keys) AS entry
        WHERE keys IS NOT NULL AND container_id IN (SELECT id FROM these)
      ) AS each_key GROUP BY container_id, key HAVING sum(objects) <> 0
    ) AS wrong GROUP BY container_id
  )
  SELECT these.id, account, name, modified_at, coalesce(f.objects, 0) AS objects, coalesce(f.bytes, 0) AS bytes,
    coalesce(f.history_versions, 0) AS history_versions, coalesce(f.history_bytes, 0) AS history_bytes, keys.keys
  FROM these LEFT JOIN figures f ON f.container_id = these.id LEFT JOIN keys ON keys.container_id = these.id
  WHERE coalesce(f.objects, 0) <> 0 OR coalesce(f.bytes, 0) <> 0 OR coalesce(f.history_versions, 0) <> 0
    OR coalesce(f.history_bytes, 0) <> 0 OR keys.keys IS NOT NULL`

export function statisticsDifferences(q: Queryable, account: string | undefined) {
  return q.any<StatisticsDifference>(sql`
    SELECT id AS "containerId", account, name AS container, objects, bytes, history_versions AS "historyVersions",
      history_bytes AS "historyBytes", keys
    FROM (${differences(ofAccount(account))}) AS d ORDER BY account, name`)
}

/**
 * Appends what is missing to the figures of a container, as writers do. The container is locked, so that no writer is
 * at work on it; folding goes on.
 */
export async function mendStatistics(tx: Tx, containerId: bigint): Promise<boolean> {
  await tx.run(sql`SELECT FROM object_store.containers WHERE id = ${containerId} FOR UPDATE`)
  const mended = await tx.run(sql`
    INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes, changed_at, keys)
    SELECT id, objects, bytes, history_versions, history_bytes, modified_at, keys FROM (${differences(sql`c.id = ${containerId}`)}) AS d`)
  return mended > 0
}
