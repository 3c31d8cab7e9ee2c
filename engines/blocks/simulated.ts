// Blocks in memory: for tests and demonstrations. Faults are part of it, so that what stands above can be shown to
// survive them.

import { nameCopy, readCopy } from './copies.ts'
import { BlockDamaged, NoSpace } from './errors.ts'
import { hashStripped, isHash, nameBlock, ZERO_BLOCK } from './hash.ts'
import type { AsideBlock, Blocks, OpenBlock } from './index.ts'

export interface SimulatedOptions {
  /** `put` fails with `NoSpace` rather than keep more than this. */
  capacityBytes?: number
  /** Called first in every call that names a block; may throw to make it fail, or wait to make it slow. */
  before?: (call: 'put' | 'get' | 'remove', hash: string) => void | Promise<void>
  /** The clock by which blocks grow old. */
  now?: () => number
}

export interface SimulatedBlocks extends Blocks {
  /** Turns over a bit of a stored block. */
  damage(hash: string): void
  /** Forgets a stored block, as a disk would. */
  lose(hash: string): void
}

export function openSimulated(options: SimulatedOptions = {}): SimulatedBlocks {
  const { capacityBytes = Number.POSITIVE_INFINITY, before, now = Date.now } = options
  const stored = new Map<string, { content: Buffer; storedAt: Date }>()
  /** By the names of the copies. */
  const aside = new Map<string, { content: Buffer; storedAt: Date }>()
  const quarantined = new Map<string, { content: Buffer; storedAt: Date }>()
  let bytes = 0

  function look(hash: string) {
    if (!isHash(hash)) throw new TypeError(`not a block hash: ${JSON.stringify(hash)}`)
    return hash === ZERO_BLOCK ? Buffer.alloc(0) : stored.get(hash)?.content
  }
  /** Also one that is on its way out. */
  function find(hash: string) {
    const copy = [...aside.keys()].find((name) => name.startsWith(`${hash}.`))
    return look(hash) ?? (copy === undefined ? undefined : aside.get(copy)!.content)
  }
  function take(hash: string, to: typeof aside): string | undefined {
    const block = stored.get(hash)
    if (!block) return undefined
    const copy = nameCopy(hash, now())
    stored.delete(hash)
    to.set(copy, block)
    return copy
  }
  function giveBack(copy: string, hash: string, from: typeof aside) {
    const block = from.get(copy)
    if (!block) return
    from.delete(copy)
    if (stored.has(hash)) bytes -= block.content.length
    else stored.set(hash, block)
  }
  async function* copies(of: typeof aside): AsyncIterable<AsideBlock> {
    for (const copy of [...of.keys()].sort()) {
      const block = of.get(copy)
      if (block) yield { ...readCopy(copy)!, copy, bytes: block.content.length, storedAt: block.storedAt }
    }
  }
  async function verify(hash: string): Promise<'good' | 'damaged' | 'missing'> {
    const content = find(hash)
    if (!content) return 'missing'
    return (await hashStripped(content)) === hash ? 'good' : 'damaged'
  }
  function forget(hash: string) {
    bytes -= look(hash)?.length ?? 0
    stored.delete(hash)
  }

  async function open(hash: string): Promise<OpenBlock | undefined> {
    await before?.('get', hash)
    const content = find(hash)
    if (!content) return undefined
    if ((await hashStripped(content)) !== hash) throw new BlockDamaged(hash)
    return { bytes: content.length, read: async (into, offset) => content.subarray(offset).copy(into), close: async () => {} }
  }

  return {
    can: { localFiles: false },
    async put(data, expected, { onWritten } = {}) {
      const { hash, content } = await nameBlock(data, expected)
      await before?.('put', hash)
      if (hash !== ZERO_BLOCK) {
        if (!stored.has(hash)) {
          if (bytes + content.length > capacityBytes) throw new NoSpace('memory')
          bytes += content.length
        }
        stored.set(hash, { content: Buffer.from(content), storedAt: new Date(now()) })
      }
      onWritten?.()
      return hash
    },
    async get(hash) {
      await before?.('get', hash)
      const content = find(hash)
      if (content && (await hashStripped(content)) !== hash) throw new BlockDamaged(hash)
      return content && Buffer.from(content)
    },
    open,
    async present(hashes) {
      return new Set(hashes.filter((hash) => look(hash) !== undefined))
    },
    async *list({ after = '' } = {}) {
      for (const hash of [...stored.keys()].filter((each) => each > after).sort()) {
        const block = stored.get(hash)
        if (block) yield { hash, bytes: block.content.length, storedAt: block.storedAt }
      }
    },
    async remove(hash) {
      await before?.('remove', hash)
      forget(hash)
    },
    async setAside(hash) {
      await before?.('remove', hash)
      take(hash, aside)
    },
    aside: () => copies(aside),
    async bringBack({ hash, copy }) {
      giveBack(copy, hash, aside)
    },
    async discard({ hash, copy }) {
      await before?.('remove', hash)
      bytes -= aside.get(copy)?.content.length ?? 0
      aside.delete(copy)
    },
    verify,
    async quarantine(hash) {
      if ((await verify(hash)) !== 'damaged') return false
      return take(hash, quarantined) !== undefined
    },
    quarantined: () => copies(quarantined),
    clearLeftovers: async () => 0,
    async probe() {},
    pathOf() {
      throw new TypeError('simulated blocks are no files')
    },
    async usage() {
      const sizes = [...stored.values()].map(({ content }) => content.length)
      return { blocks: stored.size, bytes: sizes.reduce((sum, size) => sum + size, 0) }
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
