// Blocks that are not what their names say, or not there at all, and who needs them.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

/** What stands for the object of a need that is no object: another service's hold. */
export interface Need {
  /** Hex */
  hash: string
  account: string | null
  container: string | null
  name: string | null
  versionId: bigint | null
  state: 'current' | 'history' | null
  /** The object is registered as an image. */
  image: boolean
  /** Such as volume:17. */
  holder: string | null
}

/** Objects, past and present, and others that need one of these blocks (32 bytes each). */
export function needsOf(q: Queryable, hashes: Buffer, atMost: number) {
  return q.any<Need>(sql`
    WITH listed AS MATERIALIZED (
      SELECT digest, map_id FROM object_store.digests(${hashes}) AS digest JOIN object_store.map_blocks ON hash = digest
      UNION SELECT digest, maps.id FROM object_store.digests(${hashes}) AS digest JOIN object_store.maps ON root = digest
      WHERE size_bytes <= block_size_bytes
    )
    SELECT encode(digest, 'hex') AS hash, c.account, c.name AS container, v.name, v.id AS "versionId", v.state,
      coalesce(v.domains ? 'plankton', false) AS image, NULL AS holder
    FROM listed JOIN object_store.versions v USING (map_id) JOIN object_store.containers c ON c.id = v.container_id
    UNION ALL
    SELECT encode(digest, 'hex'), NULL, NULL, NULL, NULL, NULL, false, holder
    FROM listed JOIN object_store.map_holds USING (map_id)
    ORDER BY 1, 2, 3, 4, 5 LIMIT ${atMost}`)
}

/** Blocks that maps list, after one and up to another, in order; of one account only, when it is named. */
export async function listedBlocks(
  q: Queryable,
  range: { after: string; upTo: string; account?: string | undefined; atMost: number },
): Promise<string[]> {
  const { after, upTo, account, atMost } = range
  const needed =
    account === undefined
      ? sql`EXISTS (SELECT FROM object_store.maps WHERE id = b.map_id)`
      : sql`EXISTS (
      SELECT FROM object_store.versions v JOIN object_store.containers c ON c.id = v.container_id
      WHERE v.map_id = b.map_id AND c.account = ${account})`
  const rows = await q.any<{ hash: string }>(sql`
    SELECT DISTINCT encode(b.hash, 'hex') AS hash FROM (
      SELECT hash FROM object_store.map_blocks b
      WHERE hash > decode(${after}, 'hex') AND hash <= decode(${upTo}, 'hex') AND ${needed} ORDER BY hash LIMIT ${atMost}
    ) AS b ORDER BY 1`)
  return rows.map(({ hash }) => hash)
}

/** A content in a row that does not match its name. */
export interface DamagedContent {
  id: bigint
  /** Hex */
  hash: string
  /** What the row holds, where only who decrypts it can tell that it does not match. */
  stored?: Buffer
}

/** Contents in rows that do not match their names, in this range of names. */
export function damagedContents(q: Queryable, { after, upTo }: { after: string; upTo: string }) {
  return q.any<DamagedContent>(sql`
    SELECT id, encode(root, 'hex') AS hash FROM object_store.maps
    WHERE root > decode(${after}, 'hex') AND root <= decode(${upTo}, 'hex') AND content IS NOT NULL AND sha256(content) <> root`)
}

/** Contents as they lie in rows, in order of names: so many in a range of names, from one map of the first name on. */
export function storedContents(q: Queryable, range: { after: string; afterId: bigint; upTo: string; atMost: number }) {
  const { after, afterId, upTo, atMost } = range
  return q.any<Required<DamagedContent>>(sql`
    SELECT id, encode(root, 'hex') AS hash, content AS stored FROM object_store.maps
    WHERE root >= decode(${after}, 'hex') AND (root, id) > (decode(${after}, 'hex'), ${afterId}) AND root <= decode(${upTo}, 'hex')
      AND content IS NOT NULL
    ORDER BY root, id LIMIT ${atMost}`)
}

/** Keeps such a content apart; the map refers to a block that is missing from now on. False when it is whole after all. */
export async function setContentApart(q: Queryable, { id, stored }: DamagedContent): Promise<boolean> {
  const damaged = stored ? sql`content = ${stored}` : sql`sha256(content) <> root`
  const taken = await q.run(sql`
    WITH bad AS (
      SELECT id, root, content FROM object_store.maps WHERE id = ${id} AND content IS NOT NULL AND ${damaged} FOR UPDATE
    ), kept AS (
      INSERT INTO object_store.damaged_blocks (hash, problem, content) SELECT root, 'damaged', content FROM bad
      ON CONFLICT (hash) DO UPDATE SET content = excluded.content
    ), refers AS (
      INSERT INTO object_store.map_blocks (hash, map_id) SELECT root, id FROM bad ON CONFLICT DO NOTHING
    )
    UPDATE object_store.maps SET content = NULL FROM bad WHERE maps.id = bad.id`)
  return taken > 0
}

export interface DamagedBlock {
  /** Hex */
  hash: string
  problem: 'damaged' | 'missing'
  foundAt: Date
}

/** Answers whether this is news. */
export async function noteDamage(q: Queryable, hash: string, problem: DamagedBlock['problem']): Promise<boolean> {
  const noted = await q.run(sql`
    INSERT INTO object_store.damaged_blocks AS d (hash, problem) VALUES (decode(${hash}, 'hex'), ${problem})
    ON CONFLICT (hash) DO UPDATE SET problem = excluded.problem WHERE d.problem = 'missing' AND excluded.problem = 'damaged'`)
  return noted > 0
}

export function listDamage(q: Queryable) {
  return q.any<DamagedBlock>(sql`
    SELECT encode(hash, 'hex') AS hash, problem, found_at AS "foundAt" FROM object_store.damaged_blocks ORDER BY hash`)
}

/** How many are known to be damaged or missing where something needs them. */
export async function countDamage(q: Queryable): Promise<number> {
  return (await q.one<{ count: number }>(sql`SELECT count(*)::int AS count FROM object_store.damaged_blocks`)).count
}

export function forgetDamage(q: Queryable, hash: string) {
  return q.run(sql`DELETE FROM object_store.damaged_blocks WHERE hash = decode(${hash}, 'hex')`)
}

/** Whether one of the blocks of a content (32 bytes each) is known to be damaged. */
export function anyDamaged(q: Queryable, hashes: Buffer) {
  return q.one<{ answer: boolean }>(sql`
    SELECT EXISTS (SELECT FROM object_store.damaged_blocks WHERE hash IN (SELECT object_store.digests(${hashes}))) AS answer`)
}

/** Gives a map whose content was found damaged the good one. */
export function healContent(tx: Tx, mapId: bigint, content: Buffer) {
  return tx.run(sql`
    WITH healed AS (
      DELETE FROM object_store.damaged_blocks USING object_store.maps WHERE maps.id = ${mapId} AND hash = root RETURNING hash
    ), unreferred AS (
      DELETE FROM object_store.map_blocks USING healed WHERE map_blocks.hash = healed.hash AND map_id = ${mapId}
    )
    UPDATE object_store.maps SET content = ${content} FROM healed WHERE maps.id = ${mapId} AND root = hash`)
}
