export const SECTOR_BYTES = 512
/** What has to be read from the start of a disk to know its table. */
export const TABLE_SECTORS = 34
/** Left free behind the last partition. */
export const TAIL_SECTORS = 2049n

export interface Partition {
  /** As in the name of its device: 1 is /dev/vda1. */
  number: number
  firstSector: bigint
  lastSector: bigint
}

/** What to write so that the last partition ends where the disk does: nothing when it already does. */
export interface Growth {
  patches: { atSector: bigint; bytes: Buffer }[]
  /** Why it cannot grow. */
  obstacle?: string
}

export const lastOf = <P extends Partition>(partitions: readonly P[]): P | undefined =>
  partitions.toSorted((a, b) => (a.firstSector < b.firstSector ? -1 : 1)).at(-1)
