// The disk as the helper sees it: its partition table, and which of its partitions holds the system.
import { DeployFailed } from './interface.ts'
import type { Machine } from './machine.ts'
import { SECTOR_BYTES, TABLE_SECTORS } from './partitions/layout.ts'
import { growLastPartition } from './partitions/table.ts'

const DISK = '/dev/vda'
const LEAVE_ALONE = 'To start the image as it is, register it with the property EXCLUDE_ALL_TASKS=yes.'

export interface GuestDisk {
  /** Makes the last partition reach the end of the disk. Answers why not, when it cannot grow. */
  growLastPartition(): Promise<string | undefined>
  /** The device of the root file system, which is ext2, ext3 or ext4. */
  rootDevice(): Promise<string>
}

export function openGuestDisk(machine: Machine, rootPartition: number | undefined): GuestDisk {
  let root: Promise<string> | undefined

  async function ask(script: string): Promise<Buffer> {
    const { status, output, errors } = await machine.run('helper', script)
    if (status !== 0) throw new DeployFailed('The disk of the server could not be read.', errors)
    return output
  }

  async function findRoot(): Promise<string> {
    const listing = await ask(
      `for entry in ${DISK.replace('/dev', '/sys/block')}/vda*; do [ -d "$entry" ] && echo "$entry"; done; true`,
    )
    const partitions = [...listing.toString('latin1').matchAll(/\/vda(\d+)$/gm)]
      .map(([, number]) => Number(number))
      .sort((a, b) => a - b)
    if (partitions.length > 0 && rootPartition !== undefined && !partitions.includes(rootPartition)) {
      throw new DeployFailed(
        `The image has no partition ${rootPartition}, which its property ROOT_PARTITION names. It has: ${partitions.join(', ')}.`,
      )
    }
    const candidates =
      partitions.length === 0 ? [DISK] : (rootPartition ? [rootPartition] : partitions).map((number) => `${DISK}${number}`)
    const kinds = new Map<string, string | undefined>()
    for (const device of candidates) kinds.set(device, await fileSystemKind(device))
    const ext = candidates.filter((device) => kinds.get(device) === 'ext4')
    for (const device of ext) if (ext.length === 1 || (await looksLikeRoot(device))) return device
    const other = [...kinds.values()].find((kind) => kind !== undefined && kind !== 'ext4')
    if (other)
      throw new DeployFailed(
        `The root file system of the image is ${other}; only ext2, ext3 and ext4 can be customised. ${LEAVE_ALONE}`,
      )
    throw new DeployFailed(
      `The image has no partition that holds a Linux file system (ext2, ext3 or ext4): it may be damaged, or not be a disk image at all. ${LEAVE_ALONE}`,
    )
  }

  async function fileSystemKind(device: string): Promise<string | undefined> {
    // Two short reads: the first 2 KiB, and where btrfs has its mark.
    const script = `{ dd if=${device} bs=2048 count=1; dd if=${device} bs=64 skip=1025 count=1; } 2>/dev/null; true`
    const bytes = await ask(script)
    if (bytes.length >= 2048 && bytes.readUInt16LE(1080) === 0xef53) return 'ext4'
    if (bytes.subarray(0, 4).toString('latin1') === 'XFSB') return 'XFS'
    if (bytes.subarray(3, 7).toString('latin1') === 'NTFS') return 'NTFS'
    if (bytes.subarray(2048, 2056).toString('latin1') === '_BHRfS_M') return 'Btrfs'
    if (bytes.subarray(512, 520).toString('latin1') === 'LABELONE') return 'inside an LVM volume group'
    return undefined
  }

  /** Read-only and without replaying the journal: this partition may not be ours to touch. */
  async function looksLikeRoot(device: string): Promise<boolean> {
    const script = `mount -t ext4 -o ro,noload,nodev,nosuid ${device} /mnt && { [ -e /mnt/etc/passwd ]; found=$?; umount /mnt; exit $found; }`
    return (await machine.run('helper', script)).status === 0
  }

  return {
    async growLastPartition() {
      const sectors = BigInt((await ask('cat /sys/block/vda/size')).toString('latin1').trim())
      const growth = growLastPartition(await ask(`dd if=${DISK} bs=${SECTOR_BYTES} count=${TABLE_SECTORS} 2>/dev/null`), sectors)
      if (!growth) return undefined // a file system on the whole disk
      for (const { atSector, bytes } of growth.patches) {
        const script = `dd of=${DISK} bs=${SECTOR_BYTES} seek=${atSector} conv=notrunc 2>/dev/null`
        const { status, errors } = await machine.run('helper', script, bytes)
        if (status !== 0) throw new DeployFailed('The partition table could not be written.', errors)
      }
      if (growth.patches.length > 0) await ask(`sync; blockdev --rereadpt ${DISK}`)
      return growth.obstacle
    },
    rootDevice: () => (root ??= findRoot()),
  }
}
