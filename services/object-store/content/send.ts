// Reads content back, in pieces: a download holds two pieces in memory, however large the object and slow the client, and
// none where the system sends files.
import { BlockMissing, type OpenBlock } from '@synnefo/engine-blocks'
import type { ObjectStore } from '../open.ts'
import type { MapRow } from '../store/maps.ts'
import { PIECE_BYTES } from './pieces.ts'

/** What of a map tells where its bytes are. */
export type ContentMap = Pick<MapRow, 'sizeBytes' | 'blockSizeBytes' | 'hashes' | 'content'>

/** Bytes of an open file. Whoever gets it closes it. */
export interface FilePart {
  file: number
  from: number
  bytes: number
  close(): Promise<void>
}

/** From here on it is worth asking a thread to send it. */
const FILE_BYTES = 256 * 1024

const ZEROS = Buffer.alloc(PIECE_BYTES)

/**
 * Bytes `from` to `to` (exclusive) of a content, verified before they are given away. Their memory may be given back to
 * `store.pieces`.
 */
export async function* contentOf(store: ObjectStore, map: ContentMap, from: number, to: number): AsyncGenerator<Buffer> {
  const ahead = piecesOf(store, map, from, to, closingPieces)
  let next = ahead.next()
  try {
    for (;;) {
      const piece = await next
      if (piece.done) return
      next = ahead.next() // read while the client takes this one
      next.catch(() => undefined)
      yield piece.value
    }
  } finally {
    await next.catch(() => undefined)
    await ahead.return(undefined)
  }
}

/**
 * The same bytes, for who can send files: large parts that lie in a file as they are come as parts of that file, each of
 * which is closed by who gets it.
 */
export function sentOf(store: ObjectStore, map: ContentMap, from: number, to: number): AsyncGenerator<Buffer | FilePart> {
  const { can, cipher } = store.blocks
  if (!can.localFiles || cipher || map.content) return contentOf(store, map, from, to)
  return piecesOf(store, map, from, to, blockParts)
}

/** Part of one block, which it closes. */
type PartsOfBlock<Piece> = (store: ObjectStore, block: OpenBlock, from: number, to: number) => AsyncGenerator<Piece>

async function* piecesOf<Piece>(
  store: ObjectStore,
  map: ContentMap,
  from: number,
  to: number,
  partsOfBlock: PartsOfBlock<Piece>,
): AsyncGenerator<Buffer | Piece> {
  if (map.content) {
    yield* padded(map.content.subarray(from, to), to - from)
    return
  }
  const { blockSizeBytes, hashes } = map
  const last = Math.floor((to - 1) / blockSizeBytes)
  const openAt = (index: number) => openBlock(store, hashes.toString('hex', index * 32, index * 32 + 32))
  let opened: Promise<OpenBlock> | undefined
  try {
    for (let at = from; at < to; ) {
      const index = Math.floor(at / blockSizeBytes)
      const start = index * blockSizeBytes
      const end = Math.min(start + blockSizeBytes, to)
      const block = await (opened ?? openAt(index))
      opened = index < last ? openAt(index + 1) : undefined // verified while this one is sent
      opened?.catch(() => undefined)
      yield* partsOfBlock(store, block, at - start, end - start)
      at = end
    }
  } finally {
    const left = await opened?.catch(() => undefined)
    await left?.close()
  }
}

async function openBlock({ blocks }: ObjectStore, hash: string): Promise<OpenBlock> {
  const block = await blocks.open(hash)
  if (!block) throw new BlockMissing(hash)
  return block
}

async function* blockParts(store: ObjectStore, block: OpenBlock, from: number, to: number): AsyncGenerator<Buffer | FilePart> {
  const { file } = block
  const bytes = Math.min(to, block.bytes) - from
  if (file === undefined || bytes < FILE_BYTES) return yield* closingPieces(store, block, from, to)
  yield { file, from, bytes, close: block.close }
  yield* padded(ZEROS.subarray(0, 0), to - from - bytes)
}

async function* closingPieces(store: ObjectStore, block: OpenBlock, from: number, to: number): AsyncGenerator<Buffer> {
  try {
    yield* blockPieces(store, block, from, to)
  } finally {
    await block.close()
  }
}

async function* blockPieces({ pieces }: ObjectStore, block: OpenBlock, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; ) {
    const stored = Math.min(PIECE_BYTES, to - at, block.bytes - at)
    if (stored <= 0) return yield* padded(ZEROS.subarray(0, 0), to - at) // trailing zeros are not stored
    const piece = pieces.take(stored)
    const read = await block.read(piece, at)
    if (read < stored) throw new Error('a block became shorter while it was read')
    yield piece
    at += stored
  }
}

function* padded(data: Buffer, length: number): Generator<Buffer> {
  if (data.length > 0) yield data
  for (let left = length - data.length; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length))
}
