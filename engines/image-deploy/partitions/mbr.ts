import { type Growth, lastOf, type Partition, SECTOR_BYTES, TAIL_SECTORS } from './layout.ts'

const ENTRIES_AT = 446
const ENTRY_BYTES = 16
const EXTENDED = new Set([0x05, 0x0f, 0x85])
const PROTECTIVE = 0xee
const LAST_SECTOR = 0xffff_ffffn
/** What stands for an end that cylinder, head and sector cannot say. */
const BEYOND_CYLINDERS = [0xfe, 0xff, 0xff]

export interface MbrEntry extends Partition {
  type: number
}

/** Undefined unless this is a table: a file system may have code and the same signature in its first sector. */
export function readMbr(start: Buffer): MbrEntry[] | undefined {
  if (start.readUInt16LE(SECTOR_BYTES - 2) !== 0xaa55) return undefined
  const entries: MbrEntry[] = []
  for (let index = 0; index < 4; index += 1) {
    const bytes = start.subarray(ENTRIES_AT + index * ENTRY_BYTES, ENTRIES_AT + (index + 1) * ENTRY_BYTES)
    const [flag = 0, type = 0] = [bytes[0], bytes[4]]
    const firstSector = BigInt(bytes.readUInt32LE(8))
    const sectors = BigInt(bytes.readUInt32LE(12))
    if (flag !== 0 && flag !== 0x80) return undefined
    if (type === 0 || sectors === 0n) continue
    if (firstSector === 0n) return undefined
    entries.push({ number: index + 1, type, firstSector, lastSector: firstSector + sectors - 1n })
  }
  return entries.length > 0 ? entries : undefined
}

export function growMbr(entries: readonly MbrEntry[], start: Buffer, diskSectors: bigint): Growth {
  const last = lastOf(entries)
  if (!last) return { patches: [], obstacle: 'the disk has no partitions' }
  if (EXTENDED.has(last.type)) return { patches: [], obstacle: 'its last partition is an extended one' }
  if (last.type === PROTECTIVE) return { patches: [], obstacle: 'its GPT is damaged' }
  // Both fields hold 32 bits: without GPT nothing behind 2 TiB can be used.
  const end = diskSectors - TAIL_SECTORS < LAST_SECTOR ? diskSectors - TAIL_SECTORS : LAST_SECTOR
  if (end <= last.lastSector) return { patches: [] }
  const sector = Buffer.from(start.subarray(0, SECTOR_BYTES))
  const entryAt = ENTRIES_AT + (last.number - 1) * ENTRY_BYTES
  sector.set(BEYOND_CYLINDERS, entryAt + 5)
  sector.writeUInt32LE(Number(end - last.firstSector + 1n), entryAt + 12)
  return { patches: [{ atSector: 0n, bytes: sector }] }
}
