// New content out of parts of other contents. What lies on a whole block of the new content is taken over by its hash,
// without being read; only blocks that are cut or that several parts share are made anew.
import { hashBlock, NoSpace, stripTrailingZeros, ZERO_BLOCK } from '@synnefo/engine-blocks'
import type { ObjectStore } from '../open.ts'
import type { MapRow } from '../store/maps.ts'
import { contentOfBlocks, INLINE_BYTES, type NewContent } from './content.ts'
import { noSpaceLeft } from './receive.ts'
import { contentOf, type FilePart, sentOf } from './send.ts'

/** Content that can be read from anywhere. */
export interface ReadableContent {
  sizeBytes: number
  /** Bytes `from` to `to` (exclusive). */
  read(from: number, to: number): AsyncGenerator<Buffer>
  /** The same for who can send files, and closes them. */
  send?(from: number, to: number): AsyncGenerator<Buffer | FilePart>
  /** The hash of the block of the engine that begins here and holds this many bytes; undefined when there is none. */
  blockAt(at: number, length: number): string | undefined
}

export interface Part {
  content: ReadableContent
  from: number
  /** Exclusive */
  to: number
}

export const NOTHING: ReadableContent = { sizeBytes: 0, async *read() {}, blockAt: () => undefined }

export function readableOfMap(store: ObjectStore, map: MapRow | undefined): ReadableContent {
  if (!map) return NOTHING
  const { blockSizeBytes, hashes } = map
  const sizeBytes = Number(map.sizeBytes)
  return {
    sizeBytes,
    read: (from, to) => contentOf(store, map, from, to),
    send: (from, to) => sentOf(store, map, from, to),
    blockAt(at, length) {
      // Content in a row is no block of the engine.
      if (map.content || blockSizeBytes !== store.blockSizeBytes || at % blockSizeBytes !== 0) return undefined
      if (Math.min(blockSizeBytes, sizeBytes - at) !== length) return undefined
      const index = at / blockSizeBytes
      return hashes.toString('hex', index * 32, index * 32 + 32)
    },
  }
}

/** Content that was received and is not recorded yet. */
export function readableOfNew(store: ObjectStore, { sizeBytes, hash, hashes, inline }: NewContent): ReadableContent {
  if (sizeBytes === 0n) return NOTHING
  const { blockSizeBytes } = store
  return readableOfMap(store, { id: 0n, root: hash, sizeBytes, blockSizeBytes, hashes, content: inline })
}

export function readableOfBytes(data: Buffer): ReadableContent {
  return {
    sizeBytes: data.length,
    async *read(from, to) {
      yield data.subarray(from, to)
    },
    blockAt: () => undefined,
  }
}

/** The parts one after the other, cut after `atMost` bytes. */
export function joined(parts: readonly Part[], atMost = Number.POSITIVE_INFINITY): Part[] {
  const result: Part[] = []
  let left = atMost
  for (const { content, from, to } of parts) {
    const length = Math.min(to - from, left)
    if (length <= 0) continue
    result.push({ content, from, to: from + length })
    left -= length
  }
  return result
}

/** Makes one content of these parts; its blocks are durable when this answers. */
export async function compose(store: ObjectStore, parts: readonly Part[]): Promise<NewContent> {
  const sizeBytes = parts.reduce((sum, { from, to }) => sum + to - from, 0)
  const { blockSizeBytes } = store
  if (sizeBytes <= Math.min(INLINE_BYTES, blockSizeBytes)) return small(await gather(walk(parts).next(sizeBytes), sizeBytes))
  const hashes: (string | Promise<string>)[] = []
  const making: Promise<string>[] = []
  const from = walk(parts)
  try {
    for (let at = 0; at < sizeBytes; at += blockSizeBytes) {
      const length = Math.min(blockSizeBytes, sizeBytes - at)
      const pieces = from.next(length)
      const [only, ...others] = pieces
      const taken = others.length === 0 ? only!.content.blockAt(only!.from, length) : undefined
      if (taken === undefined) making.push(put(store, await gather(pieces, length)))
      hashes.push(taken ?? making.at(-1)!)
      await making.at(-2) // two on their way at most; a failure stops the rest soon
    }
    return contentOfBlocks(BigInt(sizeBytes), await Promise.all(hashes))
  } catch (error) {
    throw error instanceof NoSpace ? noSpaceLeft(error) : error
  } finally {
    await Promise.allSettled(making)
  }
}

async function put(store: ObjectStore, block: Buffer): Promise<string> {
  await store.storing.enter()
  try {
    return await store.blocks.put(block)
  } finally {
    store.storing.leave()
  }
}

async function small(data: Buffer): Promise<NewContent> {
  const stripped = stripTrailingZeros(data)
  const blocks = data.length === 0 ? [] : [await hashBlock(stripped)]
  return contentOfBlocks(BigInt(data.length), blocks, blocks[0] === ZERO_BLOCK ? null : stripped)
}

/** Goes through the parts; each call answers what the next `length` bytes are made of. */
function walk(parts: readonly Part[]) {
  let index = 0
  let done = 0
  return {
    next(length: number): Part[] {
      const pieces: Part[] = []
      for (let left = length; left > 0; ) {
        const { content, from, to } = parts[index]!
        const taken = Math.min(left, to - from - done)
        pieces.push({ content, from: from + done, to: from + done + taken })
        left -= taken
        done += taken
        if (done < to - from) continue
        index += 1
        done = 0
      }
      return pieces
    },
  }
}

async function gather(pieces: readonly Part[], length: number): Promise<Buffer> {
  const data = Buffer.allocUnsafe(length)
  let filled = 0
  for (const { content, from, to } of pieces) {
    for await (const piece of content.read(from, to)) filled += piece.copy(data, filled)
  }
  return data
}
