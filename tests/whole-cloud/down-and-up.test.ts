// What becomes of machines when their cloud is stopped and started, from wherever its checkout lies now.
import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { machinesOf, startCloud, untilNoMachineRuns, up } from './cloud.ts'
import { logIn, openShell, untilShown } from './dialogue.ts'
import { consoleUrl, startServer, untilStatus } from './servers.ts'
import { openSerialLine } from './sockets.ts'
import { stopwatch } from './stopwatch.ts'

const run = promisify(execFile)
const checkout = join(import.meta.dirname, '../..')

test('machines run on while the cloud is down, unless they are to stop', { timeout: 900_000 }, async ({ onTestFinished }) => {
  const measure = stopwatch(onTestFinished)
  const cloud = await startCloud(onTestFinished)
  const server = await measure('a server is made', () => startServer(cloud))
  const serialLine = async () => openSerialLine(await consoleUrl(cloud, server, 'serial'), onTestFinished)
  const machines = machinesOf(cloud.home)
  expect(machines).toHaveLength(1)
  const guest = await measure('log in', async () => logIn(await serialLine(), 'root', server.password))
  const bootOf = 'cat /proc/sys/kernel/random/boot_id'
  const boot = await guest.run(bootOf)

  expect((await cloud.run('down')).output).toContain('machines run on')
  expect(await cloud.status()).toMatchObject({ state: 'stopped', processes: [] })
  expect(machinesOf(cloud.home)).toEqual(machines)

  const moved = await measure('copy the checkout', () => copyOfCheckout(onTestFinished))
  await measure('up from the copy', () =>
    run(join(moved, 'synnefo'), ['up'], { env: { ...process.env, SYNNEFO_HOME: cloud.home } }),
  )
  expect((await cloud.status()).urls['web']).toBe(`${cloud.url}/`)
  expect((await server.compute.showServer(server.id)).status).toBe('ACTIVE')
  expect(machinesOf(cloud.home)).toEqual(machines)
  expect(await openShell(await serialLine()).run(bootOf)).toBe(boot)

  await measure('down with the machines', () => cloud.run('down', '--servers'))
  await untilNoMachineRuns(cloud.home)
  await measure('up again', () => up(cloud))
  await measure('the server is started again', () => untilStatus(server.compute, server.id, 'ACTIVE'))
  await untilShown(await serialLine(), /login:/)
  expect(openToOthers(join(cloud.home, 'secrets'))).toEqual([])
  expect(openToOthers(join(cloud.home, 'state'))).toEqual([])
})

/** Somewhere else, with everything but its history and what other tests keep in it meanwhile. Files are shared where the file system can. */
async function copyOfCheckout(onTestFinished: Parameters<typeof temporaryFolder>[0]): Promise<string> {
  const copy = join(await temporaryFolder(onTestFinished), 'moved')
  const dependencies = join(copy, 'node_modules')
  await mkdir(dependencies, { recursive: true })
  const within = async (folder: string, wanted: (name: string) => boolean) =>
    (await readdir(folder)).filter(wanted).map((name) => join(folder, name))
  const entries = await within(checkout, (name) => name !== '.git' && name !== 'node_modules')
  const packages = await within(join(checkout, 'node_modules'), (name) => !/^\.(cache|vite)/.test(name))
  const copyAll = async (...how: string[]) => {
    await run('cp', [...how, ...entries, copy])
    await run('cp', [...how, ...packages, dependencies])
  }
  await copyAll('-al').catch(() => copyAll('-a', '-f'))
  return copy
}

/** Files that others than their owner may read or write. */
function openToOthers(folder: string): string[] {
  const names = readdirSync(folder)
  expect(names).not.toEqual([])
  return names.filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0)
}
