import { once } from 'node:events'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { DeployFailed, type ImageDeploy } from '@synnefo/engine-image-deploy'
import { HostNotReady, openSimulated as openSimulatedNetwork, type SimulatedHost } from '@synnefo/engine-virtual-network'
import { until } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { done, factsWhen, gone, hypervisorContract, intentEnds } from '../contract.ts'
import { type Host, openHost } from './host.ts'
import { openTestHost } from './testing.ts'

hypervisorContract('built-in with QEMU', async (onTestFinished) => {
  const host = await openTestHost(onTestFinished)
  let freeBytes: { ram?: number; disk?: number } = {}
  const facts = openHost({ diskFolder: host.folder })
  const meagreHost = {
    ...facts,
    async availableRamBytes() {
      const free = freeBytes.ram ?? (await facts.availableRamBytes())
      freeBytes = { ...freeBytes, ram: undefined }
      return free
    },
    async diskSpace() {
      const space = await facts.diskSpace()
      const free = freeBytes.disk ?? space.freeBytes
      freeBytes = { ...freeBytes, disk: undefined }
      return { ...space, freeBytes: free }
    },
  }
  const hypervisor = await host.open({ host: meagreHost })
  return {
    hypervisor,
    spec: host.spec,
    failNextCreate: () => {
      freeBytes = { disk: 0 }
    },
    failNextStart: () => {
      freeBytes = { ram: 0 }
    },
    async die(name) {
      process.kill((await host.pids()).get(name)!, 'SIGKILL')
    },
    async reopen() {
      await hypervisor.close()
      return host.open({ host: meagreHost })
    },
  }
})

test('a guest that hears the power button powers off by itself', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const hypervisor = await host.open()
  await hypervisor.create(host.spec('snf-1', 'obedient'), 'create')
  await done(hypervisor, 'snf-1', 'create')
  await serialSays(await hypervisor.openConsole('snf-1', 'serial'), '###')
  await hypervisor.stop('snf-1', 600, 'stop')
  const facts = await done(hypervisor, 'snf-1', 'stop')
  expect(facts.power).toBe('off')
  expect(await host.pids()).toEqual(new Map())
})

test('a guest that powers off is off without a reason to worry, and its disks are let go', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const parts = await host.parts()
  const hypervisor = await host.open(parts)
  await hypervisor.create(host.spec('snf-1', 'obedient'), 'create')
  await done(hypervisor, 'snf-1', 'create')
  const console = await hypervisor.openConsole('snf-1', 'serial')
  await serialSays(console, '###')
  console.write('x')
  const facts = await factsWhen(hypervisor, 'snf-1', ({ power }) => power === 'off')
  expect(facts.stoppedBecause).toBeUndefined()
  expect((await parts.volumes.list()).map(({ socketPath }) => socketPath)).toEqual([undefined])
})

test('a soft reboot gives a fresh machine', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const hypervisor = await host.open()
  await hypervisor.create(host.spec('snf-1', 'obedient'), 'create')
  await done(hypervisor, 'snf-1', 'create')
  await serialSays(await hypervisor.openConsole('snf-1', 'serial'), '###')
  const before = (await host.pids()).get('snf-1')
  await hypervisor.reboot('snf-1', { hard: false }, 'reboot')
  await done(hypervisor, 'snf-1', 'reboot')
  expect((await host.pids()).get('snf-1')).not.toBe(before)
})

test('after a restart of the host the machines that ran are started again, the others stay off', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const parts = await host.parts()
  const hypervisor = await host.open(parts)
  for (const name of ['snf-1', 'snf-2']) await hypervisor.create(host.spec(name), `${name}-create`)
  await done(hypervisor, 'snf-1', 'snf-1-create')
  await hypervisor.stop('snf-2', 0, 'stop')
  await done(hypervisor, 'snf-2', 'stop')
  await hypervisor.close()
  await parts.volumes.close()
  for (const pid of (await host.pids()).values()) process.kill(pid, 'SIGKILL')
  await until(async () => (await host.pids()).size === 0) // a killed process is still there for a moment

  const after = await host.open({ host: { ...openHost({ diskFolder: host.folder }), bootId: 'the next boot' } })
  await until(async () => (await host.pids()).has('snf-1'))
  const facts = await factsWhen(after, 'snf-1', ({ power }) => power === 'on')
  expect(facts.stoppedBecause).toBeUndefined()
  expect([...(await host.pids()).keys()]).toEqual(['snf-1'])
  expect((await after.list()).get('snf-2')).toMatchObject({ power: 'off' })
})

test('a machine that died while nobody looked is off with a reason, and not started again', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const parts = await host.parts()
  const hypervisor = await host.open(parts)
  await hypervisor.create(host.spec('snf-1'), 'create')
  await done(hypervisor, 'snf-1', 'create')
  await hypervisor.close()
  await parts.volumes.close()
  for (const pid of (await host.pids()).values()) process.kill(pid, 'SIGKILL')
  await until(async () => (await host.pids()).size === 0) // a killed process is still there for a moment
  const after = await host.open()
  const facts = await factsWhen(after, 'snf-1', ({ power }) => power === 'off')
  expect(facts.stoppedBecause).toMatch(/unexpectedly/)
  expect(await host.pids()).toEqual(new Map())
})

test('secrets of the customisation are on disk only until they are used, for our user alone', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const home = join(host.folder, 'home')
  const held: string[] = []
  const deploy: ImageDeploy = {
    async deploy({ password, hostname, nics, files }) {
      expect({ password, hostname, nics }).toEqual({ password: 'verysecret', hostname: 'one', nics: [nic] })
      expect(files[0]!.contents).toEqual(Buffer.from([0, 255]))
      for (const path of await filesOf(home)) if ((await readFile(path, 'utf8')).includes('verysecret')) held.push(path)
      return { tasks: [], warnings: [] }
    },
  }
  const hypervisor = await host.open({ deploy })
  const nic = { mac: 'aa:00:00:00:00:01', addresses: [], dhcp: false, primary: true }
  const files = [{ path: '/etc/key', contents: Buffer.from([0, 255]) }]
  const customise = { properties: {}, hostname: 'one', password: 'verysecret', authorizedKeys: [], files }
  await hypervisor.create({ ...host.spec('snf-1'), customise }, 'create')
  await done(hypervisor, 'snf-1', 'create')
  expect(held).toHaveLength(1)
  for (const path of await filesOf(home)) {
    expect((await stat(path)).mode & 0o077, path).toBe(0)
    expect(await readFile(path, 'utf8')).not.toContain('verysecret')
  }
})

test('an image that cannot be customised fails the creation in its own words, and leaves no secrets', async ({
  onTestFinished,
}) => {
  const host = await openTestHost(onTestFinished)
  const deploy: ImageDeploy = {
    async deploy() {
      throw new DeployFailed('The image has no partition 1')
    },
  }
  const hypervisor = await host.open({ deploy })
  const customise = { properties: {}, hostname: 'one', password: 'verysecret', authorizedKeys: [], files: [] }
  await hypervisor.create({ ...host.spec('snf-1'), customise }, 'create')
  const facts = await intentEnds(hypervisor, 'snf-1', 'create')
  expect(facts.intents.get('create')).toEqual({ state: 'failed', reason: 'The image has no partition 1' })
  for (const path of await filesOf(join(host.folder, 'home'))) expect(await readFile(path, 'utf8')).not.toContain('verysecret')
})

test('a host without QEMU says which package is missing, and starts machines once it is there', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const facts = openHost({ diskFolder: host.folder })
  let installed = false
  const bareHost: Host = { ...facts, findProgram: (name) => (installed ? facts.findProgram(name) : undefined) }
  const hypervisor = await host.open({ host: bareHost })
  await hypervisor.create(host.spec('snf-1'), 'create')
  const failed = await intentEnds(hypervisor, 'snf-1', 'create')
  expect(failed.intents.get('create')!.reason).toContain('qemu-system-x86')
  installed = true
  await hypervisor.create(host.spec('snf-2'), 'create')
  await done(hypervisor, 'snf-2', 'create')
})

test('memory that was promised is not promised twice', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const facts = openHost({ diskFolder: host.folder })
  const roomForOne = (32 + 128 + 128 + 64) * 2 ** 20
  const hypervisor = await host.open({ host: { ...facts, availableRamBytes: async () => roomForOne } })
  for (const name of ['snf-1', 'snf-2']) await hypervisor.create(host.spec(name), 'create')
  const outcomes = await Promise.all(['snf-1', 'snf-2'].map((name) => intentEnds(hypervisor, name, 'create')))
  const intents = outcomes.map(({ intents }) => intents.get('create')!)
  expect(intents.map(({ state }) => state).sort()).toEqual(['done', 'failed'])
  expect(intents.find(({ state }) => state === 'failed')!.reason).toMatch(/not enough memory/)
})

test('a machine that belongs to no instance is ended', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const parts = await host.parts()
  const hypervisor = await host.open(parts)
  await hypervisor.create(host.spec('snf-1'), 'create')
  await done(hypervisor, 'snf-1', 'create')
  await hypervisor.close()
  await parts.volumes.close()
  await rm(join(host.folder, 'home'), { recursive: true })
  expect((await host.pids()).size).toBe(1)
  const after = await host.open()
  expect(await host.pids()).toEqual(new Map())
  expect((await after.list()).size).toBe(0)
})

test('what the serial console said last is there for who comes later, also after a restart', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const parts = await host.parts()
  const hypervisor = await host.open(parts)
  await hypervisor.create(host.spec('snf-1'), 'create')
  await done(hypervisor, 'snf-1', 'create')
  await serialSays(await hypervisor.openConsole('snf-1', 'serial'), '#'.repeat(20))
  await hypervisor.close()
  const log = join(host.folder, 'home/instances/snf-1/serial.log')
  // Not there before its first write.
  await until(async () => ((await stat(log).catch(() => undefined))?.size ?? 0) >= 20)
  await parts.volumes.close()
  const after = await host.open()
  await factsWhen(after, 'snf-1', ({ power }) => power === 'on')
  const [first] = (await once(await after.openConsole('snf-1', 'serial'), 'data')) as [Buffer]
  expect(first.length).toBeGreaterThanOrEqual(20)
})

test.runIf(process.getuid?.() === 0)('machines run as a user who may do nothing', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const nobody = { uid: 65_534, gid: 65_534 }
  const hypervisor = await host.open({ qemuUser: nobody })
  await hypervisor.create(host.spec('snf-1'), 'create')
  await done(hypervisor, 'snf-1', 'create')
  const status = await readFile(`/proc/${(await host.pids()).get('snf-1')}/status`, 'utf8')
  expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m)
  expect(status).toMatch(/^Groups:\t65534 $/m)
  expect(status).toMatch(/^CapEff:\t0+$/m)
  expect(status).toMatch(/^NoNewPrivs:\t1$/m)
  expect(status).toMatch(/^Seccomp:\t2$/m)
  expect((await hypervisor.screenshot('snf-1')).subarray(1, 4).toString()).toBe('PNG')
})

test('machines are in nobody else’s session or process group', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const hypervisor = await host.open()
  await hypervisor.create(host.spec('snf-1'), 'create')
  await done(hypervisor, 'snf-1', 'create')
  const pid = (await host.pids()).get('snf-1')!
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const [, parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  expect(Number(parent)).not.toBe(process.pid)
  expect([Number(group), Number(session)]).toEqual([pid, pid])
})

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

async function serialSays(console: Duplex, words: string): Promise<void> {
  let said = ''
  console.on('data', (part: Buffer) => {
    said += String(part)
  })
  await until(() => said.includes(words))
}

test('a server can be removed where no network can be, and its port goes when one can', async ({ onTestFinished }) => {
  const host = await openTestHost(onTestFinished)
  const parts = await host.parts()
  const plan: SimulatedHost = { plan: { networks: new Map(), ports: new Map() } }
  const network = openSimulatedNetwork(plan)
  const broken = { ...network, removePort: () => Promise.reject(new HostNotReady('nftables is missing')) }
  const hypervisor = await host.open({ ...parts, network: broken })
  await hypervisor.create(host.spec('snf-1'), 'create')
  await done(hypervisor, 'snf-1', 'create')
  await hypervisor.remove('snf-1', 'remove')
  await gone(hypervisor, 'snf-1')
  expect((await network.list()).ports).toHaveLength(1)
  await hypervisor.close()
  await parts.volumes.close()
  await host.open({ network })
  await until(async () => (await network.list()).ports.length === 0)
})
