import { crc32 } from 'node:zlib'
import { type Growth, lastOf, type Partition, SECTOR_BYTES, TABLE_SECTORS, TAIL_SECTORS } from './layout.ts'

const SIGNATURE = 'EFI PART'
const HEADER = {
  crc: 16,
  self: 24,
  other: 32,
  firstUsable: 40,
  lastUsable: 48,
  entries: 72,
  count: 80,
  entryBytes: 84,
  entriesCrc: 88,
}
const ENTRY = { firstSector: 32, lastSector: 40 }

export interface Gpt {
  header: Buffer
  /** All of the table, used or not. */
  entries: Buffer
  entryBytes: number
  partitions: Partition[]
}

/** The table, when it is whole and of the ordinary size (both checksums right, entries right behind the header). */
export function readGpt(start: Buffer): Gpt | undefined {
  const header = Buffer.from(start.subarray(SECTOR_BYTES, 2 * SECTOR_BYTES))
  if (header.subarray(0, 8).toString('latin1') !== SIGNATURE) return undefined
  const headerBytes = header.readUInt32LE(12)
  if (headerBytes < 92 || headerBytes > SECTOR_BYTES || header.readUInt32LE(HEADER.crc) !== headerCrc(header)) return undefined
  const count = header.readUInt32LE(HEADER.count)
  const entryBytes = header.readUInt32LE(HEADER.entryBytes)
  if (
    header.readBigUInt64LE(HEADER.entries) !== 2n ||
    entryBytes < 128 ||
    count * entryBytes > (TABLE_SECTORS - 2) * SECTOR_BYTES
  )
    return undefined
  const entries = Buffer.from(start.subarray(2 * SECTOR_BYTES, 2 * SECTOR_BYTES + count * entryBytes))
  if (crc32(entries) !== header.readUInt32LE(HEADER.entriesCrc)) return undefined

  const partitions: Partition[] = []
  for (let index = 0; index < count; index += 1) {
    const entry = entries.subarray(index * entryBytes, (index + 1) * entryBytes)
    if (entry.subarray(0, 16).every((byte) => byte === 0)) continue
    const [firstSector, lastSector] = [entry.readBigUInt64LE(ENTRY.firstSector), entry.readBigUInt64LE(ENTRY.lastSector)]
    partitions.push({ number: index + 1, firstSector, lastSector })
  }
  return { header, entries, entryBytes, partitions }
}

/** Enlarges the last partition and moves the backup table to the end of the disk. */
export function growGpt(gpt: Gpt, start: Buffer, diskSectors: bigint): Growth {
  const last = lastOf(gpt.partitions)
  if (!last) return { patches: [], obstacle: 'the disk has no partitions' }
  const { entryBytes } = gpt
  const [header, entries] = [Buffer.from(gpt.header), Buffer.from(gpt.entries)]
  const tableSectors = BigInt(Math.ceil(entries.length / SECTOR_BYTES))
  const backupHeader = diskSectors - 1n
  const backupEntries = backupHeader - tableSectors
  if (backupEntries <= last.lastSector) return { patches: [], obstacle: 'the disk is smaller than its partitions' }
  const end = diskSectors - TAIL_SECTORS
  if (header.readBigUInt64LE(HEADER.other) === backupHeader && end <= last.lastSector) return { patches: [] }

  if (end > last.lastSector) entries.writeBigUInt64LE(end, (last.number - 1) * entryBytes + ENTRY.lastSector)
  header.writeUInt32LE(crc32(entries), HEADER.entriesCrc)
  header.writeBigUInt64LE(backupEntries - 1n, HEADER.lastUsable)
  const primary = sealed(header, { self: 1n, other: backupHeader, entries: 2n })
  const backup = sealed(header, { self: backupHeader, other: 1n, entries: backupEntries })
  const table = Buffer.concat([entries, Buffer.alloc(Number(tableSectors) * SECTOR_BYTES - entries.length)])
  return {
    // The backup first: whatever happens in between, one of the two is whole.
    patches: [
      { atSector: backupEntries, bytes: Buffer.concat([table, backup]) },
      { atSector: 0n, bytes: Buffer.concat([protectiveMbr(start, diskSectors), primary, table]) },
    ],
  }
}

function sealed(header: Buffer, places: { self: bigint; other: bigint; entries: bigint }): Buffer {
  const copy = Buffer.from(header)
  copy.writeBigUInt64LE(places.self, HEADER.self)
  copy.writeBigUInt64LE(places.other, HEADER.other)
  copy.writeBigUInt64LE(places.entries, HEADER.entries)
  copy.writeUInt32LE(headerCrc(copy), HEADER.crc)
  return copy
}

/** The checksum of a header is taken with its own field zero. */
function headerCrc(header: Buffer): number {
  const copy = Buffer.from(header.subarray(0, header.readUInt32LE(12)))
  copy.writeUInt32LE(0, HEADER.crc)
  return crc32(copy)
}

/** The first sector keeps its boot code; an entry that covers the whole disk grows with it. */
function protectiveMbr(start: Buffer, diskSectors: bigint): Buffer {
  const sector = Buffer.from(start.subarray(0, SECTOR_BYTES))
  for (let at = 446; at < 510; at += 16) {
    if (sector[at + 4] === 0xee)
      sector.writeUInt32LE(Number(diskSectors > 0xffff_ffffn ? 0xffff_ffffn : diskSectors - 1n), at + 12)
  }
  return sector
}
