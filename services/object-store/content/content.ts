// The content of an object: its size, the hash that names it, and where its bytes are.
import { isHash, rootHash, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { Fault } from '@synnefo/lib/fault'

/** Bytes up to which content is kept in the row of its map: one transaction instead of a file and three syncs. */
export const INLINE_BYTES = 64 * 1024

/** Content on its way into the database; its blocks are durable already. */
export interface NewContent {
  sizeBytes: bigint
  /** Hex */
  hash: string
  /** 32 bytes for each block */
  hashes: Buffer
  /** The only block of a small content, trailing zeros stripped; null when its blocks are in the engine. */
  inline: Buffer | null
  /** Its map is there already and alone keeps its blocks: they were neither received nor promised. */
  known?: boolean
}

export function packHashes(hashes: readonly string[]): Buffer {
  return Buffer.from(hashes.join(''), 'hex')
}

export function unpackHashes(packed: Buffer): string[] {
  const hex = packed.toString('hex')
  return Array.from({ length: packed.length / 32 }, (_, i) => hex.slice(i * 64, (i + 1) * 64))
}

export function contentOfBlocks(sizeBytes: bigint, hashes: readonly string[], inline: Buffer | null = null): NewContent {
  return { sizeBytes, hash: rootHash(hashes), hashes: packHashes(hashes), inline }
}

/** A hash list as clients send it: `{"bytes": N, "hashes": [...]}`. */
export function readHashList(body: unknown, blockSizeBytes: number): { sizeBytes: bigint; hashes: string[] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Fault('badRequest', 'The hash list is not a JSON object.')
  const { bytes, hashes } = body as { bytes?: unknown; hashes?: unknown }
  const sizeBytes = readSize(bytes)
  if (!Array.isArray(hashes)) throw new Fault('badRequest', "'hashes' of the hash list is not a list.")
  const lower = hashes.map((hash) => (typeof hash === 'string' ? hash.toLowerCase() : ''))
  if (!lower.every(isHash))
    throw new Fault('badRequest', "'hashes' of the hash list holds something that is not a SHA-256 in hex.")
  if (sizeBytes === 0n && lower.length === 1 && lower[0] === ZERO_BLOCK) return { sizeBytes, hashes: [] }
  const blockSize = BigInt(blockSizeBytes)
  const expected = (sizeBytes + blockSize - 1n) / blockSize
  if (BigInt(lower.length) !== expected) {
    throw new Fault(
      'badRequest',
      `'hashes' holds ${lower.length} items; ${sizeBytes} bytes are ${expected} blocks of ${blockSizeBytes}.`,
    )
  }
  return { sizeBytes, hashes: lower }
}

const LARGEST = 2n ** 63n - 1n

function readSize(bytes: unknown): bigint {
  const integer = typeof bytes === 'bigint' || (typeof bytes === 'number' && Number.isInteger(bytes))
  if (!integer && !(typeof bytes === 'string' && /^\d{1,19}$/.test(bytes)))
    throw new Fault('badRequest', "'bytes' of the hash list is not an integer.")
  const size = BigInt(bytes as string | number | bigint)
  if (size < 0n || size > LARGEST) throw new Fault('badRequest', "'bytes' of the hash list is out of range.")
  return size
}
