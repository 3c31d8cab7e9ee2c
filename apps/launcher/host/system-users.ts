// The users that the parts of a cloud run as when root starts it. Their names are shared by all clouds of a host.
import { execFileSync, spawnSync } from 'node:child_process'
import { Refusal } from '../refusal.ts'

export interface SystemUser {
  name: string
  uid: number
  gid: number
}

export interface SystemUsers {
  /** Requests, tasks, the web UI. */
  cloud: SystemUser
  /** PostgreSQL. Its group is the cloud's, which may thereby reach its socket. */
  database: SystemUser
  /** Machines: QEMU. Shares no group with the others. */
  machines: SystemUser
}

const CLOUD = 'synnefo'
const DATABASE = 'synnefo-db'
const MACHINES = 'synnefo-qemu'

/** Makes the users that are missing. */
export function makeSystemUsers(): SystemUsers {
  const cloud = makeUser(CLOUD, ['--user-group'])
  const database = makeUser(DATABASE, ['--no-user-group', '--gid', CLOUD])
  const kvm = spawnSync('getent', ['group', 'kvm']).status === 0
  const machines = makeUser(MACHINES, ['--user-group', ...(kvm ? ['--groups', 'kvm'] : [])])
  return { cloud, database, machines }
}

function makeUser(name: string, options: string[]): SystemUser {
  const present = findUser(name)
  if (present) return present
  const command = ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', ...options, name]
  const { status, stderr, error } = spawnSync('useradd', command, { encoding: 'utf8' })
  const made = findUser(name) // also when another `up` was quicker
  if (made) return made
  throw new Refusal(
    `the system user ${name} could not be made: ${error?.message ?? `${stderr.trim()} (exit code ${status})`}`,
    `make it with: useradd ${command.join(' ')}`,
  )
}

function findUser(name: string): SystemUser | undefined {
  try {
    const [, , uid, gid] = execFileSync('getent', ['passwd', name], { encoding: 'utf8' }).split(':')
    return { name, uid: Number(uid), gid: Number(gid) }
  } catch {
    return undefined
  }
}

/** The command that runs `command` as this user, without a way back to more rights. */
export function asUser(user: SystemUser, command: readonly string[]): string[] {
  const drop = [
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    '--no-new-privs',
    '--inh-caps=-all',
    '--bounding-set=-all',
  ]
  return ['setpriv', ...drop, ...command]
}
