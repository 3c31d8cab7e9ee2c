// How system users see the checkout and the home. Below a folder that only root may enter, such as /root, they could
// see neither: then their programs run in a mount namespace where both appear in the run folder. Node and its
// machines need no such view, and stay in the host's namespace.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Refusal } from '../refusal.ts'
import { closedFolder } from './folders.ts'

export interface View {
  /** What a system user calls this path. */
  of(path: string): string
  /** The command that runs `command`, which names paths as this view does. */
  enter(command: readonly string[]): string[]
  /** Everything is seen where it is. */
  readonly isPlain: boolean
}

export function plainView(): View {
  return { of: (path) => path, enter: (command) => [...command], isPlain: true }
}

/** The view of system users on these folders. */
export function openView(runFolder: string, folders: Record<string, string>): View {
  const mounts = Object.entries(folders)
    .filter(([, folder]) => closedFolder(folder) !== undefined)
    .map(([name, folder]) => ({ folder, at: join(runFolder, name) }))
  if (mounts.length === 0) return plainView()
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) {
    const { folder } = mounts[0]!
    throw new Refusal(
      `only root may enter ${closedFolder(folder)}, and mount namespaces are not allowed here`,
      `move ${folder} to a place that others may enter`,
    )
  }
  const script = mounts
    .map((_, index) => `mkdir -p "$${2 * index + 2}" && mount --bind "$${2 * index + 1}" "$${2 * index + 2}"`)
    .join(' && ')
  const prefix = [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    `${script} && shift ${2 * mounts.length} && exec "$@"`,
    'sh',
  ]
  return {
    of(path) {
      const mount = mounts.find(({ folder }) => path === folder || path.startsWith(`${folder}/`))
      return mount ? mount.at + path.slice(mount.folder.length) : path
    },
    enter: (command) => [...prefix, ...mounts.flatMap(({ folder, at }) => [folder, at]), ...command],
    isPlain: false,
  }
}
