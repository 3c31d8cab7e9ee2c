// Blocks that are read in parts. Files are called by number, which costs a third less than file handles: a large
// download makes thousands of calls.
import { close, fstat, open, read, type Stats } from 'node:fs'
import { promisify } from 'node:util'
import type { Cipher } from './cipher.ts'
import { BlockDamaged } from './errors.ts'
import { HANDED_OVER_BYTES, hashStripped, ZERO_BLOCK } from './hash.ts'
import type { Blocks, OpenBlock } from './index.ts'
import type { Verified } from './verified.ts'

type Done<T> = (error: Error | null, result: T) => void

export const openFile = promisify((path: string, done: Done<number>) => open(path, 'r', done))
const factsOf = promisify((file: number, done: Done<Stats>) => fstat(file, done))
const closeFile = promisify(close)

/** Fills memory from an offset of a file on, as far as the file goes; answers how many bytes. */
function readFrom(file: number, into: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const more = (filled: number) => {
      if (filled === into.length) resolve(filled)
      else
        read(file, into, filled, into.length - filled, offset + filled, (error, bytes) => {
          if (error) reject(error)
          else if (bytes === 0) resolve(filled)
          else more(filled + bytes)
        })
    }
    more(0)
  })
}

export interface BlockFiles {
  /** Of a block that is there. */
  open(hash: string): Promise<number | undefined>
  /** The hash of that many bytes of a file, which is the block of that name, off the main thread. */
  hashFile(file: number, bytes: number, name: string): Promise<string>
  /** Reads as `OpenBlock.read` does, into shared memory, off the main thread, and decrypts. */
  readFile(file: number, into: Uint8Array, offset: number, name: string): Promise<number>
  cipher: Cipher | undefined
  verified: Verified
}

/** From here on decrypting takes longer than asking a thread for it. */
const DECRYPTED_ELSEWHERE_BYTES = 64 * 1024

/** The block of zeros, open. */
const NOTHING_STORED: OpenBlock = { bytes: 0, read: async () => 0, close: async () => {} }

/** Opens blocks, each verified unless it is known to match its name. */
export function readerOf({ open, hashFile, readFile, cipher, verified }: BlockFiles): Blocks['open'] {
  async function readPart(hash: string, file: number, into: Uint8Array, offset: number): Promise<number> {
    if (cipher && into.length >= DECRYPTED_ELSEWHERE_BYTES && into.buffer instanceof SharedArrayBuffer)
      return readFile(file, into, offset, hash)
    const bytes = await readFrom(file, into, offset)
    if (cipher) {
      const part = into.subarray(0, bytes)
      cipher.applyInto(hash, part, offset, part)
    }
    return bytes
  }
  async function hashOf(hash: string, file: number, bytes: number): Promise<string> {
    if (bytes >= HANDED_OVER_BYTES) return hashFile(file, bytes, hash)
    const content = Buffer.allocUnsafe(bytes)
    return hashStripped(content.subarray(0, await readPart(hash, file, content, 0)))
  }
  async function verify(hash: string, file: number, facts: Stats): Promise<void> {
    if (verified.has(hash, facts)) return
    if ((await hashOf(hash, file, facts.size)) !== hash) throw new BlockDamaged(hash)
    verified.add(hash, facts)
  }

  return async (hash) => {
    if (hash === ZERO_BLOCK) return NOTHING_STORED
    const file = await open(hash)
    if (file === undefined) return undefined
    try {
      const facts = await factsOf(file)
      await verify(hash, file, facts)
      return {
        bytes: facts.size,
        file: cipher ? undefined : file,
        read: (into, offset) => readPart(hash, file, into, offset),
        close: () => closeFile(file),
      }
    } catch (error) {
      await closeFile(file)
      throw error
    }
  }
}
