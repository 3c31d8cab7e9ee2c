import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { strangerWarning } from './account.ts'

const isRoot = process.getuid!() === 0

/** Who a process is after it asked to become somebody. */
function becoming(user: string, group: string): string {
  const module = new URL('./account.ts', import.meta.url).href
  const script = `
    import { becomeUser } from ${JSON.stringify(module)}
    becomeUser({ user: ${JSON.stringify(user)}, group: ${JSON.stringify(group)} })
    console.log([process.getuid(), process.getgid(), ...process.getgroups()].join(' '))`
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).trim()
}

const idsOf = (name: string, flags: string) => execFileSync('id', [flags, name], { encoding: 'utf8' }).trim()

test('root becomes the user of the cloud with no group of its own left; everybody else stays who he is', () => {
  const myself = [process.getuid!(), process.getgid!(), ...process.getgroups!()].join(' ')
  const nobody = [idsOf('nobody', '-u'), idsOf('nobody', '-g'), ...idsOf('nobody', '-G').split(' ')].join(' ')
  expect(becoming('nobody', 'nogroup')).toBe(isRoot ? nobody : myself)
  expect(becoming('nobody', 'no-such-group-here')).toBe(isRoot ? nobody : myself)
  expect(becoming('no-such-user-here', 'nogroup')).toBe(myself)
})

test('who is neither root nor the user of the cloud is warned', async ({ onTestFinished }) => {
  const secrets = join(await temporaryFolder(onTestFinished), 'secrets')
  expect(strangerWarning(secrets, 'synnefo')).toBeUndefined()
  await mkdir(secrets)
  await chmod(secrets, 0o700)
  expect(strangerWarning(secrets, 'synnefo')).toBeUndefined()
  if (isRoot) await chown(secrets, 12_345, 12_345)
  const warning = strangerWarning(isRoot ? secrets : '/root', 'synnefo')
  expect(warning).toMatch(/^Warning: snf-manage must be run as root or as the user that the cloud runs as \(synnefo, uid \d+\)$/)
})
