import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { until } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { type Status, testCloud } from './synnefo.ts'

const launcher = join(import.meta.dirname, '../synnefo')

test('a cloud comes up, answers, survives its processes and goes down', { timeout: 900_000 }, async ({ onTestFinished }) => {
  const cloud = await testCloud(onTestFinished)
  expect(await cloud.status()).toMatchObject({ state: 'stopped', processes: [] })

  const up = await cloud.run('up', '--port', '0')
  expect(up.errors).not.toContain('missing')
  expect(up.code).toBe(0)
  expect(up.output).toMatch(/Password {2}\S{16}/)
  const status = await cloud.status()
  expect(status).toMatchObject({ state: 'running', home: cloud.home, trouble: [] })
  expect(Object.keys(status.urls)).toEqual(['web', 'identity', 'account', 'objectStore', 'image', 'compute', 'network', 'volume'])
  expect(status.processes.map(({ name }) => name)).toEqual(expect.arrayContaining(['supervisor', 'database', 'node', 'cloud']))
  expect(status.processes.filter(({ pssBytes }) => !pssBytes)).toEqual([])
  expect((await fetch(status.urls['web']!)).status).toBe(200)
  expect(statSync(cloud.home).mode & 0o066).toBe(0)

  // Again: nothing is started twice, the port is the same, and secrets are shown once.
  const again = await cloud.run('up')
  expect(again.output).not.toContain('Password')
  const pids = ({ processes }: Pick<Status, 'processes'>) =>
    processes.filter(({ name }) => /^[a-z]+$/.test(name)).map(({ pid }) => pid)
  expect(pids(await cloud.status())).toEqual(pids(status))

  // Whatever is killed comes back by itself, and nothing else is disturbed.
  for (const name of ['cloud', 'node', 'database', 'supervisor']) {
    const { processes } = await cloud.status()
    const killed = processes.find((each) => each.name === name)!
    process.kill(killed.pid, 'SIGKILL')
    const revived = await until(async () => {
      const now = await cloud.status()
      return now.state === 'running' && now.processes.every(({ pid }) => pid !== killed.pid) ? now : undefined
    })
    const others = pids({ processes }).filter((pid) => pid !== killed.pid)
    expect(pids(revived)).toEqual(expect.arrayContaining(others))
    expect(revived.urls).toEqual(status.urls)
  }

  // A wrong setting disturbs nothing that runs; a changed one takes effect.
  const settings = join(cloud.home, 'settings/mine.toml')
  const before = pids(await cloud.status())
  await writeFile(settings, 'ASTAKOS_SHOW_SIGNUP = 3\n')
  expect(await cloud.run('up')).toMatchObject({ code: 1, errors: expect.stringContaining('mine.toml:1') })
  expect(pids(await cloud.status())).toEqual(before)
  const methods = async () => (await fetch(`${status.urls['web']}astakos/ui/api/logins/methods`)).json()
  expect(await methods()).toMatchObject({ cloud: 'Synnefo' })
  await writeFile(settings, 'BRANDING_SERVICE_NAME = "Wonderland"\n')
  expect(await cloud.run('up')).toMatchObject({ code: 0 })
  expect(await methods()).toMatchObject({ cloud: 'Wonderland' })

  const runFolder = realpathSync(join(cloud.home, 'run'))
  expect((await cloud.run('down')).code).toBe(0)
  expect((await cloud.status()).state).toBe('stopped')
  expect(existsSync(runFolder)).toBe(false)
  expect(readdirSync(cloud.temporary)).toEqual([])
})

test('an interrupted up is finished by the next one', async ({ onTestFinished }) => {
  const cloud = await testCloud(onTestFinished)
  for (const stage of ['database/data.new', 'state/plan.json']) {
    const first = spawn(launcher, ['up', '--port', '0'], { env: { ...process.env, SYNNEFO_HOME: cloud.home }, stdio: 'ignore' })
    const ended = once(first, 'exit')
    await until(() => existsSync(join(cloud.home, stage)) || first.exitCode !== null, { everyMs: 2 })
    expect(first.exitCode).toBeNull()
    first.kill('SIGKILL')
    await ended
  }
  const up = await cloud.run('up')
  expect(up).toMatchObject({ code: 0, output: expect.stringMatching(/Password {2}\S{16}/) })
})

test('a port that is taken is named, with the way out', async ({ onTestFinished }) => {
  const cloud = await testCloud(onTestFinished)
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as { port: number }
  const up = await cloud.run('up', '--port', String(port))
  expect(up.code).toBe(1)
  expect(up.errors).toContain(`port ${port} on 127.0.0.1 is taken`)
  expect(up.errors).toContain('--port')
})

test('a wrong setting is named with its file and line', async ({ onTestFinished }) => {
  const cloud = await testCloud(onTestFinished)
  await mkdir(join(cloud.home, 'settings'), { recursive: true })
  await writeFile(join(cloud.home, 'settings/mine.toml'), '# ours\nASTAKOS_MODERATION_ENABLED = "perhaps"\n')
  const up = await cloud.run('up', '--port', '0')
  expect(up.code).toBe(1)
  expect(up.errors).toContain('mine.toml:2')
})

test('what cannot be understood is answered with help', async ({ onTestFinished }) => {
  const cloud = await testCloud(onTestFinished)
  expect(await cloud.run('upp')).toMatchObject({ code: 1, errors: expect.stringContaining('--help') })
  expect(await cloud.run('up', '--prot', '1')).toMatchObject({ code: 1, errors: expect.stringContaining('--port N') })
  expect(await cloud.run('--help')).toMatchObject({ code: 0, output: expect.stringContaining('./synnefo VERB') })
  expect(await cloud.run('status', '--help')).toMatchObject({ code: 0, output: expect.stringContaining('--json') })
})

test('a measurement that is ended by a signal leaves no cloud behind', async ({ onTestFinished }) => {
  const cloud = await testCloud(onTestFinished)
  const bench = spawn(launcher, ['bench', 'object', '--rows', 'small', '--seconds', '120'], {
    env: { ...process.env, TMPDIR: cloud.temporary },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void bench.kill('SIGKILL'))
  let said = ''
  bench.stderr.on('data', (data) => {
    said += data
  })
  const folderOf = () => readdirSync(cloud.temporary).find((name) => name.startsWith('synnefo-bench-'))
  await until(() => /synnefo: .*PUT/.test(said))
  const home = join(cloud.temporary, folderOf()!, 'home')
  const running = () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(home)
        } catch {
          return false // it ended meanwhile
        }
      })
  expect(running()).not.toEqual([])
  bench.kill('SIGTERM')
  bench.kill('SIGINT') // somebody who is impatient
  const [code] = await once(bench, 'close') // with all it said
  expect([143, 130]).toContain(code)
  expect(said).toMatch(/ended by SIG(TERM|INT); the cloud of the measurement is removed/)
  expect(running()).toEqual([])
  expect(folderOf()).toBeUndefined()
})
