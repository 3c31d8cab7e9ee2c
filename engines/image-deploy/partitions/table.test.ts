import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gptTable, msdosTable } from '../testing.ts'
import { readGpt } from './gpt.ts'
import { SECTOR_BYTES, TABLE_SECTORS, TAIL_SECTORS } from './layout.ts'
import { readMbr } from './mbr.ts'
import { growLastPartition } from './table.ts'

const GIB_SECTORS = 2n ** 21n

test('the last partition of an msdos table grows up to the end of the disk', () => {
  const growth = growLastPartition(msdosTable({ first: 2048, last: 4095 }), GIB_SECTORS)
  expect(growth?.patches).toHaveLength(1)
  expect(readMbr(growth?.patches[0]?.bytes ?? Buffer.alloc(SECTOR_BYTES))).toEqual([
    { number: 1, type: 0x83, firstSector: 2048n, lastSector: GIB_SECTORS - TAIL_SECTORS },
  ])
})

test('an msdos partition ends at 2 TiB, where its fields do', () => {
  const growth = growLastPartition(msdosTable({ first: 2048, last: 4095 }), 2n ** 33n)
  expect(readMbr(growth?.patches[0]?.bytes ?? Buffer.alloc(SECTOR_BYTES))?.[0]?.lastSector).toBe(0xffff_ffffn)
})

test('an extended partition is left alone, with the reason', () => {
  const growth = growLastPartition(msdosTable({ first: 2048, last: 4095 }, 0x05), GIB_SECTORS)
  expect(growth).toEqual({ patches: [], obstacle: 'its last partition is an extended one' })
})

test('a GPT grows and its backup moves to the end of the disk', () => {
  const growth = growLastPartition(gptTable({ first: 2048, last: 4095 }, 8192), GIB_SECTORS)
  const [backup, primary] = growth?.patches ?? []
  const expected = [{ number: 1, firstSector: 2048n, lastSector: GIB_SECTORS - TAIL_SECTORS }]
  expect(primary?.atSector).toBe(0n)
  expect(readGpt(primary?.bytes ?? Buffer.alloc(0))?.partitions).toEqual(expected)
  const backupHeader = backup?.bytes.subarray(-SECTOR_BYTES) ?? Buffer.alloc(SECTOR_BYTES)
  expect(backup?.atSector).toBe(GIB_SECTORS - 33n)
  expect(backupHeader.readBigUInt64LE(24)).toBe(GIB_SECTORS - 1n)
  expect(backupHeader.readBigUInt64LE(72)).toBe(GIB_SECTORS - 33n)
  expect(backup?.bytes.subarray(0, -SECTOR_BYTES)).toEqual(primary?.bytes.subarray(2 * SECTOR_BYTES))
})

test('growing twice changes nothing the second time', () => {
  for (const table of [msdosTable({ first: 2048, last: 4095 }), gptTable({ first: 2048, last: 4095 }, 8192)]) {
    const disk = Buffer.alloc(TABLE_SECTORS * SECTOR_BYTES)
    table.copy(disk)
    growLastPartition(disk, GIB_SECTORS)?.patches.at(-1)?.bytes.copy(disk)
    expect(growLastPartition(disk, GIB_SECTORS)).toEqual({ patches: [] })
  }
})

test('a file system without a partition table is not taken for one', () => {
  const start = Buffer.alloc(TABLE_SECTORS * SECTOR_BYTES)
  start.writeUInt16LE(0xef53, 1080)
  expect(growLastPartition(start, GIB_SECTORS)).toBeUndefined()
})

test('no bytes make the reader of tables fail', () => {
  const tables = { gpt: gptTable({ first: 2048, last: 4095 }, 8192), msdos: msdosTable({ first: 1, last: 9 }) }
  const kind = fc.constantFrom('gpt' as const, 'msdos' as const)
  const sectors = fc.bigInt({ min: 1n, max: 2n ** 40n })
  fc.assert(
    fc.property(kind, fc.nat(1999), fc.uint8Array({ maxLength: 48 }), sectors, (table, at, bytes, diskSectors) => {
      const start = Buffer.alloc(TABLE_SECTORS * SECTOR_BYTES)
      tables[table].copy(start)
      start.set(bytes, at)
      for (const { atSector } of growLastPartition(start, diskSectors)?.patches ?? []) expect(atSector).toBeLessThan(diskSectors)
    }),
  )
})
