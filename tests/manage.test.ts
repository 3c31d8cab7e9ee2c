// snf-manage and the registration scripts on a cloud that runs, as an operator calls them.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { testCloud } from './synnefo.ts'

const programs = join(import.meta.dirname, '../bin')

async function call(home: string, line: string, typed = '') {
  const [program, ...words] = line.split(' ')
  const child = spawn(join(programs, program!), words, { env: { ...process.env, SYNNEFO_HOME: home } })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdin.end(typed)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { status: await ended, out, err }
}

test('operators register, look around and leave a trail without secrets', async ({ onTestFinished }) => {
  const { home, run } = await testCloud(onTestFinished)
  const manage = (line: string, typed?: string) => call(home, line, typed)

  // What needs no cloud works before there is one.
  const exported = await manage('snf-service-export pithos https://files.test/pithos')
  expect(exported.status).toBe(0)
  expect(await manage('snf-manage help user-add')).toMatchObject({ status: 0, err: '' })
  expect(await manage('snf-manage user-list')).toMatchObject({ status: 1, err: expect.stringContaining('./synnefo up') })
  expect((await manage('snf-service-export pithos')).status).toBe(2)

  expect((await run('up', '--port', '0')).code).toBe(0)
  const added = await manage('snf-manage component-add radio --base-url https://radio.test')
  expect(added).toMatchObject({ status: 0, err: '' })
  const token = added.out.trim().split(' ')[1]!
  const logs = join(home, 'logs/commands')
  const [log, ...others] = readdirSync(logs)
  expect(others).toEqual([])
  expect(log).toMatch(/^\d{12}_component-add_\d+\.log$/)
  expect(statSync(join(logs, log!)).mode & 0o777).toBe(0o600)
  const kept = readFileSync(join(logs, log!), 'utf8')
  expect(kept).toContain('Command: component-add radio --base-url https://radio.test\n')
  expect(kept).toContain('Token: ********')
  expect(kept).not.toContain(token)

  expect((await manage('snf-component-register pithos --yes --base-url https://files.test/pithos')).status).toBe(0)
  expect((await manage('snf-manage service-import --json -', exported.out)).err).toContain('Updated service pithos_object-store.')
  const shown = await manage('snf-manage service-show pithos_object-store --output-format json')
  expect(shown.out).toContain('https://files.test/pithos/object-store/v1')

  expect((await manage('snf-manage migrate im')).err).toBe('The database is up to date.\n')
  expect((await manage('snf-manage syncdb --noinput')).status).toBe(0)
  expect((await manage('snf-manage migrate dreams')).status).toBe(1)
  expect((await manage('snf-manage loaddata groups flavors')).err).toBe('All standard groups are there.\nThere are flavors.\n')
  expect((await manage('snf-manage loaddata dreams')).status).toBe(1)
  expect((await manage('snf-manage show_urls')).out).toMatch(/\/astakos\/identity\/v2\.0\/tokens {2}.*POST/)
  const shell = await manage('snf-manage shell', 'identity.settings.SNF_MANAGE_USER\n.exit\n')
  expect(shell).toMatchObject({ status: 0, out: expect.stringContaining("'synnefo'") })

  const unexpected = await manage('snf-manage user-show a@b.c -v 2')
  expect(unexpected.status).toBe(1)
  expect(unexpected.err).toContain("CommandError: Unknown user with id|email 'a@b.c'")
})
