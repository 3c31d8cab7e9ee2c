// Content-addressed blocks: the one store under objects, images, volumes and snapshots.
// A block is up to BLOCK_SIZE bytes, named by the SHA-256 (hex) of its content with trailing zero bytes
// stripped. Stored blocks never change. A block of zeros only has the hash of the empty string, is never
// stored and is always present.

/** Bytes of a full block in a new cloud; fixed per cloud at its first start. */
export const DEFAULT_BLOCK_SIZE_BYTES = 4 * 1024 * 1024

/** SHA-256 of nothing: the block that holds only zeros. */
export const ZERO_BLOCK = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

export interface StoredBlock {
  hash: string
  /** Bytes stored, trailing zeros stripped. */
  bytes: number
  storedAt: Date
}

export interface BlockUsage {
  blocks: number
  bytes: number
  /** Bytes still free where blocks are stored; undefined where the store does not tell. */
  freeBytes?: number
}

/** Stores blocks. Every call may be repeated; a block that is present is not written again. */
export interface Blocks {
  readonly can: {
    /** Blocks are files of this host: `pathOf` answers and a volume worker may read them synchronously. */
    localFiles: boolean
  }
  /**
   * Stores one block and answers when it is durable (data and name synced, or the store's own word).
   * `data` may carry trailing zeros; they are stripped before hashing. Answers the hash.
   * Fails with `BlockMismatch` when `expected` is given and differs: nothing is stored then.
   */
  put(data: Uint8Array, expected?: string): Promise<string>
  /** The stored bytes (trailing zeros stripped: pad to the length needed), or undefined when absent. Fails with `BlockDamaged` when the content no longer matches its name. */
  get(hash: string): Promise<Buffer | undefined>
  /** Of these hashes, the ones that are present. The zero block always is. */
  present(hashes: readonly string[]): Promise<Set<string>>
  /** Every stored block, in order of hash; for the collector and for scrubbing. */
  list(): AsyncIterable<StoredBlock>
  remove(hash: string): Promise<void>
  /** Where the block lies on this host. Only with `can.localFiles`; the zero block has no path. */
  pathOf(hash: string): string
  usage(): Promise<BlockUsage>
  close(): Promise<void>
}

export class BlockMismatch extends Error {
  constructor(expected: string, actual: string) {
    super(`block ${expected} was announced but the data has hash ${actual}`)
    this.name = 'BlockMismatch'
  }
}

export class BlockDamaged extends Error {
  constructor(hash: string) {
    super(`block ${hash} is damaged: its content no longer matches its name`)
    this.name = 'BlockDamaged'
  }
}
