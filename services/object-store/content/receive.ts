// Receives a body of any length. It fills a block, which is handed to the engine while the next one fills: an upload
// holds one block that fills, and all uploads together `store.storing` blocks that are stored.
import { createHash } from 'node:crypto'
import { hashBlock, NoSpace, stripTrailingZeros, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { Fault } from '@synnefo/lib/fault'
import type { ObjectStore } from '../open.ts'
import { contentOfBlocks, INLINE_BYTES, type NewContent } from './content.ts'

export interface ReceiveOptions {
  /** Small content is not stored but answered, to be kept in the row of its map. */
  inline: boolean
  md5?: boolean
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

export async function receive(store: ObjectStore, body: AsyncIterable<Buffer>, options: ReceiveOptions): Promise<Received> {
  const inlineBytes = options.inline ? Math.min(INLINE_BYTES, store.blockSizeBytes) : 0
  const md5 = options.md5 ? createHash('md5') : undefined
  const small: Buffer[] = []
  let large: LargeBody | undefined
  let sizeBytes = 0n
  try {
    for await (const chunk of body) {
      md5?.update(chunk)
      sizeBytes += BigInt(chunk.length)
      if (sizeBytes > options.atMostBytes) throw new Fault('badRequest', `The body is longer than ${options.atMostBytes} bytes.`)
      if (!large && sizeBytes > inlineBytes) {
        large = beginLarge(store)
        for (const piece of small) await large.add(piece)
      }
      if (large) await large.add(chunk)
      else small.push(chunk)
    }
    if (!large) return { ...(await inlineContent(Buffer.concat(small), sizeBytes)), md5: md5?.digest('hex') }
    const blocks = await large.finish()
    return { content: contentOfBlocks(sizeBytes, blocks), blocks, md5: md5?.digest('hex') }
  } catch (error) {
    throw error instanceof NoSpace ? noSpaceLeft(error) : error
  } finally {
    await large?.end()
  }
}

interface LargeBody {
  add(chunk: Buffer): Promise<void>
  /** Stores what is left and answers the hashes of all blocks. */
  finish(): Promise<string[]>
  /** Frees what it holds, once nothing of it is in use. */
  end(): Promise<void>
}

function beginLarge(store: ObjectStore): LargeBody {
  const { buffers, blocks, storing, uploads, blockSizeBytes } = store
  if (!uploads.tryEnter()) throw tooBusy()
  const hashes: Promise<string>[] = []
  let block: Buffer | undefined
  let filled = 0

  async function storeBlock() {
    const full = block!
    const content = full.subarray(0, filled)
    await storing.enter()
    block = undefined
    filled = 0
    const stored = blocks.put(content).finally(() => {
      storing.leave()
      buffers.giveBack(full)
    })
    stored.catch(() => undefined) // looked at below, in order
    hashes.push(stored)
    // A failure stops the upload soon, not after its last byte; and one upload has two blocks on their way at most.
    await hashes.at(-2)
  }

  return {
    async add(chunk) {
      for (let at = 0; at < chunk.length; ) {
        block ??= buffers.take()
        const copied = chunk.copy(block, filled, at)
        at += copied
        filled += copied
        if (filled === blockSizeBytes) await storeBlock()
      }
    },
    async finish() {
      if (filled > 0) await storeBlock()
      return Promise.all(hashes)
    },
    async end() {
      await Promise.allSettled(hashes)
      if (block) buffers.giveBack(block)
      uploads.leave()
    },
  }
}

/** Content that fits into one row. */
async function inlineContent(data: Buffer, sizeBytes: bigint): Promise<Omit<Received, 'md5'>> {
  const stripped = stripTrailingZeros(data)
  const blocks = data.length === 0 ? [] : [await hashBlock(stripped)]
  return { content: contentOfBlocks(sizeBytes, blocks, blocks[0] === ZERO_BLOCK ? null : stripped), blocks }
}

function tooBusy(): Fault {
  return new Fault('serviceUnavailable', 'Too many uploads at once. Try again soon.', { headers: { 'Retry-After': '2' } })
}
