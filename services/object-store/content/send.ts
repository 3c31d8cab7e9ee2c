// Reads content back, in pieces: a download holds two pieces in memory, however large the object and slow the client.
import { createHash } from 'node:crypto'
import { BlockDamaged, ZERO_BLOCK } from '@synnefo/engine-blocks'
import type { ObjectStore } from '../open.ts'
import type { MapRow } from '../store/maps.ts'

/** What of a map tells where its bytes are. */
export type ContentMap = Pick<MapRow, 'sizeBytes' | 'blockSizeBytes' | 'hashes' | 'content'>

const PIECE_BYTES = 1024 * 1024
const ZEROS = Buffer.alloc(PIECE_BYTES)

/** Bytes `from` to `to` (exclusive) of a content. */
export async function* contentOf(store: ObjectStore, map: ContentMap, from: number, to: number): AsyncGenerator<Buffer> {
  const ahead = piecesOf(store, map, from, to)
  let next = ahead.next()
  for (;;) {
    const piece = await next
    if (piece.done) return
    next = ahead.next() // read while the client takes this one
    next.catch(() => undefined)
    yield piece.value
  }
}

async function* piecesOf(store: ObjectStore, map: ContentMap, from: number, to: number): AsyncGenerator<Buffer> {
  if (map.content) {
    yield* padded(map.content.subarray(from, to), to - from)
    return
  }
  for (let at = from; at < to; ) {
    const index = Math.floor(at / map.blockSizeBytes)
    const start = index * map.blockSizeBytes
    const end = Math.min(start + map.blockSizeBytes, to)
    const hash = map.hashes.toString('hex', index * 32, index * 32 + 32)
    yield* blockPieces(
      store,
      hash,
      at - start,
      end - start,
      at === start && end === Math.min(start + map.blockSizeBytes, Number(map.sizeBytes)),
    )
    at = end
  }
}

/** Part of one block. A block that is read whole is verified before its last piece is given away. */
async function* blockPieces(store: ObjectStore, hash: string, from: number, to: number, whole: boolean): AsyncGenerator<Buffer> {
  const verifier = whole && hash !== ZERO_BLOCK ? createHash('sha256') : undefined
  let stored = hash !== ZERO_BLOCK
  for (let at = from; at < to; ) {
    const wanted = Math.min(PIECE_BYTES, to - at)
    const piece = stored ? await store.blocks.getPart(hash, at, wanted) : Buffer.alloc(0)
    if (!piece) throw new Error(`block ${hash} is missing`)
    verifier?.update(piece)
    if (piece.length < wanted) stored = false // trailing zeros are not stored
    at += wanted
    if (at === to && verifier && verifier.digest('hex') !== hash) throw new BlockDamaged(hash)
    yield* padded(piece, wanted)
  }
}

function* padded(data: Buffer, length: number): Generator<Buffer> {
  if (data.length > 0) yield data
  for (let left = length - data.length; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length))
}
