// What a volume reads below its own pieces: the blocks of its source, which are files that never change.
import { closeSync, openSync } from 'node:fs'
import { basename } from 'node:path'
import { type Cipher, openCipher } from '@synnefo/engine-blocks/cipher'
import { readPadded } from './files.ts'

export interface Source {
  sizeBytes: number
  blockSizeBytes: number
  /** Where the block of each chunk lies; empty for a chunk of zeros. */
  blockPaths: readonly string[]
  /** With which blocks are encrypted, each under its name; undefined: they are not. */
  blockKey?: Uint8Array | undefined
}

/** A block of the source cannot be read: the volume's owner will see an I/O error. */
export class BlockUnreadable extends Error {
  constructor(path: string, cause: unknown) {
    super(`the shared block ${path} cannot be read`, { cause })
    this.name = 'BlockUnreadable'
  }
}

const OPEN_FILES = 32

export class SharedBlocks {
  readonly #source: Source
  readonly #cipher: Cipher | undefined
  /** Open files by path, the one used longest ago first. */
  readonly #open = new Map<string, number>()
  #lastPath = ''
  #lastFd = -1

  constructor(source: Source | undefined) {
    this.#source = source ?? { sizeBytes: 0, blockSizeBytes: 1, blockPaths: [] }
    this.#cipher = source?.blockKey && openCipher(source.blockKey)
  }

  /** Fills `into` from `start` to `end` with the source's bytes from `position` on; zeros beyond its end. */
  read(into: Buffer, start: number, end: number, position: number): void {
    const { sizeBytes, blockSizeBytes, blockPaths } = this.#source
    const sourceEnd = Math.max(start, Math.min(end, start + sizeBytes - position))
    let at = start
    while (at < sourceEnd) {
      const where = position + at - start
      const chunk = Math.floor(where / blockSizeBytes)
      const inChunk = where - chunk * blockSizeBytes
      const partEnd = Math.min(sourceEnd, at + blockSizeBytes - inChunk)
      const path = blockPaths[chunk]
      if (path) this.#readBlock(path, into, at, partEnd, inChunk)
      else into.fill(0, at, partEnd)
      at = partEnd
    }
    if (at < end) into.fill(0, at, end)
  }

  /** True when there is nothing but zeros below, as far as the map tells. */
  isZero(position: number, length: number): boolean {
    const { sizeBytes, blockSizeBytes, blockPaths } = this.#source
    const end = Math.min(position + length, sizeBytes)
    for (let at = position; at < end; at = (Math.floor(at / blockSizeBytes) + 1) * blockSizeBytes) {
      if (blockPaths[Math.floor(at / blockSizeBytes)]) return false
    }
    return true
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd)
    this.#open.clear()
    this.#lastPath = ''
  }

  #readBlock(path: string, into: Buffer, start: number, end: number, position: number): void {
    try {
      const readTo = readPadded(this.#fdOf(path), into, start, end, position)
      if (!this.#cipher) return
      const stored = into.subarray(start, readTo)
      this.#cipher.applyInto(basename(path), stored, position, stored)
    } catch (cause) {
      throw new BlockUnreadable(path, cause)
    }
  }

  #fdOf(path: string): number {
    if (path === this.#lastPath) return this.#lastFd
    let fd = this.#open.get(path)
    if (fd === undefined) {
      fd = openSync(path, 'r')
      for (const [oldest, oldFd] of this.#open) {
        if (this.#open.size < OPEN_FILES) break
        this.#open.delete(oldest)
        closeSync(oldFd)
      }
    } else this.#open.delete(path)
    this.#open.set(path, fd)
    this.#lastPath = path
    this.#lastFd = fd
    return fd
  }
}
