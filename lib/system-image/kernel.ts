import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

export interface Kernel {
  version: string
  /** The compressed kernel that a boot loader or QEMU takes. */
  imagePath: string
  /** Paths below the package tree of these modules and of all they need, in the order in which they can be loaded. */
  modulePaths(names: readonly string[]): Promise<string[]>
}

/** The kernel inside an unpacked Debian kernel package. */
export async function openKernel(tree: string): Promise<Kernel> {
  const image = (await readdir(join(tree, 'boot'))).find((name) => name.startsWith('vmlinuz-'))
  if (image === undefined) throw new Error(`There is no kernel in ${tree}`)
  const version = image.slice('vmlinuz-'.length)
  const modules = join('lib', 'modules', version)
  const pathByName = new Map<string, string>()
  for (const path of await readdir(join(tree, modules), { recursive: true })) {
    if (path.endsWith('.ko')) pathByName.set(moduleName(path), join(modules, path))
  }

  async function modulePaths(names: readonly string[]): Promise<string[]> {
    const ordered = new Set<string>()
    for (const name of names) {
      const path = pathByName.get(moduleName(name))
      if (path === undefined) throw new Error(`Kernel ${version} has no module ${name}`)
      for (const needed of await modulePaths(neededModules(await readFile(join(tree, path))))) ordered.add(needed)
      ordered.add(path)
    }
    return [...ordered]
  }

  return { version, imagePath: join(tree, 'boot', image), modulePaths }
}

/** File names may say virtio-rng where the module is called virtio_rng. */
const moduleName = (path: string) => basename(path, '.ko').replaceAll('-', '_')

/** What a module says about itself in its .modinfo section: NUL-separated `key=value`. */
function neededModules(module: Buffer): string[] {
  const start = module.indexOf('\0depends=')
  if (start < 0) return []
  const from = start + '\0depends='.length
  const list = module.subarray(from, module.indexOf(0, from)).toString('latin1')
  return list === '' ? [] : list.split(',')
}
