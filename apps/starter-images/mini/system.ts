// What is inside the mini image: the files of `root/` beside this file, programs and libraries from Debian's packages.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { addLibraries, FileTree, type Kernel, openKernel, packageTree } from '@synnefo/lib/system-image'

const run = promisify(execFile)
const ROOT_FILES = fileURLToPath(new URL('./root', import.meta.url))
const INIT = fileURLToPath(new URL('./initramfs/init', import.meta.url))

const DISK_MODULES = ['virtio_pci', 'virtio_blk']
const OTHER_MODULES = [
  ...['virtio_net', 'virtio_rng', 'virtio_balloon', 'virtio_console', 'button', 'evdev'],
  ...['isofs', 'sr_mod', 'vfat', 'nls_ascii', 'nls_utf8', '8021q', 'tun', 'loop', 'overlay', 'fuse', 'nf_tables', 'wireguard'],
]
const PROGRAMS = ['usr/sbin/dropbear', 'usr/bin/dbclient', 'usr/bin/dropbearkey']
const LIBRARIES = [
  'libc.so.6',
  'libcrypt.so.1',
  'libtomcrypt.so.1',
  'libtommath.so.1',
  'libgmp.so.10',
  'libz.so.1',
  'libresolv.so.2',
]

export interface MiniPackages {
  kernel: Kernel
  kernelTree: string
  systemTree: string
  bootLoaderTree: string
}

export async function unpackMiniPackages(cacheFolder: string): Promise<MiniPackages> {
  const kernelTree = await packageTree(['linux-image-cloud-amd64'], cacheFolder)
  const systemTree = await packageTree(
    ['busybox-static', 'dropbear-bin', 'libc6', 'libcrypt1', 'libtomcrypt1', 'libtommath1', 'libgmp10', 'zlib1g'],
    cacheFolder,
  )
  const bootLoaderTree = await packageTree(
    ['grub-common', 'grub-pc-bin', 'libdevmapper1.02.1', 'libudev1', 'libselinux1', 'libpcre2-8-0', 'liblzma5'],
    cacheFolder,
  )
  return { kernel: await openKernel(kernelTree), kernelTree, systemTree, bootLoaderTree }
}

export async function rootTree(packages: MiniPackages): Promise<FileTree> {
  const { systemTree } = packages
  const tree = new FileTree()
  for (const folder of [
    'dev',
    'proc',
    'sys',
    'run',
    'mnt',
    'usr/local/bin',
    'usr/local/sbin',
    'var/lib',
    'var/log',
    'etc/dropbear',
  ]) {
    tree.directory(folder)
  }
  for (const folder of ['tmp', 'var/tmp']) tree.directory(folder, 0o1777)
  for (const folder of ['root', 'root/.ssh']) tree.directory(folder, 0o700)
  for (const stage of ['pre-up', 'up', 'down', 'post-down']) tree.directory(`etc/network/if-${stage}.d`)
  tree.link('var/run', '/run')
  await tree.folder('', ROOT_FILES)
  tree.file('etc/shadow', 'root:*:18262:0:99999:7:::\ndaemon:*:18262:0:99999:7:::\nnobody:*:18262:0:99999:7:::\n', 0o640)
  tree.file('etc/machine-id', '')
  tree.file('etc/resolv.conf', '')
  tree.file('etc/os-release', osRelease(packages.kernel.version))

  await addBusybox(tree, systemTree)
  for (const program of PROGRAMS) await tree.copy(program, join(systemTree, program), 0o755)
  await addLibraries(tree, systemTree, LIBRARIES)
  await addModules(tree, packages)
  return tree
}

/** The first root: only what it takes to reach the disk. Not compressed: under emulation unpacking costs more than reading. */
export async function initramfs({ kernel, kernelTree, systemTree }: MiniPackages): Promise<Buffer> {
  const tree = new FileTree()
  tree.directory('dev').directory('proc').directory('sys').directory('root')
  await tree.copy('bin/busybox', join(systemTree, 'bin/busybox'), 0o755)
  tree.link('bin/sh', 'busybox')
  await tree.copy('init', INIT, 0o755)
  const paths = await kernel.modulePaths(DISK_MODULES)
  const names = paths.map((path, index) => `${index}-${path.split('/').at(-1)}`)
  for (const [index, path] of paths.entries()) await tree.copy(`modules/${names[index]}`, join(kernelTree, path))
  tree.file('modules/order', `${names.join('\n')}\n`)
  return tree.cpio()
}

/** One program under the names of all its commands, where people and scripts look for them. */
async function addBusybox(tree: FileTree, systemTree: string): Promise<void> {
  const busybox = join(systemTree, 'bin/busybox')
  await tree.copy('bin/busybox', busybox, 0o755)
  const { stdout } = await run(busybox, ['--list-full'])
  for (const path of stdout.trim().split('\n')) if (path !== 'bin/busybox' && path !== 'linuxrc') tree.link(path, '/bin/busybox')
}

async function addModules(tree: FileTree, { kernel, kernelTree, systemTree }: MiniPackages): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-modules-'))
  try {
    for (const path of await kernel.modulePaths([...DISK_MODULES, ...OTHER_MODULES])) {
      const contents = await readFile(join(kernelTree, path))
      tree.file(path, contents)
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), contents)
    }
    await run(join(systemTree, 'bin/busybox'), ['depmod', '-b', folder, kernel.version])
    const index = join('lib/modules', kernel.version)
    for (const name of ['modules.dep', 'modules.alias', 'modules.symbols'])
      await tree.copy(join(index, name), join(folder, index, name))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const osRelease = (kernelVersion: string) =>
  `ID=synnefo-mini\nID_LIKE=debian\nNAME="Synnefo mini"\nPRETTY_NAME="Synnefo mini (Linux ${kernelVersion})"\n`
