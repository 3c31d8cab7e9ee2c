// What every implementation of `Blocks` promises, as tests.

import { hash as digest } from 'node:crypto'
import { randomContent } from '@synnefo/lib/testing'
import fc from 'fast-check'
import { describe, expect, type onTestFinished, test } from 'vitest'
import { BlockDamaged, BlockMismatch, type Blocks, hashBlock, openBlockBuffers, type StoredBlock, ZERO_BLOCK } from './index.ts'

export interface BlocksUnderTest {
  blocks: Blocks
  /** Changes the stored bytes of a block behind the store's back. */
  damage(hash: string): void | Promise<void>
}

export function blocksContract(name: string, openUnderTest: (finished: typeof onTestFinished) => Promise<BlocksUnderTest>): void {
  describe(`blocks: ${name}`, () => {
    test('a block reads back as it was put', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const data = Buffer.from('Hello, Pithos!')
      const hash = await blocks.put(data)
      expect(hash).toBe('f8e5789c36186f902a06adb292e8df87fcc721e8b3fe1b2a19d318e93edb2a66')
      expect(await blocks.get(hash)).toEqual(data)
    })

    test('any content reads back without its trailing zeros, whatever its size', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const contents = fc.record({ head: fc.uint8Array({ maxLength: 300 }), zeros: fc.nat({ max: 200_000 }) })
      await fc.assert(
        fc.asyncProperty(contents, async ({ head, zeros }) => {
          const data = Buffer.concat([head, Buffer.alloc(zeros)])
          const kept = data.subarray(0, data.findLastIndex((byte) => byte !== 0) + 1)
          const hash = await blocks.put(data)
          expect(hash).toBe(digest('sha256', kept))
          expect(await blocks.get(hash)).toEqual(kept)
        }),
        { numRuns: 40 },
      )
    })

    test('a full block is named like a small one', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const hash = await blocks.put(Buffer.alloc(4 * 1024 * 1024, 'A'))
      expect(hash).toBe('a58789e910e5f939afc433a00fef5930702927dc192cb237fd9e7449bd6ffe1d')
      expect((await blocks.get(hash))?.length).toBe(4 * 1024 * 1024)
    })

    test('a block of zeros is always there and never stored', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      expect(await blocks.get(ZERO_BLOCK)).toEqual(Buffer.alloc(0))
      expect(await partOf(blocks, ZERO_BLOCK, 5, 10)).toEqual(Buffer.alloc(0))
      expect(await blocks.put(Buffer.alloc(1024 * 1024))).toBe(ZERO_BLOCK)
      expect(await blocks.put(Buffer.alloc(0))).toBe(ZERO_BLOCK)
      await blocks.remove(ZERO_BLOCK)
      expect(await blocks.present([ZERO_BLOCK])).toEqual(new Set([ZERO_BLOCK]))
      expect(await blocks.usage()).toEqual({ blocks: 0, bytes: 0 })
    })

    test('a block that is not what was announced is refused and not stored', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const announced = digest('sha256', 'one')
      await expect(blocks.put(Buffer.from('other'), announced)).rejects.toThrow(BlockMismatch)
      expect(await blocks.usage()).toEqual({ blocks: 0, bytes: 0 })
      expect(await blocks.put(Buffer.from('one'), announced)).toBe(announced)
    })

    test('an absent block is undefined', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const hash = digest('sha256', 'never put')
      expect(await blocks.get(hash)).toBeUndefined()
      expect(await partOf(blocks, hash, 0, 1)).toBeUndefined()
      expect(await blocks.present([hash])).toEqual(new Set())
      await blocks.remove(hash)
    })

    test('what is no hash is refused', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      for (const hash of ['', '../../../etc/passwd', 'A'.repeat(64), 'ab'.repeat(31)]) {
        await expect(blocks.get(hash)).rejects.toThrow(TypeError)
      }
    })

    test('many at once put the same and different blocks', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const contents = Array.from({ length: 40 }, (_, i) => Buffer.from(`block ${i % 10}`))
      const hashes = await Promise.all(contents.map((content) => blocks.put(content)))
      expect((await blocks.usage()).blocks).toBe(10)
      expect(await blocks.present(hashes)).toEqual(new Set(hashes))
      await Promise.all(hashes.map(async (hash, i) => expect(await blocks.get(hash)).toEqual(contents[i])))
    })

    test('a part of a block ends where the block ends', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const data = Buffer.concat([randomContent(1000), Buffer.from([1])])
      const hash = await blocks.put(data)
      expect(await partOf(blocks, hash, 100, 200)).toEqual(data.subarray(100, 300))
      expect(await partOf(blocks, hash, 990, 200)).toEqual(data.subarray(990))
      expect(await partOf(blocks, hash, 5000, 200)).toEqual(Buffer.alloc(0))
    })

    test('a block opens for reading in parts', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      for (const bytes of [1001, 1024 * 1024 + 1]) {
        const data = Buffer.concat([randomContent(bytes - 1), Buffer.from([1])])
        const block = (await blocks.open(await blocks.put(data)))!
        expect(block.bytes).toBe(bytes)
        const part = Buffer.alloc(200)
        expect([await block.read(part, 100), part]).toEqual([200, data.subarray(100, 300)])
        expect([await block.read(part, bytes - 11), part.subarray(0, 11)]).toEqual([11, data.subarray(-11)])
        expect(await block.read(part, bytes + 5)).toBe(0)
        await block.close()
      }
      expect(await blocks.open(await hashBlock(randomContent(10)))).toBeUndefined()
      expect((await blocks.open(ZERO_BLOCK))?.bytes).toBe(0)
    })

    test('blocks in shared memory are stored as they are, whatever lies behind them', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const buffers = openBlockBuffers(1024 * 1024)
      const stored = await Promise.all(
        [1024 * 1024, 1024 * 1024 - 1, 600_000, 4096, 1].map(async (bytes) => {
          const buffer = buffers.take().fill(7)
          const data = randomContent(bytes)
          data[bytes - 1] = 1
          data.copy(buffer)
          const hash = await blocks.put(buffer.subarray(0, bytes), await hashBlock(data))
          buffers.giveBack(buffer)
          return { hash, data }
        }),
      )
      for (const { hash, data } of stored) expect((await blocks.get(hash))?.equals(data)).toBe(true)
      const zeros = buffers.take().fill(0)
      expect(await blocks.put(zeros)).toBe(ZERO_BLOCK)
      await expect(blocks.put(zeros.fill(1), stored[0]!.hash)).rejects.toThrow(BlockMismatch)
      expect((await blocks.usage()).blocks).toBe(stored.length)
    })

    test('memory may be used for something else once it is not needed any more', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const buffers = openBlockBuffers(1024 * 1024)
      for (const bytes of [100, 1024 * 1024]) {
        const data = randomContent(bytes)
        data[bytes - 1] = 1
        const memory = buffers.take().subarray(0, bytes)
        data.copy(memory)
        let calls = 0
        const onWritten = () => {
          calls += 1
          memory.fill(9)
        }
        const hash = await blocks.put(memory, undefined, { onWritten })
        expect(calls).toBe(1)
        expect((await blocks.get(hash))?.equals(data)).toBe(true)
        const failing = blocks.put(randomContent(bytes), hash, { onWritten })
        await expect(failing).rejects.toThrow(BlockMismatch)
        expect(calls).toBe(1)
      }
    })

    test('the list is in order of hash and tells sizes and times', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const before = Date.now()
      const hashes = await Promise.all(['one', 'two', 'three', 'four'].map((text) => blocks.put(Buffer.from(text))))
      const listed: StoredBlock[] = []
      for await (const block of blocks.list()) listed.push(block)
      expect(listed.map(({ hash }) => hash)).toEqual([...hashes].sort())
      expect(listed.find(({ hash }) => hash === hashes[2])?.bytes).toBe(5)
      for (const { storedAt } of listed) expect(Math.abs(storedAt.getTime() - before)).toBeLessThan(60_000)
      expect(await blocks.usage()).toEqual({ blocks: 4, bytes: 15 })
    })

    test('a removed block is gone and can be put again', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const data = Buffer.from('here and gone')
      const hash = await blocks.put(data)
      await blocks.remove(hash)
      expect(await blocks.get(hash)).toBeUndefined()
      expect(await blocks.put(data)).toBe(hash)
      expect(await blocks.get(hash)).toEqual(data)
    })

    test('the list goes on after any hash', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const hashes = (await Promise.all(Array.from({ length: 30 }, (_, i) => blocks.put(Buffer.from(`block ${i}`))))).sort()
      for (const after of ['', ...hashes, '7f', 'ffff', `${hashes[3]!.slice(0, 4)}${'0'.repeat(60)}`]) {
        const listed = await Array.fromAsync(blocks.list({ after }), ({ hash }) => hash)
        expect(listed).toEqual(hashes.filter((hash) => hash > after))
      }
    })

    test('a block that is set aside can be read and is not present, and comes back as it was', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const data = Buffer.from('on its way out')
      const hash = await blocks.put(data)
      const [{ storedAt }] = (await Array.fromAsync(blocks.list())) as [StoredBlock]
      await blocks.setAside(hash)
      expect(await blocks.present([hash])).toEqual(new Set())
      expect(await Array.fromAsync(blocks.list())).toEqual([])
      expect(await blocks.get(hash)).toEqual(data)
      expect(await partOf(blocks, hash, 3, 3)).toEqual(data.subarray(3, 6))
      const [copy, ...others] = await Array.fromAsync(blocks.aside())
      expect(others).toEqual([])
      expect(copy).toMatchObject({ hash, bytes: data.length, storedAt })
      expect(Math.abs(copy!.setAsideAt.getTime() - Date.now())).toBeLessThan(60_000)
      await Promise.all([blocks.bringBack(copy!), blocks.bringBack(copy!)])
      expect(await blocks.present([hash])).toEqual(new Set([hash]))
      expect(await Array.fromAsync(blocks.aside())).toEqual([])
      expect(await Array.fromAsync(blocks.list())).toMatchObject([{ hash, storedAt }])
    })

    test('a block put while it is set aside is stored anew, and only the copy is discarded', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      const data = Buffer.from('wanted again')
      const hash = await blocks.put(data)
      await blocks.setAside(hash)
      await blocks.put(data)
      await blocks.setAside(hash)
      await blocks.put(data)
      const copies = await Array.fromAsync(blocks.aside())
      expect(copies).toHaveLength(2)
      await blocks.discard(copies[0]!)
      await blocks.discard(copies[0]!)
      await blocks.bringBack(copies[1]!)
      await blocks.bringBack(copies[0]!)
      expect(await Array.fromAsync(blocks.aside())).toEqual([])
      expect(await blocks.get(hash)).toEqual(data)
      await blocks.setAside(digest('sha256', 'never put'))
      await blocks.setAside(ZERO_BLOCK)
      expect(await Array.fromAsync(blocks.aside())).toEqual([])
    })

    test('a damaged block goes into quarantine, a good one does not, and a good put heals', async ({ onTestFinished }) => {
      const { blocks, damage } = await openUnderTest(onTestFinished)
      const data = Buffer.from('rots')
      const hash = await blocks.put(data)
      expect(await blocks.verify(hash)).toBe('good')
      expect(await blocks.quarantine(hash)).toBe(false)
      await damage(hash)
      expect(await blocks.verify(hash)).toBe('damaged')
      expect(await blocks.quarantine(hash)).toBe(true)
      expect(await blocks.verify(hash)).toBe('missing')
      expect(await blocks.get(hash)).toBeUndefined()
      expect(await blocks.present([hash])).toEqual(new Set())
      expect(await Array.fromAsync(blocks.quarantined())).toMatchObject([{ hash, bytes: data.length }])
      expect(await blocks.quarantine(hash)).toBe(false)
      await blocks.put(data)
      expect(await blocks.verify(hash)).toBe('good')
      expect(await blocks.get(hash)).toEqual(data)
    })

    test('a probe of a store that works says nothing and leaves nothing', async ({ onTestFinished }) => {
      const { blocks } = await openUnderTest(onTestFinished)
      await blocks.probe()
      expect(await blocks.usage()).toEqual({ blocks: 0, bytes: 0 })
      expect(await blocks.clearLeftovers(-1)).toBe(0)
    })

    test('a damaged block is noticed', async ({ onTestFinished }) => {
      const { blocks, damage } = await openUnderTest(onTestFinished)
      const hash = await blocks.put(Buffer.from('precious'))
      await damage(hash)
      await expect(blocks.get(hash)).rejects.toThrow(BlockDamaged)
      await expect(blocks.open(hash)).rejects.toThrow(BlockDamaged)
      await expect(partOf(blocks, hash, 0, 1)).rejects.toThrow(BlockDamaged)
    })
  })
}

/** Some of the stored bytes: fewer than asked for where the block ends, none when it is absent. */
async function partOf(blocks: Blocks, hash: string, offset: number, length: number): Promise<Buffer | undefined> {
  const block = await blocks.open(hash)
  if (!block) return undefined
  try {
    const part = Buffer.allocUnsafe(Math.max(0, Math.min(length, block.bytes - offset)))
    return part.subarray(0, await block.read(part, offset))
  } finally {
    await block.close()
  }
}
