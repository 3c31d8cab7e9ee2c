import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type App, closeHttp, openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { until } from '@synnefo/lib/testing'
import { expect, test, vi } from 'vitest'
import { hypervisorContract } from '../contract.ts'
import { BackendUnavailable, type Hypervisor, type InstanceSpec } from '../interface.ts'
import { openSimulated } from '../simulated/index.ts'
import { openRemote } from './open.ts'
import { serveHypervisor } from './serve.ts'

type OnTestFinished = (cleanUp: () => Promise<void>) => void

async function serve(hypervisor: Hypervisor, socketPath: string): Promise<App> {
  const app = openHttp({ log: silentLog })
  serveHypervisor(app, hypervisor)
  await app.listen({ path: socketPath })
  return app
}

async function openBoth(onTestFinished: OnTestFinished, delayMs = 0) {
  const folder = await mkdtemp(join(tmpdir(), 'remote-'))
  const socketPath = join(folder, 'node.sock')
  const simulated = openSimulated({ delayMs })
  const app = await serve(simulated, socketPath)
  const remote = openRemote({ socketPath })
  onTestFinished(async () => {
    await remote.close()
    await closeHttp(app, 1_000)
    await simulated.close()
    await rm(folder, { recursive: true })
  })
  return { simulated, app, remote, socketPath }
}

function spec(name: string): InstanceSpec {
  const network = {
    name: 'snf-net-1',
    public: true,
    subnets: [{ version: 4 as const, cidr: '10.0.0.0/24', dhcp: true, nameservers: [], hostRoutes: [] }],
  }
  return {
    name,
    cpus: 1,
    ramBytes: 2 ** 26,
    disks: [{ name: `${name}-disk`, sizeBytes: 2 ** 30 }],
    nics: [
      { name: `${name}-nic`, network: network.name, networkSpec: network, mac: 'aa:00:00:00:00:01', addresses: ['10.0.0.2'] },
    ],
  }
}

for (const delayMs of [0, 15]) {
  hypervisorContract(`remote, simulated with ${delayMs} ms`, async (onTestFinished) => {
    const { simulated, app, remote } = await openBoth(onTestFinished, delayMs)
    return {
      hypervisor: remote,
      spec,
      failNextCreate: () => simulated.failNext('create', 'No space left'),
      failNextStart: () => simulated.failNext('start', 'Not enough memory'),
      die: async (name) => simulated.die(name, 'The machine was killed'),
      cutOff: () => closeHttp(app, 100),
    }
  })
}

test('an unavailable backend behind the socket is unavailable in front of it', async ({ onTestFinished }) => {
  const { simulated, remote } = await openBoth(onTestFinished)
  simulated.setUnavailable(true)
  await expect(remote.list()).rejects.toThrow(BackendUnavailable)
})

test('nothing that was asked changes on its way, however large its map is', async ({ onTestFinished }) => {
  const { simulated, remote } = await openBoth(onTestFinished)
  const created = vi.spyOn(simulated, 'create')
  const hashes = Array.from({ length: 25_600 }, (_, index) => createHash('sha256').update(String(index)).digest('hex'))
  const sizeBytes = hashes.length * 4 * 2 ** 20
  const wanted: InstanceSpec = {
    ...spec('snf-1'),
    disks: [{ name: 'snf-vol-1', sizeBytes, source: { sizeBytes, blockSizeBytes: 4 * 2 ** 20, hashes } }],
    customise: {
      properties: { OSFAMILY: 'linux' },
      hostname: 'one',
      password: 'secret',
      authorizedKeys: ['ssh-ed25519 AAAA'],
      files: [{ path: '/etc/motd', contents: Buffer.from([0, 255, 128]), mode: 0o600 }],
      cloudUserData: Buffer.from('#cloud-config'),
    },
  }
  await remote.create(wanted, 'create')
  expect(created).toHaveBeenCalledExactlyOnceWith(wanted, 'create')
})

test('the watcher is woken again after the other end was away', async ({ onTestFinished }) => {
  const { simulated, app, remote, socketPath } = await openBoth(onTestFinished)
  const seen = vi.fn()
  onTestFinished(remote.watch(seen) as never)
  await until(() => seen.mock.calls.length > 0)
  await closeHttp(app, 1_000)
  seen.mockClear()
  const again = await serve(simulated, socketPath)
  onTestFinished(() => closeHttp(again, 1_000))
  await until(() => seen.mock.calls.length > 0)
  seen.mockClear()
  await simulated.create(spec('snf-1'), 'create')
  await until(() => seen.mock.calls.length > 0)
})

test('a watcher may begin before there is anybody to watch', async ({ onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), 'remote-'))
  const socketPath = join(folder, 'node.sock')
  const remote = openRemote({ socketPath })
  const seen = vi.fn()
  remote.watch(seen)
  await expect(remote.list()).rejects.toThrow(BackendUnavailable)
  const app = await serve(openSimulated(), socketPath)
  onTestFinished(async () => {
    await remote.close()
    await closeHttp(app, 1_000)
    await rm(folder, { recursive: true })
  })
  await until(() => seen.mock.calls.length > 0)
})

test('the serving end closes at once, whoever still listens', async ({ onTestFinished }) => {
  const { simulated, app, remote } = await openBoth(onTestFinished)
  await simulated.create(spec('snf-1'), 'create')
  const seen = vi.fn()
  remote.watch(seen)
  const console = await remote.openConsole('snf-1', 'serial')
  console.resume()
  await until(() => seen.mock.calls.length > 0)
  await closeHttp(app, 24 * 3_600_000)
})

test('what is not a specification is refused before anything acts on it', async ({ onTestFinished }) => {
  const { simulated, socketPath } = await openBoth(onTestFinished)
  const created = vi.spyOn(simulated, 'create')
  const good = spec('snf-1')
  const bad = [
    { ...good, name: '../up' },
    { ...good, cpus: '1' },
    { ...good, ramBytes: -1 },
    { ...good, disks: [] },
    { ...good, disks: [{ name: 'a,file=/etc/shadow', sizeBytes: 1 }] },
    { ...good, nics: [{ ...good.nics[0], mac: 'aa:00:00:00:00:01,romfile=/etc/shadow' }] },
  ]
  for (const wrong of bad) expect(await postTo(socketPath, '/hypervisor/instances', { spec: wrong, intent: 'create' })).toBe(400)
  expect(created).not.toHaveBeenCalled()
})

function postTo(socketPath: string, path: string, body: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, path, method: 'POST', headers: { 'Content-Type': 'application/json' } },
      async (response) => {
        await text(response)
        resolve(response.statusCode!)
      },
    )
    sent.once('error', reject)
    sent.end(JSON.stringify(body))
  })
}
