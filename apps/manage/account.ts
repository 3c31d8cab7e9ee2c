// As whom the commands run: never as root where the cloud has a user of its own, so that what they make is its.
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'

/** Node has it; its types leave it out. */
const { initgroups } = process as unknown as { initgroups(user: string, group: number): void }

export interface Account {
  user: string
  group: string
}

/** Becomes the user, with the group and all groups of the user, when root started us and there is such a user. */
export function becomeUser({ user, group }: Account): void {
  const known = process.getuid!() === 0 ? entry('passwd', user) : undefined
  if (!known) return
  const [, , uid, ownGroup] = known
  const gid = Number(entry('group', group)?.[2] ?? ownGroup)
  initgroups(user, gid)
  process.setgid!(gid)
  process.setuid!(Number(uid))
}

/** What the system knows under the name; undefined when it knows nothing. */
function entry(database: 'passwd' | 'group', name: string): string[] | undefined {
  try {
    return execFileSync('getent', [database, name], { encoding: 'utf8' }).trim().split(':')
  } catch {
    return undefined
  }
}

/** What to say when we are neither root nor the user that the cloud runs as; undefined when all is well. */
export function strangerWarning(secretsFolder: string, user: string): string | undefined {
  const owner = statSync(secretsFolder, { throwIfNoEntry: false })?.uid
  if (owner === undefined || owner === process.getuid!()) return undefined
  return `Warning: snf-manage must be run as root or as the user that the cloud runs as (${user}, uid ${owner})`
}
