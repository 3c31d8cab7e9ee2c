// Content-addressed blocks: the one store under objects, images, volumes and snapshots.
// A block is up to the cloud's block size, named by the SHA-256 (hex) of its content with trailing zero bytes
// stripped. Stored blocks never change. A block of zeros only has the hash of the empty string, is never
// stored and is always present.

import type { Cipher } from './cipher.ts'

export { type BlockBuffers, openBlockBuffers } from './buffers.ts'
export { blockKey, type Cipher, openCipher } from './cipher.ts'
export { BlockDamaged, BlockMismatch, BlockMissing, BlocksKeyWrong, BlocksReadOnly, NoSpace } from './errors.ts'
export { type FilesOptions, openFiles } from './files.ts'
export { hashBlock, isHash, rootHash, stripTrailingZeros, ZERO_BLOCK } from './hash.ts'
export { openSimulated, type SimulatedBlocks, type SimulatedOptions } from './simulated.ts'

/** Bytes of a full block in a new cloud; fixed per cloud at its first start. */
export const DEFAULT_BLOCK_SIZE_BYTES = 4 * 1024 * 1024

export interface StoredBlock {
  hash: string
  /** Bytes stored, trailing zeros stripped. */
  bytes: number
  /** When it was last put; putting it again more than an hour later counts. */
  storedAt: Date
}

/** A copy of a block that was taken from its place: on its way out of the store, or because it is damaged. */
export interface AsideBlock extends StoredBlock {
  /** Which copy: the same block may come and go several times. */
  copy: string
  setAsideAt: Date
}

/** A block that is open for reading. */
export interface OpenBlock {
  /** Bytes stored. */
  readonly bytes: number
  /** The file of this host that holds these bytes as they are, open until `close`; undefined: there is none. */
  readonly file?: number | undefined
  /** Fills memory with the stored bytes from `offset` on, as far as there are any; answers how many. What is encrypted is decrypted off the main thread when the memory is shared. */
  read(into: Uint8Array, offset: number): Promise<number>
  close(): Promise<void>
}

export interface PutOptions {
  /** Called when the data is not needed any more, which may be long before the block is durable; not called when it fails before. */
  onWritten?: () => void
}

export interface BlockUsage {
  blocks: number
  bytes: number
}

export interface BlockSpace {
  freeBytes: number
  totalBytes: number
}

/** Stores blocks. Every call may be repeated; a block that is present is not written again. */
export interface Blocks {
  readonly can: {
    /** Blocks are files of this host: `pathOf` answers and a volume worker may read them synchronously. */
    localFiles: boolean
  }
  /** What files hold is encrypted by this; undefined: it is what was put. */
  readonly cipher?: Cipher | undefined
  /**
   * Stores one block and answers when it is durable (data and name synced, or the store's own word).
   * `data` may carry trailing zeros; they are stripped before hashing. It must not change until this answers, or `onWritten` is called. Memory of
   * `openBlockBuffers` is not copied on its way.
   * Answers the hash. Fails with `BlockMismatch` when `expected` is given and differs, and with `NoSpace` when
   * the store is full: nothing is stored then.
   */
  put(data: Uint8Array, expected?: string, options?: PutOptions): Promise<string>
  /** The stored bytes (trailing zeros stripped: pad to the length needed), or undefined when absent. Fails with `BlockDamaged` when the content no longer matches its name. */
  get(hash: string): Promise<Buffer | undefined>
  /**
   * Opens a block for reading in parts, or answers undefined when it is absent. Its content was verified against its
   * name when this process wrote or first read it, and is verified again when it was touched or some time has passed:
   * fails with `BlockDamaged`.
   */
  open(hash: string): Promise<OpenBlock | undefined>
  /** Of these hashes, the ones that are present. The zero block always is. */
  present(hashes: readonly string[]): Promise<Set<string>>
  /** Every stored block, in order of hash, from the one after `after` on; for the collector and for scrubbing. */
  list(options?: { after?: string }): AsyncIterable<StoredBlock>
  /** Removes at once, whoever may be putting or reading it. No error when it is absent. Where others are at work: `setAside`, look again, `discard`. */
  remove(hash: string): Promise<void>
  /**
   * The first step of a removal that others may cross. The block is not present from now on, so that who puts it stores
   * it anew; it can still be read. A put that found it in its place has made it young before: `aside` tells. No error
   * when it is absent.
   */
  setAside(hash: string): Promise<void>
  /** Every copy that is set aside, also those of a run that was killed. `storedAt` is as it is now. */
  aside(): AsyncIterable<AsideBlock>
  /** Puts a copy back in its place, durably, unless the block was stored anew meanwhile. No error when somebody else took it. */
  bringBack(block: AsideBlock): Promise<void>
  /** The last step: this copy is gone for ever, and no other one. No error when somebody else took it. */
  discard(block: AsideBlock): Promise<void>
  /** Reads a stored block and compares it with its name. */
  verify(hash: string): Promise<'good' | 'damaged' | 'missing'>
  /** Keeps a damaged block apart, where nobody reads it: it counts as absent, and who puts it stores it anew. Answers false when it is good after all. */
  quarantine(hash: string): Promise<boolean>
  /** What was kept apart, for a person to look at. */
  quarantined(): AsyncIterable<AsideBlock>
  /** Removes what crashed writers left behind, this long ago or longer, and answers how much that was. */
  clearLeftovers(olderThanSeconds: number): Promise<number>
  /** Fails when blocks cannot be stored and read back now. */
  probe(): Promise<void>
  /** Where the block lies on this host. Only with `can.localFiles`; the zero block has no path. */
  pathOf(hash: string): string
  /** Counts what is stored, by walking through it: for reports, not for pages. */
  usage(): Promise<BlockUsage>
  /** Space where blocks are stored; undefined where the store does not tell. */
  space(): Promise<BlockSpace | undefined>
  close(): Promise<void>
}
