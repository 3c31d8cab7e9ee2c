// The checkout that this launcher belongs to, and how our programs in it are run, also by users who cannot enter it.
import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Refusal } from '../refusal.ts'
import { closedFolder } from './folders.ts'
import { asUser, type SystemUser } from './system-users.ts'

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

/** Changes whenever a dependency, or a file with such a name in these folders, changes, comes or goes. */
export function sourceVersion(folders: readonly string[], names: RegExp): string {
  const hash = createHash('sha256')
  const sources = folders.flatMap((folder) => sourceFiles(join(checkout, folder), names))
  for (const path of [join(checkout, 'package-lock.json'), ...sources]) {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path}\0${size}\0${mtimeMs}\n`)
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
  /** Whom it runs as; ourselves when left out. */
  user?: SystemUser
  /** Where the checkout is made visible for a user who may not pass the folders above it. */
  mountPoint: string
}

/** The command that runs a program of this checkout by the pinned Node.js. */
export function programCommand({ script, words, user, mountPoint }: Entry): string[] {
  const command = (root: string) => [join(root, nodeBinary()), '--enable-source-maps', join(root, script), ...words]
  if (!user) return command(checkout)
  if ((statSync(join(checkout, 'package.json')).mode & 0o004) === 0) {
    throw new Refusal(`${user.name} may not read the files in ${checkout}`, `chmod -R go+rX ${checkout}`)
  }
  if (closedFolder(checkout) === undefined) return asUser(user, command(checkout))
  // A checkout below /root: in a mount namespace of its own the program sees it at another place, read only.
  const mount = 'mkdir -p "$2" && mount --bind "$1" "$2" && mount -o remount,bind,ro "$2" && shift 2 && exec "$@"'
  return [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    mount,
    'sh',
    checkout,
    mountPoint,
    ...asUser(user, command(mountPoint)),
  ]
}

function nodeBinary(): string {
  return process.execPath.slice(checkout.length + 1)
}
