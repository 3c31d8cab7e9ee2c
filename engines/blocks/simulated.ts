// Blocks in memory: for tests and demonstrations. Faults are part of it, so that what stands above can be shown to
// survive them.

import { BlockDamaged, NoSpace } from './errors.ts'
import { hashStripped, isHash, nameBlock, ZERO_BLOCK } from './hash.ts'
import type { Blocks } from './index.ts'

export interface SimulatedOptions {
  /** `put` fails with `NoSpace` rather than keep more than this. */
  capacityBytes?: number
  /** Called first in every call that names a block; may throw to make it fail, or wait to make it slow. */
  before?: (call: 'put' | 'get' | 'remove', hash: string) => void | Promise<void>
}

export interface SimulatedBlocks extends Blocks {
  /** Turns over a bit of a stored block. */
  damage(hash: string): void
  /** Forgets a stored block, as a disk would. */
  lose(hash: string): void
}

export function openSimulated(options: SimulatedOptions = {}): SimulatedBlocks {
  const { capacityBytes = Number.POSITIVE_INFINITY, before } = options
  const stored = new Map<string, { content: Buffer; storedAt: Date }>()
  let bytes = 0

  function look(hash: string) {
    if (!isHash(hash)) throw new TypeError(`not a block hash: ${JSON.stringify(hash)}`)
    return hash === ZERO_BLOCK ? Buffer.alloc(0) : stored.get(hash)?.content
  }
  function forget(hash: string) {
    bytes -= look(hash)?.length ?? 0
    stored.delete(hash)
  }

  return {
    can: { localFiles: false },
    async put(data, expected) {
      const { hash, content } = await nameBlock(data, expected)
      await before?.('put', hash)
      if (hash === ZERO_BLOCK) return hash
      if (!stored.has(hash)) {
        if (bytes + content.length > capacityBytes) throw new NoSpace('memory')
        bytes += content.length
      }
      stored.set(hash, { content: Buffer.from(content), storedAt: new Date() })
      return hash
    },
    async get(hash) {
      await before?.('get', hash)
      const content = look(hash)
      if (content && (await hashStripped(content)) !== hash) throw new BlockDamaged(hash)
      return content && Buffer.from(content)
    },
    async getPart(hash, offset, length) {
      await before?.('get', hash)
      const content = look(hash)
      return content && Buffer.from(content.subarray(offset, offset + length))
    },
    async present(hashes) {
      return new Set(hashes.filter((hash) => look(hash) !== undefined))
    },
    async *list() {
      for (const hash of [...stored.keys()].sort()) {
        const block = stored.get(hash)
        if (block) yield { hash, bytes: block.content.length, storedAt: block.storedAt }
      }
    },
    async remove(hash) {
      await before?.('remove', hash)
      forget(hash)
    },
    pathOf() {
      throw new TypeError('simulated blocks are no files')
    },
    async usage() {
      return { blocks: stored.size, bytes }
    },
    async space() {
      return Number.isFinite(capacityBytes) ? { freeBytes: capacityBytes - bytes, totalBytes: capacityBytes } : undefined
    },
    async close() {},
    damage(hash) {
      const content = look(hash)
      if (content?.length) content[0]! ^= 1
    },
    lose: forget,
  }
}
