// The checkout that this launcher belongs to, and how our programs in it are run, also by users who cannot enter it.
import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Refusal } from '../refusal.ts'
import { asUser, type SystemUser } from './system-users.ts'
import type { View } from './view.ts'

export const checkout = dirname(dirname(dirname(import.meta.dirname)))

const PROGRAM_FOLDERS = [
  'apps/cloud',
  'apps/launcher/supervisor',
  'apps/manage',
  'apps/node',
  'clients',
  'engines',
  'lib',
  'services',
]

/** Changes whenever a file changes that a running program may have been started from. */
export function programVersion(): string {
  return sourceVersion(PROGRAM_FOLDERS, /\.(ts|js|sql|json)$/)
}

/** Changes whenever a dependency, or a file with such a name in these folders, changes, comes or goes; not when the checkout moves. */
export function sourceVersion(folders: readonly string[], names: RegExp): string {
  const hash = createHash('sha256')
  const sources = folders.flatMap((folder) => sourceFiles(join(checkout, folder), names))
  for (const path of [join(checkout, 'package-lock.json'), ...sources]) {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${relative(checkout, path)}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

function sourceFiles(folder: string, names: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && names.test(entry.name) && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('/node_modules/'))
    .sort()
}

interface Entry {
  /** From the root of the checkout, such as apps/cloud/main.ts. */
  script: string
  words: readonly string[]
}

/** The command that runs a program of this checkout by the pinned Node.js. */
export function programCommand({ script, words }: Entry): string[] {
  return nodeCommand(checkout, script, words)
}

/** The same for a system user, who sees the checkout through `view`. */
export function programCommandAs(user: SystemUser, view: View, { script, words }: Entry): string[] {
  if ((statSync(join(checkout, 'package.json')).mode & 0o004) === 0)
    throw new Refusal(`${user.name} may not read the files in ${checkout}`, `chmod -R go+rX ${checkout}`)
  return view.enter(asUser(user, nodeCommand(view.of(checkout), script, words)))
}

function nodeCommand(root: string, script: string, words: readonly string[]): string[] {
  return [join(root, process.execPath.slice(checkout.length + 1)), join(root, script), ...words]
}
