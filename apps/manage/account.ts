// As whom the commands run: never as root where the cloud has a user of its own, so that what they make is its.
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'

/** Node has it; its types leave it out. */
const { initgroups } = process as unknown as { initgroups(user: string, group: string): void }

export interface Account {
  user: string
  group: string
}

/** Becomes the user, with the group and all groups of the user, when root started us and there is such a user. */
export function becomeUser({ user, group }: Account): void {
  if (process.getuid!() !== 0 || !exists('passwd', user)) return
  const main = exists('group', group) ? group : user
  initgroups(user, main)
  process.setgid!(main)
  process.setuid!(user)
}

function exists(database: 'passwd' | 'group', name: string): boolean {
  try {
    execFileSync('getent', [database, name], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What to say when we are neither root nor the user that the cloud runs as; undefined when all is well. */
export function strangerWarning(secretsFolder: string, user: string): string | undefined {
  const owner = statSync(secretsFolder, { throwIfNoEntry: false })?.uid
  if (owner === undefined || owner === process.getuid!()) return undefined
  return `Warning: snf-manage must be run as root or as the user that the cloud runs as (${user}, uid ${owner})`
}
