// What the tests of this engine share: small disks made without root, served by NBD as the volume engine would.
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { FileTree, writeExt4 } from '@synnefo/lib/system-image'
import type { onTestFinished } from 'vitest'
import type { DeployJob } from './interface.ts'

const run = promisify(execFile)
const MIB = 1024 * 1024
const SECTOR = 512
export const PARTITION_OFFSET = MIB

/** A folder that the user whom QEMU runs as may enter. */
export async function makeFolder(finished: typeof onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deploy-'))
  await chmod(folder, 0o755)
  finished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The files that every Linux system has. */
export function linuxTree(): FileTree {
  return new FileTree()
    .directory('root', 0o700)
    .directory('dev')
    .directory('proc')
    .directory('home/alice', 0o750)
    .file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001:Alice:/home/alice:/bin/sh\n')
    .file('etc/group', 'root:x:0:\nwheel:x:10:\nalice:x:1001:\n')
    .file('etc/shadow', 'root:*:18000:0:99999:7:::\nalice:!:18000:1:2:3:::\n', 0o640)
    .file('etc/hostname', 'template\n')
    .file('etc/hosts', '127.0.0.1\tlocalhost\n127.0.1.1\ttemplate\n::1\tlocalhost\n')
    .file('etc/machine-id', '0123456789abcdef0123456789abcdef\n')
    .file('etc/ssh/ssh_host_rsa_key', 'not a secret any more', 0o600)
}

/** Writes a disk image of 32 MiB with an ext4 root, and enlarges the file to `diskBytes` as a server's disk is. */
export async function makeDisk(
  path: string,
  tree: FileTree,
  table: 'none' | 'msdos' | 'gpt',
  diskBytes = 64 * MIB,
): Promise<void> {
  const imageBytes = 32 * MIB
  const offsetBytes = table === 'none' ? 0 : PARTITION_OFFSET
  const sizeBytes = imageBytes - offsetBytes - (table === 'none' ? 0 : MIB)
  await writeFile(path, '')
  await truncate(path, imageBytes)
  await writeExt4(path, tree, {
    offsetBytes,
    sizeBytes,
    label: 'root',
    uuid: '11111111-2222-3333-4444-555555555555',
    timeSeconds: 1_700_000_000,
  })
  const partition = { first: offsetBytes / SECTOR, last: (offsetBytes + sizeBytes) / SECTOR - 1 }
  const file = await open(path, 'r+')
  if (table === 'msdos') await file.write(msdosTable(partition), 0, SECTOR, 0)
  if (table === 'gpt') {
    const bytes = gptTable(partition, imageBytes / SECTOR)
    await file.write(bytes, 0, bytes.length, 0)
  }
  await file.close()
  await truncate(path, diskBytes)
}

export function msdosTable({ first, last }: { first: number; last: number }, type = 0x83): Buffer {
  const sector = Buffer.alloc(SECTOR)
  sector.set([0x80, 0, 2, 0, type, 0, 0, 0], 446)
  sector.writeUInt32LE(first, 454)
  sector.writeUInt32LE(last - first + 1, 458)
  sector.writeUInt16LE(0xaa55, 510)
  return sector
}

/** The first 34 sectors of a disk with one partition in a GPT. */
export function gptTable({ first, last }: { first: number; last: number }, diskSectors: number): Buffer {
  const disk = Buffer.alloc(34 * SECTOR)
  msdosTable({ first: 1, last: diskSectors - 1 }, 0xee).copy(disk)
  disk[446] = 0
  const entries = disk.subarray(2 * SECTOR)
  entries.set(Buffer.from('AF3DC60F838472478E793D69D8477DE4', 'hex')) // Linux data
  entries.set(Buffer.from('00112233445566778899AABBCCDDEEFF', 'hex'), 16)
  entries.writeBigUInt64LE(BigInt(first), 32)
  entries.writeBigUInt64LE(BigInt(last), 40)
  const header = disk.subarray(SECTOR, 2 * SECTOR)
  header.write('EFI PART')
  header.writeUInt32LE(0x10000, 8)
  header.writeUInt32LE(92, 12)
  header.writeBigUInt64LE(1n, 24)
  header.writeBigUInt64LE(BigInt(diskSectors - 1), 32)
  header.writeBigUInt64LE(34n, 40)
  header.writeBigUInt64LE(BigInt(diskSectors - 34), 48)
  header.writeBigUInt64LE(2n, 72)
  header.writeUInt32LE(128, 80)
  header.writeUInt32LE(128, 84)
  header.writeUInt32LE(crc32(entries), 88)
  header.writeUInt32LE(crc32(header.subarray(0, 92)), 16)
  return disk
}

/** Serves a disk by NBD until the test has finished. */
export async function serveDisk(path: string, finished: typeof onTestFinished): Promise<DeployJob['disk']> {
  const socketPath = `${path}.socket`
  const pidFile = `${path}.pid`
  await run('qemu-nbd', [
    '--fork',
    '--persistent',
    '-e',
    '4',
    '-f',
    'raw',
    '-k',
    socketPath,
    '-x',
    'disk',
    '--pid-file',
    pidFile,
    path,
  ])
  const pid = Number(await readFile(pidFile, 'utf8'))
  finished(() => void process.kill(pid, 'SIGKILL'))
  await chmod(socketPath, 0o666)
  return { socketPath, exportName: 'disk' }
}

/** Looks into a file system with debugfs, and checks it with e2fsck. */
export function lookInto(path: string, offsetBytes: number) {
  const fileSystem = `${path}?offset=${offsetBytes}`
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
  const debugfs = async (request: string) =>
    (await run('debugfs', ['-R', request, fileSystem], { env, maxBuffer: 1 << 24 })).stdout
  return {
    check: () => run('e2fsck', ['-fn', fileSystem], { env }),
    text: (file: string) => debugfs(`cat ${file}`),
    /** Such as `100600 0:0`: type and permissions in octal, owner and group. */
    async access(file: string) {
      const stat = await debugfs(`stat ${file}`)
      const [, type, mode] = /Type: (\w+)\s+Mode:\s+(\d+)/.exec(stat) ?? []
      const [, user, group] = /User:\s+(\d+)\s+Group:\s+(\d+)/.exec(stat) ?? []
      return type === undefined ? undefined : `${type} ${mode} ${user}:${group}`
    },
    list: async (folder: string) =>
      [...(await debugfs(`ls -p ${folder}`)).matchAll(/^\/\d+\/\d+\/\d+\/\d+\/([^/]+)\//gm)].map(([, name]) => name),
    async sizeBytes() {
      const stats = await debugfs('stats -h')
      return Number(/Block count:\s+(\d+)/.exec(stats)?.[1]) * Number(/Block size:\s+(\d+)/.exec(stats)?.[1])
    },
  }
}
