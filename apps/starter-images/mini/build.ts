// The mini image: a Linux of some tens of MB that is at its login prompt within seconds even without KVM.
// One ext4 root partition, last on the disk so that it can grow; GRUB lies in the gap before it.
import { readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { writeExt4 } from '@synnefo/lib/system-image'
import type { BuildOptions, StarterImage } from '../index.ts'
import { writeBootLoader } from './boot-loader.ts'
import { initramfs, rootTree, unpackMiniPackages } from './system.ts'

const MIB = 1024 * 1024
const PARTITION_OFFSET = MIB
/** Fixed, so that the same packages give the same image. */
const ROOT_UUID = '7c1d0d5e-6b5f-4c8e-9d55-53594e4e4546'
const FILE_TIME_SECONDS = 1_577_836_800
const FREE_BYTES = 8 * MIB

export async function buildMini({ imagePath, cacheFolder, onStep = () => {} }: BuildOptions): Promise<StarterImage> {
  if (process.arch !== 'x64') throw new Error('The mini image is made for x86-64 only; this machine is something else')
  onStep('Fetching the Debian packages')
  const packages = await unpackMiniPackages(cacheFolder)
  onStep('Putting the system together')
  const root = await rootTree(packages)
  const ramdisk = await initramfs(packages)
  root.file('boot/vmlinuz', loadedLow(await readFile(packages.kernel.imagePath)))
  root.file('boot/initrd.img', ramdisk)

  onStep('Writing the disk')
  const contentBytes = root.entries().reduce((sum, { contents }) => sum + Math.ceil(contents.length / 4096) * 4096, 0)
  const sizeBytes = roundUp(PARTITION_OFFSET + contentBytes * 1.1 + 6 * MIB + FREE_BYTES, 4 * MIB)
  const draft = `${imagePath}.new`
  try {
    await writeFile(draft, '')
    await truncate(draft, sizeBytes)
    const partition = { offsetBytes: PARTITION_OFFSET, sizeBytes: sizeBytes - PARTITION_OFFSET }
    await writeExt4(draft, root, { ...partition, label: 'root', uuid: ROOT_UUID, timeSeconds: FILE_TIME_SECONDS })
    await writeBootLoader(draft, partition, packages.bootLoaderTree)
    await rename(draft, imagePath)
  } finally {
    await rm(draft, { force: true })
  }
  return {
    name: 'Synnefo mini',
    imagePath,
    sizeBytes: (await stat(imagePath)).size,
    properties: {
      OSFAMILY: 'linux',
      OS: 'linux',
      ROOT_PARTITION: '1',
      PARTITION_TABLE: 'msdos',
      USERS: 'root',
      KERNEL: packages.kernel.version,
      GUI: 'No GUI',
      SORTORDER: '100',
      DESCRIPTION: `Linux ${packages.kernel.version}, BusyBox and an SSH server`,
      REMOTE_CONNECTION: 'ssh:port=22,user=root',
    },
  }
}

const roundUp = (value: number, unit: number) => Math.ceil(value / unit) * unit

/**
 * Asks the boot loader to put the packed kernel at 1 MiB, as was usual, instead of where the kernel unpacks itself to.
 * GRUB can load it there in place; the other way it moves 50 MiB byte by byte, 1.6 s of a boot without KVM.
 */
function loadedLow(bzImage: Buffer): Buffer {
  const PREFERRED_ADDRESS = 0x258 // a field of the x86 boot protocol since 2.10
  bzImage.writeBigUInt64LE(BigInt(MIB), PREFERRED_ADDRESS)
  return bzImage
}
