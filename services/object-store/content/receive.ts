// Receives a body of any length. Chunks gather until they fill a block, which is handed to the engine while the next one
// gathers: an upload holds at most one block that fills, and all uploads together `store.storing` blocks that are stored.
import { createHash, type Hash } from 'node:crypto'
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
  const blockSize = store.blockSizeBytes
  const inlineBytes = options.inline ? Math.min(INLINE_BYTES, blockSize) : 0
  const md5 = options.md5 ? createHash('md5') : undefined
  const hashes: Promise<string>[] = []
  let gathered: Buffer[] = []
  let gatheredBytes = 0
  let sizeBytes = 0n
  let large = false

  async function storeGathered() {
    await store.storing.enter()
    const block = gathered.length === 1 ? gathered[0]! : Buffer.concat(gathered, gatheredBytes)
    gathered = []
    gatheredBytes = 0
    const stored = store.blocks.put(block).finally(() => store.storing.leave())
    stored.catch(() => undefined) // looked at below, in order
    hashes.push(stored)
    // A failure stops the upload soon, not after its last byte; and one upload has two blocks on their way at most.
    await hashes.at(-2)
  }

  try {
    for await (const chunk of body) {
      md5?.update(chunk)
      sizeBytes += BigInt(chunk.length)
      if (sizeBytes > options.atMostBytes) throw new Fault('badRequest', `The body is longer than ${options.atMostBytes} bytes.`)
      for (let rest = chunk; rest.length > 0; ) {
        if (!large && gatheredBytes + rest.length > inlineBytes) {
          if (!store.uploads.tryEnter()) throw tooBusy()
          large = true
        }
        const taken = rest.subarray(0, blockSize - gatheredBytes)
        gathered.push(taken)
        gatheredBytes += taken.length
        rest = rest.subarray(taken.length)
        if (gatheredBytes === blockSize && large) await storeGathered()
      }
    }
    if (!large) return { ...(await inlineContent(Buffer.concat(gathered), sizeBytes)), md5: digestOf(md5) }
    if (gatheredBytes > 0) await storeGathered()
    const blocks = await Promise.all(hashes)
    return { content: contentOfBlocks(sizeBytes, blocks), blocks, md5: digestOf(md5) }
  } catch (error) {
    throw error instanceof NoSpace ? noSpaceLeft(error) : error
  } finally {
    await Promise.allSettled(hashes)
    if (large) store.uploads.leave()
  }
}

/** Content that fits into one row. */
async function inlineContent(data: Buffer, sizeBytes: bigint): Promise<Omit<Received, 'md5'>> {
  const stripped = stripTrailingZeros(data)
  const blocks = data.length === 0 ? [] : [await hashBlock(stripped)]
  return { content: contentOfBlocks(sizeBytes, blocks, blocks[0] === ZERO_BLOCK ? null : stripped), blocks }
}

const digestOf = (md5: Hash | undefined) => md5?.digest('hex')

function tooBusy(): Fault {
  return new Fault('serviceUnavailable', 'Too many uploads at once. Try again soon.', { headers: { 'Retry-After': '2' } })
}
