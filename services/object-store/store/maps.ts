import type { Blocks } from '@synnefo/engine-blocks'
import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'
import { cryptRow } from '../content/rows.ts'
import { numbers } from './ground.ts'
import { rightTo } from './rights.ts'
import { subjectsOf } from './subjects.ts'

export interface MapRow {
  id: bigint
  /** Hex */
  root: string
  sizeBytes: bigint
  blockSizeBytes: number
  /** 32 bytes for each block */
  hashes: Buffer
  /** The only block of a small content; null when the blocks are in the engine. */
  content: Buffer | null
}

export interface NewMap {
  root: Buffer
  sizeBytes: bigint
  blockSizeBytes: number
  hashes: Buffer
  content: Buffer | null
}

/** Where rows are, and with what their contents are encrypted. */
export interface Rows {
  db: Queryable
  blocks: Pick<Blocks, 'cipher'>
}

const MAP_COLUMNS = sql`
  id, encode(root, 'hex') AS root, size_bytes AS "sizeBytes", block_size_bytes AS "blockSizeBytes", hashes, content`

const readable = ({ blocks }: Rows, row: MapRow): MapRow =>
  blocks.cipher ? { ...row, content: cryptRow(blocks, row.root, row.content) } : row

export async function findMap(rows: Rows, id: bigint): Promise<MapRow | undefined> {
  const row = await rows.db.maybeOne<MapRow>(sql`SELECT ${MAP_COLUMNS} FROM object_store.maps WHERE id = ${id}`)
  return row && readable(rows, row)
}

/** What makes a map the one of its content. */
export type MapKey = Pick<NewMap, 'root' | 'sizeBytes' | 'blockSizeBytes'>

const ofKey = ({ root, sizeBytes, blockSizeBytes }: MapKey) => sql`
  maps.root = ${root} AND maps.size_bytes = ${sizeBytes} AND maps.block_size_bytes = ${blockSizeBytes}`

export async function findMapByRoot(rows: Rows, key: MapKey): Promise<MapRow | undefined> {
  const row = await rows.db.maybeOne<MapRow>(sql`SELECT ${MAP_COLUMNS} FROM object_store.maps WHERE ${ofKey(key)}`)
  return row && readable(rows, row)
}

/** The MD5 that some version of this content has on record. */
export function knownChecksum(q: Queryable, key: MapKey) {
  return q.maybeOne<{ checksum: string }>(sql`
    SELECT versions.checksum FROM object_store.maps JOIN object_store.versions ON versions.map_id = maps.id
    WHERE ${ofKey(key)} AND versions.checksum <> '' LIMIT 1`)
}

export async function findMaps(rows: Rows, ids: readonly bigint[]): Promise<MapRow[]> {
  const found = await rows.db.any<MapRow>(sql`SELECT ${MAP_COLUMNS} FROM object_store.maps WHERE id = ANY(${ids as bigint[]})`)
  return found.map((row) => readable(rows, row))
}

export interface FoundMap {
  id: bigint
  /** Hex */
  root: string
  sizeBytes: bigint
  /** Its blocks are in the engine. */
  inEngine?: boolean
}

/**
 * Adds those of the maps that do not exist and answers them; see `shareMaps` for the others. Bytes of all of them
 * travel as they are, one after the other, and are cut up there. In order of their roots, so that writers of the same
 * contents wait for each other and never in a circle.
 */
export function addMaps(tx: Tx, added: readonly NewMap[]) {
  const lengths = (of: (map: NewMap) => Buffer | null) => numbers(added.map((map) => of(map)?.length ?? null))
  const bytes = (of: (map: NewMap) => Buffer | null) => Buffer.concat(added.map((map) => of(map) ?? Buffer.alloc(0)))
  return tx.any<FoundMap>(sql`
    INSERT INTO object_store.maps (root, size_bytes, block_size_bytes, hashes, content)
    SELECT substring(${bytes(({ root }) => root)}::bytea FROM place::int * 32 - 31 FOR 32), size_bytes, block_size_bytes,
      substring(${bytes(({ hashes }) => hashes)}::bytea FROM hashes_end - hashes_length + 1 FOR hashes_length),
      substring(${bytes(({ content }) => content)}::bytea FROM content_end - content_length + 1 FOR content_length)
    FROM (
      SELECT *, sum(hashes_length) OVER running::int AS hashes_end, sum(content_length) OVER running::int AS content_end
      FROM unnest(
        ${numbers(added.map(({ sizeBytes }) => sizeBytes))}::bigint[], ${numbers(added.map(({ blockSizeBytes }) => blockSizeBytes))}::int[],
        ${lengths(({ hashes }) => hashes)}::int[], ${lengths(({ content }) => content)}::int[]
      ) WITH ORDINALITY AS m(size_bytes, block_size_bytes, hashes_length, content_length, place)
      WINDOW running AS (ORDER BY place)
    ) AS placed ORDER BY place
    ON CONFLICT (root, size_bytes, block_size_bytes) DO NOTHING
    RETURNING id, encode(root, 'hex') AS root, size_bytes AS "sizeBytes"`)
}

/** Keeps these maps from being removed until commit; the answer lacks those that do not exist. */
export function shareMaps(tx: Tx, shared: readonly MapKey[]) {
  return tx.any<FoundMap>(sql`
    SELECT id, encode(root, 'hex') AS root, size_bytes AS "sizeBytes", content IS NULL AS "inEngine" FROM object_store.maps
    WHERE (root, size_bytes, block_size_bytes) IN (
      SELECT digest, size_bytes, block_size_bytes FROM unnest(
        (SELECT ${shared.map(({ root }) => root)}::bytea[]), (SELECT ${numbers(shared.map(({ sizeBytes }) => sizeBytes))}::bigint[]),
        (SELECT ${numbers(shared.map(({ blockSizeBytes }) => blockSizeBytes))}::int[])) AS wanted(digest, size_bytes, block_size_bytes))
    ORDER BY root, size_bytes FOR KEY SHARE`)
}

/** The same for a map that is known by its id. Undefined when it is gone. */
export function keepMap(tx: Tx, id: bigint) {
  return tx.maybeOne<{ id: bigint }>(sql`SELECT id FROM object_store.maps WHERE id = ${id} FOR KEY SHARE`)
}

/** Records which blocks a map needs. The block of zeros needs no keeping. */
export function referBlocks(tx: Tx, mapId: bigint, hashes: Buffer, zeroBlock: Buffer) {
  return tx.run(sql`
    INSERT INTO object_store.map_blocks (hash, map_id)
    SELECT DISTINCT digest, ${mapId}::bigint FROM object_store.digests(${hashes}) AS digest WHERE digest <> ${zeroBlock}
    ON CONFLICT DO NOTHING`)
}

/** The content of a map is in the engine from now on. */
export function forgetContent(tx: Tx, mapId: bigint) {
  return tx.run(sql`UPDATE object_store.maps SET content = NULL WHERE id = ${mapId}`)
}

export interface KnownBlock {
  /** Hex */
  hash: string
  /** It is in the block engine. */
  stored: boolean
  /** A map that has it as content of its own. */
  inlineMapId: bigint | null
}

/** Who has blocks: an account, or only what a token of it reaches. */
export interface Possessor {
  account: string
  /** Under which name the blocks that it sends ahead are remembered. */
  sends: string
  /** Where the token reaches; undefined: everywhere. */
  within: readonly { container: string; prefix: string }[] | undefined
}

/** Who owns or may read an object possesses what is in it; `v` and `c` are its version and container. */
function visibleTo({ account, within }: Possessor): Sql {
  if (within !== undefined) {
    const containers = within.map(({ container }) => container)
    const prefixes = within.map(({ prefix }) => prefix)
    return sql`
      (c.account = ${account} AND EXISTS (
        SELECT FROM unnest(${containers}::text[], ${prefixes}::text[]) AS part(container, prefix)
        WHERE part.container = c.name AND starts_with(v.name, part.prefix)))`
  }
  return sql`
  (c.account = ${account} OR ${rightTo(subjectsOf(account), sql`v.container_id`, sql`v.name`)} IS NOT NULL)`
}

/** Whether this account possesses a whole content: then no block of it has to be asked for. */
export function possessesMap(q: Queryable, who: Possessor, root: Buffer, sizeBytes: bigint, blockSizeBytes: number) {
  return q.one<{ answer: boolean }>(sql`
    SELECT EXISTS (
      SELECT FROM object_store.maps m
      JOIN object_store.versions v ON v.map_id = m.id JOIN object_store.containers c ON c.id = v.container_id
      WHERE m.root = ${root} AND m.size_bytes = ${sizeBytes} AND m.block_size_bytes = ${blockSizeBytes}
        AND ${visibleTo(who)}) AS answer`)
}

/**
 * Of these hashes (32 bytes each), the blocks that this account possesses: it uploaded them ahead, or owns or may read an
 * object that holds them. A hash is not a key to somebody else's bytes.
 */
export function possessedBlocks(q: Queryable, who: Possessor, hashes: Buffer) {
  const visible = visibleTo(who)
  return q.any<KnownBlock>(sql`
    SELECT encode(digest, 'hex') AS hash, stored, inline AS "inlineMapId" FROM (
      SELECT digest,
        EXISTS (SELECT FROM object_store.pins WHERE account = ${who.sends} AND hash = digest AND expires_at > now())
        OR EXISTS (
          SELECT FROM object_store.map_blocks b
          JOIN object_store.versions v ON v.map_id = b.map_id JOIN object_store.containers c ON c.id = v.container_id
          WHERE b.hash = digest AND ${visible}) AS stored,
        (SELECT m.id FROM object_store.maps m
          JOIN object_store.versions v ON v.map_id = m.id JOIN object_store.containers c ON c.id = v.container_id
          WHERE m.root = digest AND m.content IS NOT NULL AND ${visible} LIMIT 1) AS inline
      FROM object_store.digests(${hashes}) AS digest
    ) known WHERE stored OR inline IS NOT NULL`)
}

/**
 * Promises blocks to an account, or to one token of it, until then; a promise that is half used up is renewed. Those that
 * were sent just now are `blockBytes` long each, and the last one `lastBytes`.
 */
export function pinBlocks(
  q: Queryable,
  { sends }: Pick<Possessor, 'sends'>,
  hashes: Buffer,
  { seconds, blockBytes = 0, lastBytes = 0 }: { seconds: number; blockBytes?: number; lastBytes?: number },
) {
  const last = hashes.subarray(hashes.length - 32)
  return q.run(sql`
    INSERT INTO object_store.pins AS pins (account, hash, expires_at, bytes)
    SELECT DISTINCT ON (digest) ${sends}, digest, now() + make_interval(secs => ${seconds}),
      CASE WHEN digest = ${last} THEN ${lastBytes}::int ELSE ${blockBytes}::int END
    FROM object_store.digests(${hashes}) AS digest ORDER BY digest
    ON CONFLICT (account, hash) DO UPDATE SET expires_at = greatest(pins.expires_at, excluded.expires_at), bytes = greatest(pins.bytes, excluded.bytes)
    WHERE pins.expires_at < now() + make_interval(secs => ${seconds / 2}) OR pins.bytes < excluded.bytes`)
}

/** Bytes of blocks that a person sent, by whatever token, and that no map lists yet. */
export async function bytesSentAhead(q: Queryable, userId: string): Promise<bigint> {
  const { bytes } = await q.one<{ bytes: bigint }>(sql`
    SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM (
      SELECT DISTINCT ON (hash) hash, bytes FROM object_store.pins
      WHERE account >= ${userId} AND account < ${`${userId};`} -- the names of tokens follow a colon
        AND bytes > 0 AND expires_at > now() AND NOT EXISTS (SELECT FROM object_store.map_blocks WHERE map_blocks.hash = pins.hash)
      ORDER BY hash, bytes DESC
    ) AS sent`)
  return bytes
}

export function forgetExpiredPins(q: Queryable) {
  return q.run(sql`DELETE FROM object_store.pins WHERE expires_at < now()`)
}

export function holdMap(tx: Tx, mapId: bigint, holder: string) {
  return tx.run(sql`
    INSERT INTO object_store.map_holds (map_id, holder) VALUES (${mapId}, ${holder}) ON CONFLICT DO NOTHING`)
}

export function releaseMap(tx: Tx, mapId: bigint, holder: string) {
  return tx.run(sql`DELETE FROM object_store.map_holds WHERE map_id = ${mapId} AND holder = ${holder}`)
}

/** What keeps a map: a version of an object, a holder, or its youth (the upload that made it may not have committed elsewhere). */
const MAP_IS_USED = (graceSeconds: number) => sql`
  (EXISTS (SELECT FROM object_store.versions WHERE versions.map_id = maps.id)
    OR EXISTS (SELECT FROM object_store.map_holds WHERE map_holds.map_id = maps.id)
    OR maps.created_at > now() - make_interval(secs => ${graceSeconds}))`

export function unusedMaps(q: Queryable, graceSeconds: number, limit: number) {
  return q.any<{ id: bigint; sizeBytes: bigint }>(sql`
    SELECT id, size_bytes AS "sizeBytes" FROM object_store.maps WHERE NOT ${MAP_IS_USED(graceSeconds)} ORDER BY id LIMIT ${limit}`)
}

/** Of these hashes (32 bytes each), the ones that no used map needs and nobody has pinned. */
export function unusedOf(q: Queryable, hashes: Buffer, graceSeconds: number) {
  return q.any<{ hash: string }>(sql`
    SELECT encode(digest, 'hex') AS hash FROM object_store.digests(${hashes}) AS digest
    WHERE NOT EXISTS (SELECT FROM object_store.pins WHERE hash = digest AND expires_at > now())
      AND NOT EXISTS (
        SELECT FROM object_store.map_blocks JOIN object_store.maps ON maps.id = map_blocks.map_id
        WHERE map_blocks.hash = digest AND ${MAP_IS_USED(graceSeconds)})`)
}
