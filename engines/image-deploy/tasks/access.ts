import { posix } from 'node:path'
import { type Account, findAccount, withPassword } from '../accounts.ts'
import type { GuestRoot } from '../guest-root.ts'
import { DeployFailed } from '../interface.ts'
import type { Task } from './task.ts'

export const changePassword: Task = {
  name: 'ChangePassword',
  mounted: true,
  async run({ job, properties, passwordHash, root }) {
    if (properties.flag('CLOUD_INIT')) return // InitializeDatasource told cloud-init
    const passwd = (await root.read('/etc/passwd'))?.toString('latin1') ?? ''
    const accounts = properties.users.map((name) => {
      const account = findAccount(passwd, name)
      if (!account) throw new DeployFailed(`The image has no user ${name}, whom its property USERS names.`)
      return account
    })
    if (passwordHash !== undefined) await setPasswords(root, accounts, passwordHash)
    if (job.authorizedKeys.length > 0) for (const account of accounts) await addKeys(root, account, job.authorizedKeys)
  },
}

async function setPasswords(root: GuestRoot, accounts: readonly Account[], hash: string): Promise<void> {
  let shadow = (await root.read('/etc/shadow'))?.toString('latin1') ?? ''
  for (const { name } of accounts) {
    const changed = withPassword(shadow, name, hash, new Date())
    if (changed === undefined) throw new DeployFailed(`The image has no entry for the user ${name} in /etc/shadow.`)
    shadow = changed
  }
  await root.write('/etc/shadow', Buffer.from(shadow, 'latin1'))
}

/** Adds to the keys that the image brings: their owner chose them. */
async function addKeys(root: GuestRoot, account: Account, keys: readonly string[]): Promise<void> {
  const owner = { uid: account.uid, gid: account.gid }
  const sshd = (await root.read('/etc/ssh/sshd_config'))?.toString('latin1') ?? ''
  const path = authorizedKeysPath(sshd, account)
  await root.makeFolder(account.home, { mode: 0o700, owner })
  await root.makeFolder(posix.dirname(path), { mode: 0o700, owner })
  const old = (await root.read(path))?.toString('latin1').replace(/\n*$/, '\n') ?? ''
  const text = Buffer.concat([
    Buffer.from(old === '\n' ? '' : old, 'latin1'),
    Buffer.from(`${keys.map((key) => key.trim()).join('\n')}\n`),
  ])
  await root.write(path, text, { mode: 0o600, owner })
}

/** Where sshd looks for a user's keys: the first place that its configuration names. */
export function authorizedKeysPath(sshdConfig: string, { name, home }: Account): string {
  const pattern = /^\s*AuthorizedKeysFile\s+"?([^\s"]+)/im.exec(sshdConfig)?.[1]
  const expanded = (pattern && pattern !== 'none' ? pattern : '%h/.ssh/authorized_keys')
    .replaceAll('%h', home)
    .replaceAll('%u', name)
  return posix.resolve(home, expanded.replaceAll('%%', '%'))
}
