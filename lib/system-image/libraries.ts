import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileTree } from './file-tree.ts'

const FOLDERS = ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu', 'lib64', 'usr/lib64']
const LOADER = 'ld-linux-x86-64.so.2'

/** Puts shared libraries of a package tree, and the loader, where programs find them. */
export async function addLibraries(tree: FileTree, packageTree: string, names: readonly string[]): Promise<void> {
  for (const name of names) await tree.copy(`lib/${name}`, await findLibrary(packageTree, name), 0o755)
  await tree.copy(`lib64/${LOADER}`, await findLibrary(packageTree, LOADER), 0o755)
}

async function findLibrary(packageTree: string, name: string): Promise<string> {
  for (const folder of FOLDERS) {
    const path = join(packageTree, folder, name)
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  throw new Error(`The packages hold no library ${name}`)
}
