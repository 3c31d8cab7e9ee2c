// Partition tables are read and rewritten on the host, as plain bytes: a table of some hundred bytes, from an image
// that nobody vouches for, needs no tool with more rights than this.
import { growGpt, readGpt } from './gpt.ts'
import { type Growth, SECTOR_BYTES, TABLE_SECTORS } from './layout.ts'
import { growMbr, readMbr } from './mbr.ts'

/** How the last partition can be made to reach the end of the disk; undefined when the disk has no partition table. */
export function growLastPartition(startOfDisk: Buffer, diskSectors: bigint): Growth | undefined {
  const start = Buffer.alloc(TABLE_SECTORS * SECTOR_BYTES)
  startOfDisk.copy(start)
  const gpt = readGpt(start)
  if (gpt) return growGpt(gpt, start, diskSectors)
  const mbr = readMbr(start)
  return mbr && growMbr(mbr, start, diskSectors)
}
