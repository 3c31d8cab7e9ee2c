// What every implementation of `Volumes` promises, as tests.
import { ZERO_BLOCK } from '@synnefo/engine-blocks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type BlockMap, VolumeBusy, VolumeExists, VolumeMissing, type Volumes } from './index.ts'

const MIB = 1024 * 1024

export function volumesContract(name: string, openUnderTest: (finished: typeof onTestFinished) => Promise<Volumes>): void {
  const source: BlockMap = { sizeBytes: 4 * MIB, blockSizeBytes: 4 * MIB, hashes: [ZERO_BLOCK] }

  describe(`volumes: ${name}`, () => {
    test('a volume that was created is listed with its size', async ({ onTestFinished }) => {
      const volumes = await openUnderTest(onTestFinished)
      await volumes.create({ name: 'snf-vol-2', sizeBytes: 3 * MIB })
      await volumes.create({ name: 'snf-vol-1', sizeBytes: 8 * MIB, source })
      const listed = await volumes.list()
      expect(listed.map(({ name, sizeBytes }) => ({ name, sizeBytes }))).toEqual([
        { name: 'snf-vol-1', sizeBytes: 8 * MIB },
        { name: 'snf-vol-2', sizeBytes: 3 * MIB },
      ])
      expect(listed.every(({ socketPath, fault }) => socketPath === undefined && fault === undefined)).toBe(true)
    })

    test('creating it again is no error, unless size or source differ', async ({ onTestFinished }) => {
      const volumes = await openUnderTest(onTestFinished)
      await volumes.create({ name: 'v', sizeBytes: 8 * MIB, source })
      await volumes.create({ name: 'v', sizeBytes: 8 * MIB, source })
      await expect(volumes.create({ name: 'v', sizeBytes: 9 * MIB, source })).rejects.toThrow(VolumeExists)
      await expect(volumes.create({ name: 'v', sizeBytes: 8 * MIB })).rejects.toThrow(VolumeExists)
      const other = { ...source, sizeBytes: 3 * MIB }
      await expect(volumes.create({ name: 'v', sizeBytes: 8 * MIB, source: other })).rejects.toThrow(VolumeExists)
      expect(await volumes.list()).toHaveLength(1)
    })

    test('two who create the same volume at once both succeed', async ({ onTestFinished }) => {
      const volumes = await openUnderTest(onTestFinished)
      await Promise.all([1, 2, 3].map(() => volumes.create({ name: 'v', sizeBytes: MIB })))
      expect(await volumes.list()).toHaveLength(1)
    })

    test.each([
      ['a name with a slash', { name: '../v', sizeBytes: MIB }],
      ['an empty name', { name: '', sizeBytes: MIB }],
      ['a name of 65 letters', { name: 'v'.repeat(65), sizeBytes: MIB }],
      ['no size', { name: 'v', sizeBytes: 0 }],
      ['half a sector', { name: 'v', sizeBytes: 768 }],
      ['less than its source', { name: 'v', sizeBytes: MIB, source }],
      ['a source with too few hashes', { name: 'v', sizeBytes: 8 * MIB, source: { ...source, sizeBytes: 5 * MIB } }],
      ['a source with a false hash', { name: 'v', sizeBytes: 8 * MIB, source: { ...source, hashes: ['../../etc/passwd'] } }],
    ])('a volume with %s is refused', async (_, spec) => {
      const volumes = await openUnderTest(onTestFinished)
      await expect(volumes.create(spec)).rejects.toThrow()
      expect(await volumes.list()).toEqual([])
    })

    test('a volume is served at one socket until it is released', async ({ onTestFinished }) => {
      const volumes = await openUnderTest(onTestFinished)
      await volumes.create({ name: 'v', sizeBytes: MIB })
      const socketPath = await volumes.serve('v')
      expect(await volumes.serve('v')).toBe(socketPath)
      expect((await volumes.list())[0]).toMatchObject({ name: 'v', socketPath })
      await volumes.release('v')
      await volumes.release('v')
      expect((await volumes.list())[0]?.socketPath).toBeUndefined()
      expect(await volumes.serve('v')).toBe(socketPath)
    })

    test('a volume that does not exist cannot be served or grown', async ({ onTestFinished }) => {
      const volumes = await openUnderTest(onTestFinished)
      await expect(volumes.serve('v')).rejects.toThrow(VolumeMissing)
      await expect(volumes.grow('v', MIB)).rejects.toThrow(VolumeMissing)
      await volumes.release('v')
    })

    test('a volume grows, served or not, and never shrinks', async ({ onTestFinished }) => {
      const volumes = await openUnderTest(onTestFinished)
      await volumes.create({ name: 'v', sizeBytes: MIB })
      await volumes.grow('v', 2 * MIB)
      await volumes.serve('v')
      await volumes.grow('v', 3 * MIB)
      await volumes.grow('v', 3 * MIB)
      await expect(volumes.grow('v', MIB)).rejects.toThrow(RangeError)
      await expect(volumes.grow('v', 3 * MIB + 1)).rejects.toThrow(RangeError)
      expect((await volumes.list())[0]).toMatchObject({ sizeBytes: 3 * MIB })
    })

    test('a volume is removed once it is not served', async ({ onTestFinished }) => {
      const volumes = await openUnderTest(onTestFinished)
      await volumes.create({ name: 'v', sizeBytes: MIB })
      await volumes.serve('v')
      await expect(volumes.remove('v')).rejects.toThrow(VolumeBusy)
      await volumes.release('v')
      await volumes.remove('v')
      await volumes.remove('v')
      expect(await volumes.list()).toEqual([])
    })
  })
}
