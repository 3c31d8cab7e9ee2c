// Where a cloud lives. The home holds everything; removing it removes the cloud. Sockets lie in a run folder with a
// short path, because the kernel takes 107 bytes, and `run` in the home leads there.
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, mkdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { SystemUsers } from './system-users.ts'

/** Leaves 47 bytes for the names of sockets below it. */
const RUN_FOLDER_BYTES = 60

export interface Home {
  folder: string
  settings: string
  /** The operator's texts of mails. */
  templates: string
  database: string
  blocks: string
  volumes: string
  /** What is remembered of machines and of the data plane. */
  machines: string
  networks: string
  mail: string
  secrets: string
  logs: string
  /** Logs of what operators did. */
  commandLogs: string
  /** What the launcher writes down: plan, processes, locks. */
  state: string
  /** What was compiled. */
  cache: string
  /** Packages and what was made of them, for all clouds of this user. */
  downloads: string
}

export const isRoot = process.getuid!() === 0

export function findHome(environment: NodeJS.ProcessEnv = process.env): Home {
  const chosen = environment['SYNNEFO_HOME']
  const folder = chosen ? resolve(chosen) : isRoot ? '/var/lib/synnefo' : join(homedir(), '.local/share/synnefo')
  const at = (name: string) => join(folder, name)
  return {
    folder,
    settings: at('settings'),
    templates: at('templates'),
    database: at('database'),
    blocks: at('blocks'),
    volumes: at('volumes'),
    machines: at('machines'),
    networks: at('networks'),
    mail: at('mail'),
    secrets: at('secrets'),
    logs: at('logs'),
    commandLogs: at('logs/commands'),
    state: at('state'),
    cache: at('cache'),
    downloads: isRoot ? '/var/cache/synnefo' : join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'synnefo'),
  }
}

/** Makes the home and what belongs into it; whatever is there gets its owner and mode again. */
export function makeHome(home: Home, users: SystemUsers | undefined): void {
  mkdirSync(dirname(home.folder), { recursive: true })
  // As root our system users pass through the home, which they cannot list, to the folders that are theirs.
  makeFolder(home.folder, { mode: users ? 0o711 : 0o700 })
  for (const folder of [home.settings, home.templates]) makeFolder(folder, users && { uid: 0, gid: users.cloud.gid, mode: 0o750 })
  for (const folder of [home.cache, home.downloads]) makeFolder(folder, { mode: 0o755 })
  for (const folder of [home.volumes, home.machines, home.networks, home.state]) makeFolder(folder)
  makeFolder(home.logs, { mode: users ? 0o711 : 0o700 })
  for (const folder of [home.blocks, home.mail, home.secrets, home.commandLogs]) makeFolder(folder, users?.cloud)
}

export function makeFolder(folder: string, owner: { uid?: number; gid?: number; mode?: number } = {}): void {
  const { uid, gid, mode = 0o700 } = owner
  mkdirSync(folder, { recursive: true, mode })
  const now = statSync(folder)
  if (uid !== undefined && gid !== undefined && (now.uid !== uid || now.gid !== gid)) chownSync(folder, uid, gid)
  if ((now.mode & 0o7777) !== mode) chmodSync(folder, mode)
}

/** Where the sockets of this home are, or were before a reboot; undefined before the first start. */
export function findRunFolder(home: Home): string | undefined {
  const link = join(home.folder, 'run')
  const entry = lstatSync(link, { throwIfNoEntry: false })
  if (!entry) return undefined
  return entry.isSymbolicLink() ? readlinkSync(link) : link
}

/** The run folder, made again after a reboot. System users pass through it to the folders that are theirs. */
export function makeRunFolder(home: Home): string {
  const mode = isRoot ? 0o711 : 0o700
  const known = findRunFolder(home)
  const folder = known ?? chooseRunFolder(home)
  makeFolder(folder, { mode })
  makeFolder(temporaryFolder(folder), { mode: 0o1777 })
  if (!known && folder !== join(home.folder, 'run')) symlinkSync(folder, join(home.folder, 'run'))
  return folder
}

/** What a program that was killed left here goes with the run folder. */
export const temporaryFolder = (runFolder: string) => join(runFolder, 'tmp')

function chooseRunFolder(home: Home): string {
  const name = `synnefo-${createHash('sha256').update(home.folder).digest('hex').slice(0, 8)}`
  // As root the machines' user must reach its sockets, and it may not enter the home.
  if (isRoot) return join('/run', name)
  const { XDG_RUNTIME_DIR } = process.env
  const candidates = [
    join(home.folder, 'run'),
    join(homedir(), '.cache', name),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, name)] : []), // gone when the user's last session ends
    join('/dev/shm', `${name}-${process.getuid!()}`),
  ]
  return candidates.find((folder) => Buffer.byteLength(folder) <= RUN_FOLDER_BYTES)!
}

export function removeRunFolder(home: Home): void {
  const folder = findRunFolder(home)
  if (folder) rmSync(folder, { recursive: true, force: true })
}

/** The first folder on the way to `path` that not everybody may pass, or undefined. */
export function closedFolder(path: string): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode } = statSync(folder)
    if (folder !== path && (mode & 0o001) === 0) return folder
    if (folder === dirname(folder)) return undefined
  }
}
