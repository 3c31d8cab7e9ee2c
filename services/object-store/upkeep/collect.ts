// The collector: maps that nobody needs, then blocks that no map lists. Uploads go on meanwhile, so a block goes in two
// steps. It is set aside first: from then on it is not present, and who puts it stores it anew. Only then the database
// is asked once more, and the time of the block looked at again. Whoever relied on the block in its place did so before:
// by a map, by a pin (pinned first, and found present after), or by a put, which made it young. Such a block comes back.
//
// Killed at any moment, it leaves copies aside, which the next run looks at in the same way.
import type { AsideBlock } from '@synnefo/engine-blocks'
import { packHashes } from '../content/content.ts'
import { unusedBlocks } from '../maps.ts'
import type { ObjectStore } from '../open.ts'
import { lockMaps, lookAtMaps, removeUnusedMaps, unreferencedOf } from '../store/garbage.ts'
import { batchesOf } from './batches.ts'

export interface Collected {
  maps: number
  /** Blocks that are gone. */
  blocks: number
  /** Bytes of them, and of contents in the rows of maps. */
  bytes: number
  /** Blocks that will go when downloads under way have ended. */
  setAside: number
  broughtBack: number
  /** Files of uploads that a crash ended. */
  leftovers: number
}

export interface CollectOptions {
  /** Longer than any upload takes. Blocks and maps that are younger stay. */
  graceSeconds: number
  /** The block after which to look. */
  after?: string
  /** Told how far it came; answering false ends it there. */
  goOn?: (position: string) => Promise<boolean>
}

/** Downloads of objects that are gone may read on for this long. */
const LINGER_SECONDS = 3600
const BLOCKS_AT_ONCE = 1000
const MAPS_AT_ONCE = 2000
/** References that one transaction removes, give or take a map. */
const REFERENCES_AT_ONCE = 50_000

export const nothingCollected = (): Collected => ({ maps: 0, blocks: 0, bytes: 0, setAside: 0, broughtBack: 0, leftovers: 0 })

/** Everything that a run does before it walks through the blocks. */
export async function collectMaps(store: ObjectStore, report: Collected, options: CollectOptions): Promise<void> {
  report.leftovers += await store.blocks.clearLeftovers(Math.max(options.graceSeconds, 3600))
  await removeMaps(store, report, options)
  await reviewAside(store, report, options)
}

/** Walks through the blocks. Answers whether it came to the end. */
export async function collectBlocks(store: ObjectStore, report: Collected, options: CollectOptions): Promise<boolean> {
  const { graceSeconds, after = '', goOn } = options
  const { blocks } = store
  const oldest = Date.now() - graceSeconds * 1000
  for await (const batch of batchesOf(blocks.list({ after }), BLOCKS_AT_ONCE)) {
    const old = batch.filter(({ storedAt }) => storedAt.getTime() <= oldest).map(({ hash }) => hash)
    const unreferenced = old.length > 0 ? await unreferencedOf(store.db, packHashes(old)) : []
    for (const { hash } of unreferenced) await blocks.setAside(hash)
    report.setAside += unreferenced.length
    if (graceSeconds === 0 && unreferenced.length > 0) await reviewAside(store, report, options)
    if (goOn && !(await goOn(batch.at(-1)!.hash))) return false
  }
  return true
}

export async function collect(store: ObjectStore, options: CollectOptions): Promise<Collected> {
  const report = nothingCollected()
  await collectMaps(store, report, options)
  await collectBlocks(store, report, options)
  return report
}

/** What `collect` would remove now. */
export async function wouldCollect(store: ObjectStore, { graceSeconds }: CollectOptions): Promise<Collected> {
  const report = nothingCollected()
  for (let last: bigint | null = 0n; last !== null; ) {
    const looked = await lookAtMaps(store.db, last, { graceSeconds, atMost: MAPS_AT_ONCE })
    report.maps += looked.unused.length
    last = looked.last
  }
  for await (const { bytes } of unusedBlocks(store, { graceSeconds })) {
    report.blocks += 1
    report.bytes += bytes
  }
  for await (const _ of store.blocks.aside()) report.setAside += 1
  return report
}

/** Looks again at what was set aside: what somebody needs comes back, what nobody needs goes once readers have had their time. */
export async function reviewAside(store: ObjectStore, report: Collected, { graceSeconds }: CollectOptions): Promise<void> {
  const { blocks, db } = store
  const lingerMillis = Math.min(graceSeconds, LINGER_SECONDS) * 1000
  for await (const copies of batchesOf<AsideBlock>(blocks.aside(), BLOCKS_AT_ONCE)) {
    const now = Date.now()
    const unreferenced = new Set((await unreferencedOf(db, packHashes(copies.map(({ hash }) => hash)))).map(({ hash }) => hash))
    for (const copy of copies) {
      if (!unreferenced.has(copy.hash) || copy.storedAt.getTime() > now - graceSeconds * 1000) {
        await blocks.bringBack(copy)
        report.broughtBack += 1
      } else if (copy.setAsideAt.getTime() <= now - lingerMillis) {
        await blocks.discard(copy)
        report.blocks += 1
        report.bytes += copy.bytes
      }
    }
  }
}

async function removeMaps({ db }: ObjectStore, report: Collected, { graceSeconds }: CollectOptions): Promise<void> {
  for (let last: bigint | null = 0n; last !== null; ) {
    const looked = await lookAtMaps(db, last, { graceSeconds, atMost: MAPS_AT_ONCE })
    for (const ids of portions(looked.unused, looked.blocks)) {
      const gone = await db.transaction(
        async (tx) => {
          const locked = await lockMaps(tx, ids)
          return removeUnusedMaps(
            tx,
            locked.map(({ id }) => id),
            graceSeconds,
          )
        },
        { patient: true },
      )
      report.maps += gone.maps
      report.bytes += gone.bytes
    }
    last = looked.last
  }
}

/** Maps with as many references together as one transaction should remove. */
function* portions(ids: readonly bigint[], references: readonly bigint[]): Generator<bigint[]> {
  let portion: bigint[] = []
  let sum = 0n
  for (const [at, id] of ids.entries()) {
    portion.push(id)
    sum += references[at]!
    if (sum < REFERENCES_AT_ONCE) continue
    yield portion
    portion = []
    sum = 0n
  }
  if (portion.length > 0) yield portion
}
