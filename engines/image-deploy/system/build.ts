// The helper's own little system: Debian's cloud kernel, BusyBox and the ext4 tools. Built once into the cache; the
// kernel lies there unpacked, because unpacking itself would take longer than all the rest of a start.
import { createHash } from 'node:crypto'
import { access, chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addLibraries, FileTree, openKernel, packageTree, unpackKernel } from '@synnefo/lib/system-image'

export interface HelperSystem {
  kernelPath: string
  ramdiskPath: string
  /** Also runs on the host, to hash passwords. */
  busyboxPath: string
}

const INIT = fileURLToPath(new URL('./init', import.meta.url))
const MODULES = ['virtio_pci', 'virtio_console', 'virtio_blk']
const KERNEL_PACKAGES = ['linux-image-cloud-amd64']
const TOOL_PACKAGES = ['busybox-static', 'e2fsprogs', 'libext2fs2', 'libcom-err2', 'libblkid1', 'libuuid1', 'libc6']
const PROGRAMS = ['sbin/e2fsck', 'sbin/resize2fs']
const LIBRARIES = ['libext2fs.so.2', 'libcom_err.so.2', 'libblkid.so.1', 'libuuid.so.1', 'libe2p.so.2', 'libc.so.6']

/** Answers what lies in the cache, or makes it; nothing is fetched when it is there. */
export async function helperSystem(cacheFolder: string): Promise<HelperSystem> {
  if (process.arch !== 'x64') throw new Error('Images are customised on x86-64 hosts only')
  const init = await readFile(INIT)
  const recipe = JSON.stringify([MODULES, KERNEL_PACKAGES, TOOL_PACKAGES, PROGRAMS, LIBRARIES])
  const folder = join(cacheFolder, `image-deploy-${createHash('sha256').update(recipe).update(init).digest('hex').slice(0, 12)}`)
  if (!(await exists(folder))) await build(folder, cacheFolder, init)
  return { kernelPath: join(folder, 'kernel'), ramdiskPath: join(folder, 'ramdisk'), busyboxPath: join(folder, 'busybox') }
}

async function build(folder: string, cacheFolder: string, init: Buffer): Promise<void> {
  // Nothing in the cache is secret, and the user that QEMU runs as has to read it whatever our own umask is.
  if (await mkdir(cacheFolder, { recursive: true })) await chmod(cacheFolder, 0o755)
  const kernelTree = await packageTree(KERNEL_PACKAGES, cacheFolder)
  const toolTree = await packageTree(TOOL_PACKAGES, cacheFolder)
  const kernel = await openKernel(kernelTree)
  const packed = await readFile(kernel.imagePath)
  const tree = new FileTree().file('init', init, 0o755).link('bin/sh', 'busybox')
  for (const mountPoint of ['dev', 'proc', 'sys', 'tmp', 'mnt', 'etc']) tree.directory(mountPoint)
  const busybox = join(toolTree, 'bin/busybox')
  await tree.copy('bin/busybox', busybox, 0o755)
  for (const program of PROGRAMS) await tree.copy(program, join(toolTree, program), 0o755)
  await addLibraries(tree, toolTree, LIBRARIES)
  await addModules(tree, await kernel.modulePaths(MODULES), kernelTree)

  const draft = await mkdtemp(join(cacheFolder, '.image-deploy-'))
  try {
    await writeFile(join(draft, 'kernel'), unpackKernel(packed) ?? packed)
    await writeFile(join(draft, 'ramdisk'), tree.cpio())
    await copyFile(busybox, join(draft, 'busybox'))
    for (const name of ['kernel', 'ramdisk']) await chmod(join(draft, name), 0o644)
    await chmod(draft, 0o755)
    await rename(draft, folder).catch(async (error) => {
      if (!(await exists(folder))) throw error // somebody else was quicker: theirs is the same
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Modules under names that say the order to load them in. */
async function addModules(tree: FileTree, paths: readonly string[], kernelTree: string): Promise<void> {
  const names = paths.map((path, index) => `${index}-${path.split('/').at(-1)}`)
  for (const [index, path] of paths.entries()) await tree.copy(`modules/${names[index]}`, join(kernelTree, path))
  tree.file('modules/order', `${names.join('\n')}\n`)
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
