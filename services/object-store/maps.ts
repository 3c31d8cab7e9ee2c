// Maps: contents as lists of blocks, stored once and shared by objects, images, volumes and snapshots.
import { isHash, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { type NewContent, packHashes, unpackHashes } from './content/content.ts'
import { cryptRow } from './content/rows.ts'
import type { ObjectStore } from './open.ts'
import { anyDamaged, healContent } from './store/damage.ts'
import * as maps from './store/maps.ts'

const ZERO_DIGEST = Buffer.from(ZERO_BLOCK, 'hex')

/** Contents that are equal have one map. */
export const keyOfContent = ({ hash, sizeBytes }: Pick<NewContent, 'hash' | 'sizeBytes'>) => `${hash} ${sizeBytes}`

/**
 * Answers the maps of contents, by `keyOfContent`: those that exist, and new ones that refer to their blocks. They stay
 * until commit. Empty content has none. A content whose map should be there and is not any more is missing in the answer.
 */
export async function storeMaps(tx: Tx, store: ObjectStore, contents: readonly NewContent[]): Promise<Map<string, bigint>> {
  const wanted = new Map(contents.filter(({ sizeBytes }) => sizeBytes > 0n).map((content) => [keyOfContent(content), content]))
  const found = new Map<string, bigint>()
  while (wanted.size > 0) {
    const rows = [...wanted.values()].sort((a, b) => (keyOfContent(a) < keyOfContent(b) ? -1 : 1))
    const take = (taken: readonly maps.FoundMap[]) => {
      for (const { id, root, sizeBytes } of taken) {
        const key = keyOfContent({ hash: root, sizeBytes })
        found.set(key, id)
        wanted.delete(key)
      }
    }
    const unknown = rows.filter(({ known }) => !known)
    if (unknown.length > 0) {
      const added = await maps.addMaps(
        tx,
        unknown.map((content) => mapOf(store, content)),
      )
      for (const { id, root, sizeBytes } of added) {
        const { inline, hashes } = wanted.get(keyOfContent({ hash: root, sizeBytes }))!
        if (!inline) await maps.referBlocks(tx, id, hashes, ZERO_DIGEST)
      }
      take(added)
    }
    if (wanted.size > 0) {
      const shared = await maps.shareMaps(
        tx,
        [...wanted.values()].map((content) => keyOf(store, content)),
      )
      for (const { id, root, sizeBytes, inEngine } of shared) {
        const { inline } = wanted.get(keyOfContent({ hash: root, sizeBytes }))!
        if (inline && inEngine) await healContent(tx, id, cryptRow(store.blocks, root, inline))
      }
      take(shared)
    }
    // What is known and not there is gone; what was to be added and is not there was removed in between.
    for (const [key, { known }] of wanted) if (known) wanted.delete(key)
  }
  return found
}

/** Those of the maps of contents that exist, by `keyOfContent`. They stay until commit. */
export async function findMaps(tx: Tx, store: ObjectStore, contents: readonly NewContent[]): Promise<Map<string, maps.FoundMap>> {
  const wanted = contents.filter(({ sizeBytes }) => sizeBytes > 0n)
  if (wanted.length === 0) return new Map()
  const found = await maps.shareMaps(
    tx,
    wanted.map((content) => keyOf(store, content)),
  )
  return new Map(found.map((map) => [keyOfContent({ hash: map.root, sizeBytes: map.sizeBytes }), map]))
}

/** Adds the maps of contents that lie in their rows, each once; those that somebody else added meanwhile stay as they are. */
export function smallMapsToAdd(store: ObjectStore, contents: readonly NewContent[]): (tx: Tx) => Promise<void> {
  const rows = [...new Map(contents.map((content) => [keyOfContent(content), content])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, content]) => mapOf(store, content))
  return async (tx) => {
    if (rows.length > 0) await maps.addMaps(tx, rows)
  }
}

/** Content that is put again heals what was damaged. */
export async function healMap(tx: Tx, store: ObjectStore, map: maps.FoundMap, { inline }: NewContent): Promise<void> {
  if (inline && map.inEngine) await healContent(tx, map.id, cryptRow(store.blocks, map.root, inline))
}

/** The same for one content. */
export async function storeMap(tx: Tx, store: ObjectStore, content: NewContent): Promise<bigint | null> {
  if (content.sizeBytes === 0n) return null
  const id = (await storeMaps(tx, store, [content])).get(keyOfContent(content))
  if (id === undefined) throw contentIsGone()
  return id
}

export function contentIsGone(): Fault {
  return new Fault('serviceUnavailable', 'The content was removed at this moment. Try again.')
}

function keyOf({ blockSizeBytes }: ObjectStore, { hash, sizeBytes }: NewContent): maps.MapKey {
  return { root: Buffer.from(hash, 'hex'), sizeBytes, blockSizeBytes }
}

function mapOf(store: ObjectStore, content: NewContent): maps.NewMap {
  const { hash, hashes, inline } = content
  return { ...keyOf(store, content), hashes, content: cryptRow(store.blocks, hash, inline) }
}

export interface Possession {
  /** Blocks that the account does not possess, each once, in order. */
  missing: string[]
  /** It possesses a map of the whole content. */
  known: boolean
}

/** What an account, or a token of it, has of a content. Blocks that it need not send are promised to it for a while. */
export async function possessionOf(store: ObjectStore, who: maps.Possessor, content: NewContent): Promise<Possession> {
  const { db, blockSizeBytes } = store
  const root = Buffer.from(content.hash, 'hex')
  const whole = (await maps.possessesMap(db, who, root, content.sizeBytes, blockSizeBytes)).answer
  // What was damaged at rest is asked for again.
  if (whole && !(await anyDamaged(db, content.hashes)).answer) return { missing: [], known: true }
  const wanted = [...new Set(unpackHashes(content.hashes))].filter((hash) => hash !== ZERO_BLOCK)
  if (wanted.length === 0) return { missing: [], known: false }
  const known = await maps.possessedBlocks(db, who, packHashes(wanted))
  for (const { stored, inlineMapId } of known) if (!stored) await storeInlineBlock(store, inlineMapId!)
  const found = await promiseBlocks(
    store,
    who,
    known.map(({ hash }) => hash),
  )
  return { missing: wanted.filter((hash) => !found.has(hash)), known: false }
}

/**
 * Promises blocks that were not put just now, and answers those of them that really are there. In this order: what the
 * collector sets aside after the promise it brings back, and what it set aside before is not there any more.
 */
export async function promiseBlocks(
  store: ObjectStore,
  who: Pick<maps.Possessor, 'sends'>,
  hashes: readonly string[],
): Promise<Set<string>> {
  if (hashes.length === 0) return new Set()
  await maps.pinBlocks(store.db, who, packHashes(hashes), { seconds: pinSeconds(store) })
  return store.blocks.present(hashes)
}

/** Refuses a content whose last block holds more than is left for it: its hash would not be the one of what is read. */
export async function checkLastBlock(store: ObjectStore, { sizeBytes, hashes }: NewContent): Promise<void> {
  if (sizeBytes === 0n) return
  const length = Number((sizeBytes - 1n) % BigInt(store.blockSizeBytes)) + 1
  if (length === store.blockSizeBytes) return
  const block = await store.blocks.open(hashes.toString('hex', hashes.length - 32))
  if (!block) return
  await block.close()
  if (block.bytes > length)
    throw new Fault('badRequest', `The last block of the hash list holds ${block.bytes} bytes, not at most ${length}.`)
}

/**
 * Remembers that an account, or a token of it, has these blocks, for as long as an upload may take. `sentBytes` is how long
 * they are together, when they were sent just now.
 */
export async function possessBlocks(
  store: ObjectStore,
  who: Pick<maps.Possessor, 'sends'>,
  hashes: readonly string[],
  sentBytes?: bigint,
): Promise<void> {
  const sent = hashes.filter((hash) => hash !== ZERO_BLOCK)
  if (sent.length === 0) return
  const { blockSizeBytes } = store
  const isWhole = sent.at(-1) !== hashes.at(-1) || sentBytes === undefined
  const lastBytes = isWhole ? blockSizeBytes : Number(sentBytes - BigInt(hashes.length - 1) * BigInt(blockSizeBytes))
  const lengths = sentBytes === undefined ? {} : { blockBytes: blockSizeBytes, lastBytes }
  await maps.pinBlocks(store.db, who, packHashes(sent), { seconds: pinSeconds(store), ...lengths })
}

/** Stored this long ago, blocks of a body that is still coming are near the age at which unneeded ones go. */
const LONG_UPLOAD_MS = 3600_000

/** Promises the blocks of a body that took long to come, until they are recorded. Throws when some went meanwhile. `beganAt` is of `performance.now()`. */
export async function keepReceived(store: ObjectStore, blocks: readonly string[], beganAt: number): Promise<void> {
  if (performance.now() - beganAt < LONG_UPLOAD_MS) return
  const hashes = [...new Set(blocks)].filter((hash) => hash !== ZERO_BLOCK)
  const there = await promiseBlocks(store, { sends: 'uploads' }, hashes)
  if (there.size < hashes.length)
    throw new Fault('serviceUnavailable', 'The upload took so long that its first blocks are gone. Try again.')
}

/** Content in a row becomes a block of the engine as well, so that other maps can refer to it. */
async function storeInlineBlock(store: ObjectStore, mapId: bigint): Promise<void> {
  const map = await maps.findMap(store, mapId)
  if (map?.content) await store.blocks.put(map.content, map.root)
}

const pinSeconds = (store: ObjectStore) => store.settings.PITHOS_PIN_HOURS * 3600

export interface OpenedMap {
  sizeBytes: bigint
  blockSizeBytes: number
  hashes: string[]
}

/**
 * A map as its blocks, all of them in the block engine. Called outside of transactions, because content that lies in a
 * row is stored as a block first; who needs the map to stay holds it before.
 */
export async function openMap(store: ObjectStore, mapId: bigint): Promise<OpenedMap | undefined> {
  const map = await maps.findMap(store, mapId)
  if (!map) return undefined
  if (map.content) {
    await store.blocks.put(map.content, map.root)
    const stays = await store.db.transaction(async (tx) => {
      if (!(await maps.keepMap(tx, map.id))) return false
      await maps.referBlocks(tx, map.id, map.hashes, ZERO_DIGEST)
      await maps.forgetContent(tx, map.id)
      return true
    })
    if (!stays) return undefined
  }
  return { sizeBytes: map.sizeBytes, blockSizeBytes: map.blockSizeBytes, hashes: unpackHashes(map.hashes) }
}

/** Keeps a map, whatever becomes of the objects that have it, until `holder` releases it. Holding twice is holding once. */
export async function holdMap(tx: Tx, mapId: bigint, holder: string): Promise<void> {
  if (!(await maps.keepMap(tx, mapId))) throw contentIsGone()
  await maps.holdMap(tx, mapId, holder)
}

export async function releaseMap(tx: Tx, mapId: bigint, holder: string): Promise<void> {
  await maps.releaseMap(tx, mapId, holder)
}

export interface UnusedBlock {
  hash: string
  bytes: number
}

/**
 * Every block in the engine that nothing needs: no map that an object, a volume or another holder uses, no upload under
 * way, and stored longer ago than any upload takes. Proved from the database, batch by batch.
 */
export async function* unusedBlocks(store: ObjectStore, options: { graceSeconds: number }): AsyncGenerator<UnusedBlock> {
  const oldest = Date.now() - options.graceSeconds * 1000
  let batch = new Map<string, number>()
  async function proved(): Promise<UnusedBlock[]> {
    const unused = await maps.unusedOf(store.db, packHashes([...batch.keys()]), options.graceSeconds)
    return unused.map(({ hash }) => ({ hash, bytes: batch.get(hash)! }))
  }
  for await (const { hash, bytes, storedAt } of store.blocks.list()) {
    if (storedAt.getTime() > oldest || !isHash(hash)) continue
    batch.set(hash, bytes)
    if (batch.size < 1000) continue
    yield* await proved()
    batch = new Map()
  }
  if (batch.size > 0) yield* await proved()
}

/** Maps that no object has and nobody holds, made longer ago than any upload takes. */
export function unusedMaps(q: Queryable, options: { graceSeconds: number; limit: number }) {
  return maps.unusedMaps(q, options.graceSeconds, options.limit)
}
