// kill -9 at any moment, in a loop: whatever was asked comes true after the restart, machines that ran run on, and
// nothing is left behind.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { until } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import type { Hypervisor } from '../interface.ts'
import { openRemote } from '../remote/open.ts'
import { openTestHost, type TestHost } from './testing.ts'

const PROGRAM = fileURLToPath(new URL('killed-process.ts', import.meta.url))
const NAMES = ['snf-1', 'snf-2', 'snf-3']
const ROUNDS = 16
const LONGEST_LIFE_MS = 400

type Wanted = 'on' | 'off' | 'absent'

test('whatever was asked comes true, however often the process is killed', { timeout: 600_000 }, async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const socketPath = join(host.folder, 'node.sock')
  const remote = openRemote({ socketPath })
  let server = await startServer(host, remote)
  onTestFinished(() => end(server))
  const random = randomNumbers(20_260_101)
  const wanted = new Map<string, Wanted>(NAMES.map((name) => [name, 'absent']))

  for (let round = 0; round < ROUNDS; round++) {
    const wishes = NAMES.map((name) => wishFor(name, wanted.get(name)!, round, random()))
    const before = await host.pids()
    for (const wish of wishes) if (wish !== undefined) wanted.set(wish.name, wish.leadsTo)
    const asked = Promise.allSettled(wishes.map((wish) => wish?.ask(remote, host)))
    await delay(random() * LONGEST_LIFE_MS) // the moment of death is the input of this test
    await end(server)
    await asked

    server = await startServer(host, remote)
    for (const wish of wishes) await wish?.ask(remote, host) // as its caller does, who cannot know how far it came
    await until(() => settled(remote, wanted)).catch(async (cause) => {
      throw new Error(`round ${round}: ${JSON.stringify([...wanted])} was asked, ${await inWords(remote)} it is`, { cause })
    })

    const after = await host.pids()
    expect([...after.keys()].sort(), `round ${round}`).toEqual(NAMES.filter((name) => wanted.get(name) === 'on'))
    for (const [index, name] of NAMES.entries()) {
      const survives = wishes[index] === undefined && wanted.get(name) === 'on'
      if (survives) expect(after.get(name), `round ${round}: ${name} was left alone`).toBe(before.get(name))
    }
  }

  for (const name of NAMES) await remote.remove(name, `${name}-last`)
  await until(async () => (await remote.list()).size === 0)
  await end(server)
  expect(await host.pids()).toEqual(new Map())
  const { volumes } = await host.parts()
  expect(await volumes.list()).toEqual([])
})

interface AskedWish {
  name: string
  leadsTo: Wanted
  ask(hypervisor: Hypervisor, host: TestHost): Promise<void>
}

/** Something that can be asked in this state, or nothing. */
function wishFor(name: string, state: Wanted, round: number, chance: number): AskedWish | undefined {
  const intent = `${name}-${round}`
  if (chance < 0.25) return undefined
  if (state === 'absent') return { name, leadsTo: 'on', ask: (hypervisor, host) => hypervisor.create(host.spec(name), intent) }
  if (chance < 0.45) return { name, leadsTo: 'absent', ask: (hypervisor) => hypervisor.remove(name, intent) }
  if (chance < 0.6) return { name, leadsTo: 'on', ask: (hypervisor) => hypervisor.reboot(name, { hard: true }, intent) }
  if (state === 'on') return { name, leadsTo: 'off', ask: (hypervisor) => hypervisor.stop(name, 0, intent) }
  return { name, leadsTo: 'on', ask: (hypervisor) => hypervisor.start(name, intent) }
}

async function settled(hypervisor: Hypervisor, wanted: ReadonlyMap<string, Wanted>): Promise<boolean> {
  const actual = await hypervisor.list()
  return [...wanted].every(([name, state]) => {
    const facts = actual.get(name)
    if (state === 'absent') return facts === undefined
    const busy = [...(facts?.intents.values() ?? [])].some(({ state }) => state === 'running')
    return !busy && facts?.power === state && facts.stoppedBecause === undefined
  })
}

async function inWords(hypervisor: Hypervisor): Promise<string> {
  const list = await hypervisor.list()
  return JSON.stringify([...list.values()].map((facts) => ({ ...facts, intents: [...facts.intents].slice(-3) })))
}

async function startServer(host: TestHost, remote: Hypervisor): Promise<ChildProcess> {
  await rm(join(host.folder, 'node.sock'), { force: true })
  const server = spawn(process.execPath, [PROGRAM, host.folder], { stdio: ['ignore', 'inherit', 'inherit'] })
  await until(() => answers(remote))
  return server
}

async function answers(remote: Hypervisor): Promise<boolean> {
  return remote.list().then(
    () => true,
    () => false,
  )
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGKILL')
  await once(server, 'exit')
}

/** The same numbers every time (mulberry32), so that a failure can be repeated. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
