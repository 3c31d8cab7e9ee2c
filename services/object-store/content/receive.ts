// Receives a body of any length. It fills a block, which is handed to the engine while the next one fills: an upload
// holds one block that fills, and all uploads together `store.storing` blocks that are stored.
import { hash } from 'node:crypto'
import { hashBlock, NoSpace, stripTrailingZeros, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { Fault } from '@synnefo/lib/fault'
import { keepReceived } from '../maps.ts'
import type { ObjectStore } from '../open.ts'
import { type Body, eachChunk, type Filling } from './body.ts'
import { contentOfBlocks, INLINE_BYTES, type NewContent } from './content.ts'

export interface ReceiveOptions {
  /** Small content is not stored but answered, to be kept in the row of its map. */
  inline: boolean
  md5?: boolean
  /** Whose body it is. */
  sender: string
  /** More than this is refused. */
  atMostBytes: bigint
}

export interface Received {
  content: NewContent
  blocks: string[]
  /** Hex; only when asked for. */
  md5: string | undefined
}

export function noSpaceLeft(cause: unknown): Fault {
  const message = 'The cloud has no disk space left. Nothing was changed; try again when its administrator has made room.'
  return new Fault('insufficientStorage', message, { cause })
}

export async function receive(store: ObjectStore, body: Body, options: ReceiveOptions): Promise<Received> {
  const inlineBytes = options.inline ? Math.min(INLINE_BYTES, store.blockSizeBytes) : 0
  const small: Buffer[] = []
  const beganAt = performance.now()
  let large: LargeBody | undefined
  let bytes = 0

  function take(chunk: Buffer): Promise<void> | undefined {
    bytes += chunk.length
    checkLength(bytes, options)
    if (large) return large.add(chunk)
    small.push(chunk)
    if (bytes <= inlineBytes) return undefined
    large = beginLarge(store, options)
    return large.add(Buffer.concat(small))
  }

  async function takeFilled(filling: Filling): Promise<void> {
    try {
      large = beginLarge(store, options)
      while (filling.leftBytes > 0) {
        bytes += await large.fill(filling)
        checkLength(bytes, options)
      }
    } finally {
      filling.end()
    }
  }

  try {
    const filling = await body.beginFilling?.()
    if (filling) await takeFilled(filling)
    else await eachChunk(body, take)
    const sizeBytes = BigInt(bytes)
    if (!large) return await receivedSmall(Buffer.concat(small), options)
    const { blocks, md5 } = await large.finish()
    await keepReceived(store, blocks, beganAt)
    return { content: contentOfBlocks(sizeBytes, blocks), blocks, md5 }
  } catch (error) {
    throw error instanceof NoSpace ? noSpaceLeft(error) : error
  } finally {
    await large?.end()
  }
}

function checkLength(bytes: number, { atMostBytes }: ReceiveOptions): void {
  if (bytes > atMostBytes) throw new Fault('badRequest', `The body is longer than ${atMostBytes} bytes.`)
}

interface LargeBody {
  /** Fills the next block and answers how many bytes it took: fewer than a block when the body is at its end. */
  fill(filling: Filling): Promise<number>
  /** Answers a promise when the body should wait. */
  add(chunk: Buffer): Promise<void> | undefined
  /** Stores what is left and answers the hashes of all blocks, and the MD5 if it is counted. */
  finish(): Promise<{ blocks: string[]; md5: string | undefined }>
  /** Frees what it holds, once nothing of it is in use. */
  end(): Promise<void>
}

/** Blocks of one upload that are not durable yet: most of them wait, without memory, for the disk's journal. */
const ON_THEIR_WAY = 16

function beginLarge(store: ObjectStore, { md5: withMd5, sender }: ReceiveOptions): LargeBody {
  const { buffers, blocks, storing, uploads, blockSizeBytes } = store
  if (!uploads.tryEnter(sender)) throw tooBusy()
  const md5 = withMd5 ? store.md5.open() : undefined
  const hashes: Promise<string>[] = []
  let block: Buffer | undefined
  let filled = 0

  async function storeBlock(): Promise<void> {
    const full = block!
    const content = full.subarray(0, filled)
    await storing.enter()
    block = undefined
    filled = 0
    const written = Promise.withResolvers<void>()
    const stored = blocks.put(content, undefined, { onWritten: written.resolve }).finally(written.resolve)
    const counted = md5?.update(content)
    // Its name becomes durable while the memory holds another block already.
    void Promise.allSettled([written.promise, counted]).then(() => {
      storing.leave()
      buffers.giveBack(full)
    })
    const done = Promise.all([stored, counted]).then(([hash]) => hash)
    done.catch(() => undefined) // looked at below, in order
    hashes.push(done)
    // A failure stops the upload soon, not after its last byte.
    await hashes.at(-ON_THEIR_WAY)
  }

  /** Goes on with a chunk from where the block was full. */
  async function addRest(chunk: Buffer, from: number): Promise<void> {
    for (let at = from; at < chunk.length; ) {
      at += copy(chunk, at)
      if (filled === blockSizeBytes) await storeBlock()
    }
  }

  function copy(chunk: Buffer, from: number): number {
    block ??= buffers.take()
    const copied = Math.min(block.length - filled, chunk.length - from)
    // Not `copy`: into memory that threads share, V8 copies byte by byte where the two are not aligned alike, which took
    // three times as long as this, a tenth of all processor time of an upload.
    if (copied > 0) block.fill(chunk.subarray(from, from + copied), filled, filled + copied)
    filled += copied
    if (from + copied === chunk.length) letGo(chunk)
    return copied
  }

  return {
    async fill(filling) {
      block ??= buffers.take()
      filled = await filling.fill(block)
      if (filled < blockSizeBytes) return filled
      await storeBlock()
      return blockSizeBytes
    },
    add(chunk) {
      const copied = copy(chunk, 0)
      return filled === blockSizeBytes ? storeBlock().then(() => addRest(chunk, copied)) : undefined
    },
    async finish() {
      if (filled > 0) await storeBlock()
      return { blocks: await Promise.all(hashes), md5: await md5?.digest() }
    },
    async end() {
      await Promise.allSettled(hashes)
      if (block) buffers.giveBack(block)
      md5?.forget()
      uploads.leave(sender)
    },
  }
}

/**
 * Frees the memory of a chunk that was copied. Left to the garbage collector, the chunks of a fast upload made it go
 * through the whole heap thirty times for each GiB, which took more of the processor than all else together.
 */
function letGo(chunk: Buffer): void {
  const { buffer, length } = chunk
  // Only memory that nothing else lies in.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length && !buffer.detached) buffer.transfer(0)
}

/** Content that fits into one row. */
async function receivedSmall(data: Buffer, { md5 }: ReceiveOptions): Promise<Received> {
  const stripped = stripTrailingZeros(data)
  const blocks = data.length === 0 ? [] : [await hashBlock(stripped)]
  const content = contentOfBlocks(BigInt(data.length), blocks, blocks[0] === ZERO_BLOCK ? null : stripped)
  return { content, blocks, md5: md5 ? hash('md5', data) : undefined }
}

function tooBusy(): Fault {
  return new Fault('serviceUnavailable', 'Too many uploads at once. Try again soon.', { headers: { 'Retry-After': '2' } })
}
