// GRUB without mounting: its first sector goes around the partition table, its core into the gap before the first
// partition, and the core reads kernel and ramdisk from the ext4 root.
import { execFile } from 'node:child_process'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SECTOR = 512
const BOOT_CODE_BYTES = 440
const MODULES = [
  'biosdisk',
  'part_msdos',
  'part_gpt',
  'ext2',
  'linux',
  'normal',
  'configfile',
  'serial',
  'terminal',
  'echo',
  'test',
]
/** Read before the configuration on the disk is; only says where that is. */
const FIRST_CONFIG = 'set root=(hd0,msdos1)\nset prefix=(hd0,msdos1)/boot/grub\nconfigfile /boot/grub/grub.cfg\n'

export async function writeBootLoader(
  imagePath: string,
  partition: { offsetBytes: number; sizeBytes: number },
  grubTree: string,
): Promise<void> {
  const core = await makeCore(grubTree)
  if (core.length > partition.offsetBytes - SECTOR) throw new Error('The boot loader does not fit before the first partition')
  const first = await readFile(join(grubTree, 'usr/lib/grub/i386-pc/boot.img'))
  const sector = Buffer.alloc(SECTOR)
  first.copy(sector, 0, 0, BOOT_CODE_BYTES)
  partitionTable(partition).copy(sector, BOOT_CODE_BYTES)
  const image = await open(imagePath, 'r+')
  try {
    await image.write(sector, 0, SECTOR, 0)
    await image.write(core, 0, core.length, SECTOR)
    await image.sync()
  } finally {
    await image.close()
  }
}

async function makeCore(grubTree: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-grub-'))
  try {
    const config = join(folder, 'first.cfg')
    const core = join(folder, 'core.img')
    await writeFile(config, FIRST_CONFIG)
    const modules = join(grubTree, 'usr/lib/grub/i386-pc')
    const target = ['-O', 'i386-pc', '-d', modules, '-p', '/boot/grub', '-c', config, '-o', core]
    const libraries = ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu'].map((path) => join(grubTree, path)).join(delimiter)
    await run(join(grubTree, 'usr/bin/grub-mkimage'), [...target, ...MODULES], {
      env: { ...process.env, LD_LIBRARY_PATH: libraries },
    })
    return await readFile(core)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** From the disk signature to the end of the first sector: one active Linux partition. */
function partitionTable({ offsetBytes, sizeBytes }: { offsetBytes: number; sizeBytes: number }): Buffer {
  const table = Buffer.alloc(SECTOR - BOOT_CODE_BYTES)
  table.writeUInt32LE(0x53594e4e, 0)
  const entry = table.subarray(6, 22)
  const beyondCylinders = [0xfe, 0xff, 0xff]
  entry.set([0x80, ...beyondCylinders, 0x83, ...beyondCylinders])
  entry.writeUInt32LE(offsetBytes / SECTOR, 8)
  entry.writeUInt32LE(sizeBytes / SECTOR, 12)
  table.writeUInt16LE(0xaa55, table.length - 2)
  return table
}
