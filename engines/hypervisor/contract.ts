// What every hypervisor promises, as tests. Each implementation brings a bench: itself, empty, and a server small
// enough to be started many times. Faults are provoked where the bench knows how.
import type { Duplex } from 'node:stream'
import { until } from '@synnefo/lib/testing'
import { expect, test, vi } from 'vitest'
import {
  BackendUnavailable,
  type Hypervisor,
  type InstanceFacts,
  type InstanceSpec,
  InstanceUnknown,
  MachineOff,
} from './interface.ts'

export interface Bench {
  hypervisor: Hypervisor
  /** A server that this implementation can really run. */
  spec(name: string): InstanceSpec
  /** Makes the next creation fail. */
  failNextCreate?(): void
  failNextStart?(): void
  /** The machine stops by itself. */
  die?(name: string): Promise<void>
  /** From now on the backend cannot be asked. */
  cutOff?(): Promise<void>
  /** The process that holds the hypervisor ends without goodbye and another one takes over. */
  reopen?(): Promise<Hypervisor>
}

type OnTestFinished = (cleanUp: () => Promise<void>) => void

export function hypervisorContract(title: string, openBench: (onTestFinished: OnTestFinished) => Promise<Bench>): void {
  test(`${title}: a created machine runs and its facts are what was asked`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    const wanted = spec('snf-1')
    await hypervisor.create(wanted, 'snf-1-create')
    const facts = await intentEnds(hypervisor, 'snf-1', 'snf-1-create')
    expect(facts.intents.get('snf-1-create')).toEqual({ state: 'done' })
    expect(facts).toMatchObject({ name: 'snf-1', power: 'on', cpus: wanted.cpus, ramBytes: wanted.ramBytes })
    expect(facts.disks).toEqual(wanted.disks.map(({ name, sizeBytes }) => ({ name, sizeBytes })))
    expect(facts.nics).toEqual(wanted.nics.map(({ name, mac }) => ({ name, mac })))
    expect(facts.progressPercent).toBeUndefined()
    expect(facts.stoppedBecause).toBeUndefined()
  })

  test(`${title}: a creation asked twice makes one machine, and a name is given once`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    await Promise.all([hypervisor.create(spec('snf-1'), 'a'), hypervisor.create(spec('snf-1'), 'a')])
    await hypervisor.create({ ...spec('snf-1'), cpus: 2 }, 'b')
    const taken = await intentEnds(hypervisor, 'snf-1', 'b')
    expect(taken.intents.get('b')).toMatchObject({ state: 'failed', reason: expect.stringMatching(/already/) })
    const facts = await intentEnds(hypervisor, 'snf-1', 'a')
    expect(facts).toMatchObject({ power: 'on', cpus: spec('snf-1').cpus })
    expect([...(await hypervisor.list()).keys()]).toEqual(['snf-1'])
  })

  test(`${title}: a machine stops, starts and reboots`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    await hypervisor.create(spec('snf-1'), 'create')
    await hypervisor.stop('snf-1', 0, 'stop')
    expect(await done(hypervisor, 'snf-1', 'stop')).toMatchObject({ power: 'off' })
    await hypervisor.start('snf-1', 'start')
    expect(await done(hypervisor, 'snf-1', 'start')).toMatchObject({ power: 'on' })
    await hypervisor.reboot('snf-1', { hard: true }, 'reboot')
    expect(await done(hypervisor, 'snf-1', 'reboot')).toMatchObject({ power: 'on' })
    await hypervisor.stop('snf-1', 1, 'stop-gently')
    const off = await done(hypervisor, 'snf-1', 'stop-gently')
    expect(off.power).toBe('off')
    expect(off.stoppedBecause).toBeUndefined()
    await hypervisor.reboot('snf-1', { hard: true }, 'reboot-from-off')
    expect(await done(hypervisor, 'snf-1', 'reboot-from-off')).toMatchObject({ power: 'on' })
  })

  test(`${title}: what is already so is done at once`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    await hypervisor.create(spec('snf-1'), 'create')
    await hypervisor.start('snf-1', 'start')
    expect(await done(hypervisor, 'snf-1', 'start')).toMatchObject({ power: 'on' })
    await hypervisor.stop('snf-1', 0, 'stop')
    await hypervisor.stop('snf-1', 0, 'stop-again')
    expect(await done(hypervisor, 'snf-1', 'stop-again')).toMatchObject({ power: 'off' })
  })

  test(`${title}: an intent that is over is not done again`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    await hypervisor.create(spec('snf-1'), 'create')
    await hypervisor.stop('snf-1', 0, 'stop')
    await done(hypervisor, 'snf-1', 'stop')
    await hypervisor.create(spec('snf-1'), 'create')
    await hypervisor.start('snf-1', 'create')
    await hypervisor.stop('snf-1', 0, 'another')
    expect(await done(hypervisor, 'snf-1', 'another')).toMatchObject({ power: 'off' })
  })

  test(`${title}: removing leaves nothing, and may be repeated`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    await hypervisor.create(spec('snf-1'), 'create')
    await hypervisor.create(spec('snf-2'), 'create')
    await done(hypervisor, 'snf-1', 'create')
    await hypervisor.remove('snf-1', 'remove')
    await hypervisor.remove('snf-1', 'remove')
    await gone(hypervisor, 'snf-1')
    await hypervisor.remove('snf-1', 'remove')
    await hypervisor.remove('never-was', 'remove')
    expect(await done(hypervisor, 'snf-2', 'create')).toMatchObject({ power: 'on' })
    expect([...(await hypervisor.list()).keys()]).toEqual(['snf-2'])
  })

  test(`${title}: a machine may be removed while it is being made`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    await hypervisor.create(spec('snf-1'), 'create')
    await hypervisor.remove('snf-1', 'remove')
    await gone(hypervisor, 'snf-1')
  })

  test(`${title}: nothing is asked of a machine that is not there`, async ({ onTestFinished }) => {
    const { hypervisor } = await openBench(onTestFinished)
    await expect(hypervisor.start('snf-9', 'a')).rejects.toThrow(InstanceUnknown)
    await expect(hypervisor.stop('snf-9', 0, 'b')).rejects.toThrow(InstanceUnknown)
    await expect(hypervisor.reboot('snf-9', { hard: true }, 'c')).rejects.toThrow(InstanceUnknown)
    await expect(hypervisor.openConsole('snf-9', 'serial')).rejects.toThrow(InstanceUnknown)
    await expect(hypervisor.screenshot('snf-9')).rejects.toThrow(InstanceUnknown)
    await expect(hypervisor.create({ ...emptySpec, name: '../etc' }, 'd')).rejects.toThrow(/name/)
    expect((await hypervisor.list()).size).toBe(0)
  })

  test(`${title}: consoles speak, and end with the machine`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    await hypervisor.create(spec('snf-1'), 'create')
    await done(hypervisor, 'snf-1', 'create')
    const { consoles } = await hypervisor.can()
    for (const kind of consoles) {
      const console = await hypervisor.openConsole('snf-1', kind)
      const another = await hypervisor.openConsole('snf-1', kind)
      const words = await Promise.all([firstBytes(console, 12), firstBytes(another, 12)])
      if (kind === 'vnc') expect(words).toEqual(['RFB 003.008\n', 'RFB 003.008\n'])
      another.destroy()
      console.on('error', () => {})
      onTestFinished(async () => void console.destroy())
    }
    const last = await hypervisor.openConsole('snf-1', consoles[0]!)
    last.on('error', () => {})
    last.resume()
    const ended = new Promise((resolve) => last.once('close', resolve)) // by an error too
    await hypervisor.stop('snf-1', 0, 'stop')
    await ended
    await done(hypervisor, 'snf-1', 'stop')
    for (const kind of consoles) await expect(hypervisor.openConsole('snf-1', kind)).rejects.toThrow(MachineOff)
  })

  test(`${title}: the screen can be seen where the backend is able to`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    await hypervisor.create(spec('snf-1'), 'create')
    await done(hypervisor, 'snf-1', 'create')
    if (!(await hypervisor.can()).screenshot) return
    const picture = await hypervisor.screenshot('snf-1')
    expect(picture.subarray(1, 4).toString()).toBe('PNG')
    await hypervisor.stop('snf-1', 0, 'stop')
    await done(hypervisor, 'snf-1', 'stop')
    await expect(hypervisor.screenshot('snf-1')).rejects.toThrow(MachineOff)
  })

  test(`${title}: changes wake the watcher until it stops watching`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    const seen = vi.fn()
    const forgotten = vi.fn()
    hypervisor.watch(forgotten)()
    const stopWatching = hypervisor.watch(seen)
    await hypervisor.create(spec('snf-1'), 'create')
    await done(hypervisor, 'snf-1', 'create')
    await until(() => seen.mock.calls.length > 0)
    stopWatching()
    expect(forgotten).not.toHaveBeenCalled()
  })

  test(`${title}: capacity is counted`, async ({ onTestFinished }) => {
    const { hypervisor, spec } = await openBench(onTestFinished)
    await hypervisor.create(spec('snf-1'), 'create')
    await done(hypervisor, 'snf-1', 'create')
    const capacity = await hypervisor.capacity()
    expect(capacity.instances).toBe(1)
    expect(capacity.cpus).toBeGreaterThan(0)
    expect(capacity.ramBytes).toBeGreaterThan(capacity.freeRamBytes)
    expect(capacity.diskBytes).toBeGreaterThanOrEqual(capacity.freeDiskBytes)
  })

  test(`${title}: a creation that fails says why and can be removed`, async ({ onTestFinished }) => {
    const { hypervisor, spec, failNextCreate } = await openBench(onTestFinished)
    if (failNextCreate === undefined) return
    failNextCreate()
    await hypervisor.create(spec('snf-1'), 'create')
    const failed = await intentEnds(hypervisor, 'snf-1', 'create')
    expect(failed.intents.get('create')).toMatchObject({ state: 'failed', reason: expect.stringMatching(/\w/) })
    expect(failed.power).toBeUndefined()
    await hypervisor.start('snf-1', 'start')
    expect((await intentEnds(hypervisor, 'snf-1', 'start')).intents.get('start')).toMatchObject({ state: 'failed' })
    await hypervisor.remove('snf-1', 'remove')
    await gone(hypervisor, 'snf-1')
    await hypervisor.create(spec('snf-1'), 'create-again')
    expect(await done(hypervisor, 'snf-1', 'create-again')).toMatchObject({ power: 'on' })
  })

  test(`${title}: a start that fails says why and may be tried again`, async ({ onTestFinished }) => {
    const { hypervisor, spec, failNextStart } = await openBench(onTestFinished)
    if (failNextStart === undefined) return
    await hypervisor.create(spec('snf-1'), 'create')
    await hypervisor.stop('snf-1', 0, 'stop')
    await done(hypervisor, 'snf-1', 'stop')
    failNextStart()
    await hypervisor.start('snf-1', 'start')
    const failed = await intentEnds(hypervisor, 'snf-1', 'start')
    expect(failed.intents.get('start')).toMatchObject({ state: 'failed', reason: expect.stringMatching(/\w/) })
    expect(failed.power).toBe('off')
    await hypervisor.start('snf-1', 'start-again')
    expect(await done(hypervisor, 'snf-1', 'start-again')).toMatchObject({ power: 'on' })
  })

  test(`${title}: a machine that dies is off, with a reason, until it is started`, async ({ onTestFinished }) => {
    const { hypervisor, spec, die } = await openBench(onTestFinished)
    if (die === undefined) return
    await hypervisor.create(spec('snf-1'), 'create')
    await done(hypervisor, 'snf-1', 'create')
    await die('snf-1')
    const dead = await factsWhen(hypervisor, 'snf-1', ({ power }) => power === 'off')
    expect(dead.stoppedBecause).toMatch(/\w/)
    await hypervisor.start('snf-1', 'start')
    const alive = await done(hypervisor, 'snf-1', 'start')
    expect(alive.power).toBe('on')
    expect(alive.stoppedBecause).toBeUndefined()
  })

  test(`${title}: a backend that cannot be asked says so`, async ({ onTestFinished }) => {
    const { hypervisor, spec, cutOff } = await openBench(onTestFinished)
    if (cutOff === undefined) return
    await hypervisor.create(spec('snf-1'), 'create')
    await done(hypervisor, 'snf-1', 'create')
    await cutOff()
    await expect(hypervisor.list()).rejects.toThrow(BackendUnavailable)
    await expect(hypervisor.start('snf-1', 'start')).rejects.toThrow(BackendUnavailable)
    await expect(hypervisor.create(spec('snf-2'), 'create')).rejects.toThrow(BackendUnavailable)
    await expect(hypervisor.remove('snf-1', 'remove')).rejects.toThrow(BackendUnavailable)
    await expect(hypervisor.openConsole('snf-1', 'serial')).rejects.toThrow(BackendUnavailable)
    await expect(hypervisor.capacity()).rejects.toThrow(BackendUnavailable)
  })

  test(`${title}: what was asked survives the process that was asked`, async ({ onTestFinished }) => {
    const { hypervisor, spec, reopen } = await openBench(onTestFinished)
    if (reopen === undefined) return
    await hypervisor.create(spec('snf-1'), 'create-1')
    await done(hypervisor, 'snf-1', 'create-1')
    await hypervisor.create(spec('snf-2'), 'create-2')
    const after = await reopen()
    expect(await done(after, 'snf-2', 'create-2')).toMatchObject({ power: 'on' })
    const first = await done(after, 'snf-1', 'create-1')
    expect(first).toMatchObject({ power: 'on' })
    expect(first.stoppedBecause).toBeUndefined()
  })
}

const emptySpec: InstanceSpec = { name: 'empty', cpus: 1, ramBytes: 2 ** 26, disks: [], nics: [] }

/** Waits until the facts of an instance satisfy a condition. */
export async function factsWhen(
  hypervisor: Hypervisor,
  name: string,
  condition: (facts: InstanceFacts) => boolean,
): Promise<InstanceFacts> {
  let last: InstanceFacts | undefined
  try {
    await until(async () => {
      last = (await hypervisor.list()).get(name)
      return last !== undefined && condition(last)
    })
  } catch (cause) {
    throw new Error(`waited in vain for ${name}; last seen: ${inWords(last)}`, { cause })
  }
  return last!
}

/** Waits until an intent is over, whatever came of it. */
export function intentEnds(hypervisor: Hypervisor, name: string, intent: string): Promise<InstanceFacts> {
  return factsWhen(hypervisor, name, ({ intents }) => (intents.get(intent)?.state ?? 'running') !== 'running')
}

/** Waits until an intent is over and expects that it came true. */
export async function done(hypervisor: Hypervisor, name: string, intent: string): Promise<InstanceFacts> {
  const facts = await intentEnds(hypervisor, name, intent)
  expect(facts.intents.get(intent)).toEqual({ state: 'done' })
  return facts
}

export function gone(hypervisor: Hypervisor, name: string): Promise<boolean> {
  return until(async () => !(await hypervisor.list()).has(name))
}

function inWords(facts: InstanceFacts | undefined): string {
  return facts === undefined ? 'nothing' : JSON.stringify({ ...facts, intents: [...facts.intents] })
}

async function firstBytes(stream: Duplex, count: number): Promise<string> {
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  await until(() => text.length >= count)
  return text.slice(0, count)
}
