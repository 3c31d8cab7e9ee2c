// Takes contents over from the files of the original: every block is compared with its name on the way, and durable when
// this answers. What was written by volumes has no name of that kind and gets the one of its content.
import { BlockMismatch, hashBlock, isHash, stripTrailingZeros, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { contentOfBlocks, INLINE_BYTES, type NewContent } from '../content/content.ts'
import { promiseBlocks } from '../maps.ts'
import type { ObjectStore } from '../open.ts'
import { ContentProblem, type MapEntry, type OriginalFiles } from './original-files.ts'

export interface WantedContent {
  map: string
  sizeBytes: bigint
  /** The hash of the object, when the original knew it. */
  hash: string | undefined
  /** A small one may lie in the row of its map. */
  inline: boolean
}

export interface Taken {
  blocks: number
  bytes: number
}

const BLOCKS_AT_ONCE = 4

/** Answers the content, or throws `ContentProblem`. */
export async function takeContent(
  store: ObjectStore,
  files: OriginalFiles,
  { map, sizeBytes, hash, inline }: WantedContent,
  taken: Taken,
): Promise<NewContent> {
  const entries = await files.entriesOf(map, sizeBytes)
  const content =
    inline && entries.length === 1 && sizeBytes <= BigInt(INLINE_BYTES)
      ? await takeSmall(store, files, entries[0]!, sizeBytes, taken)
      : contentOfBlocks(sizeBytes, await takeBlocks(store, files, entries, taken))
  if (hash !== undefined && content.hash !== hash)
    throw new ContentProblem(`the blocks of map ${map} make content ${content.hash}, not ${hash}`)
  return content
}

/** The same without taking anything: whether everything seems to be there. Blocks count for each content that lists them. */
export async function lookAtContent(files: OriginalFiles, { map, sizeBytes }: WantedContent, seen: Taken): Promise<void> {
  const missing = new Set<string>()
  for (const { name } of await files.entriesOf(map, sizeBytes)) {
    if (name === ZERO_BLOCK || missing.has(name)) continue
    const bytes = await files.blockBytes(name)
    if (bytes === undefined) missing.add(name)
    else {
      seen.blocks += 1
      seen.bytes += bytes
    }
  }
  if (missing.size > 0) throw missingBlocks([...missing])
}

function missingBlocks(names: readonly string[]): ContentProblem {
  return new ContentProblem(
    names.length === 1 ? `block ${names[0]} is missing` : `${names.length} blocks are missing, the first is ${names[0]}`,
  )
}

async function readBlock(files: OriginalFiles, { name }: MapEntry): Promise<Buffer> {
  const block = await files.block(name)
  if (!block) throw missingBlocks([name])
  if (block.length > files.blockSizeBytes) throw new ContentProblem(`block ${name} is longer than a block`)
  return block
}

/** Content that lies in the row of its map, unless something is behind its end. */
async function takeSmall(store: ObjectStore, files: OriginalFiles, entry: MapEntry, sizeBytes: bigint, taken: Taken) {
  if (entry.name === ZERO_BLOCK) return contentOfBlocks(sizeBytes, [ZERO_BLOCK])
  const block = stripTrailingZeros(await readBlock(files, entry))
  if (BigInt(block.length) > sizeBytes) return contentOfBlocks(sizeBytes, await takeBlocks(store, files, [entry], taken))
  const hash = await hashBlock(block)
  if (entry.isHash && hash !== entry.name) throw damaged(entry.name)
  taken.blocks += 1
  taken.bytes += block.length
  return contentOfBlocks(sizeBytes, [hash], hash === ZERO_BLOCK ? null : block)
}

const damaged = (name: string) => new ContentProblem(`block ${name} is damaged: it holds something else`)

async function takeBlocks(
  store: ObjectStore,
  files: OriginalFiles,
  entries: readonly MapEntry[],
  taken: Taken,
): Promise<string[]> {
  const named = [...new Set(entries.filter(({ isHash }) => isHash).map(({ name }) => name))]
  const here = await store.blocks.present(named)
  const kept = await promiseBlocks(
    store,
    { sends: 'import' },
    [...here].filter((name) => name !== ZERO_BLOCK),
  )
  kept.add(ZERO_BLOCK)
  const hashes = new Map([...kept].map((name) => [name, name]))
  const wanted = [...new Map(entries.map((entry) => [entry.name, entry])).values()].filter(({ name }) => !hashes.has(name))
  let failure: unknown
  async function work() {
    for (let entry = wanted.shift(); entry && !failure; entry = wanted.shift()) {
      try {
        hashes.set(entry.name, await takeBlock(store, files, entry, taken))
      } catch (error) {
        failure ??= error
      }
    }
  }
  await Promise.all(Array.from({ length: BLOCKS_AT_ONCE }, work))
  if (failure) throw failure
  return entries.map(({ name }) => hashes.get(name)!)
}

async function takeBlock(store: ObjectStore, files: OriginalFiles, entry: MapEntry, taken: Taken): Promise<string> {
  const block = await readBlock(files, entry)
  try {
    const hash = await store.blocks.put(block, entry.isHash ? entry.name : undefined)
    taken.blocks += 1
    taken.bytes += block.length
    return hash
  } catch (error) {
    throw error instanceof BlockMismatch ? damaged(entry.name) : error
  }
}

/** The hash of an object, unless it is something else: snapshots had the name of their map in its place. */
export const contentHash = (hash: string | null): string | undefined => (hash !== null && isHash(hash) ? hash : undefined)
