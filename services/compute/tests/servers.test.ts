import { expect, test } from 'vitest'
import { openTestCompute } from '../testing.ts'

test('a server is built, stopped, started, rebooted and deleted, and quota follows', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const alice = await cloud.person()
  const created = await alice.send('POST', '/servers', { server: { name: 'web', flavorRef: 1, imageRef: await alice.image() } })
  expect(created.status).toBe(202)
  expect(created.body.server).toMatchObject({
    name: 'web',
    status: 'BUILD',
    'SNF:task_state': 'BUILDING',
    user_id: alice.uuid,
    tenant_id: alice.uuid,
  })
  expect(created.body.server.adminPass).toMatch(/^[A-Za-z0-9]{10,}$/)
  const { id } = created.body.server
  const status = async () => (await alice.send('GET', `/servers/${id}`)).body.server.status
  expect(await cloud.usage(alice)).toMatchObject({
    'cyclades.vm': 1n,
    'cyclades.cpu': 1n,
    'cyclades.ram': 512n << 20n,
    'cyclades.disk': 2n << 30n,
  })

  await cloud.settle()
  const built = (await alice.send('GET', `/servers/${id}`)).body.server
  expect(built).toMatchObject({ status: 'ACTIVE', progress: 100, 'SNF:task_state': '' })
  expect(built.attachments).toMatchObject([{ network_id: '1', ipv4: '10.220.0.2', 'OS-EXT-IPS:type': 'fixed' }])
  expect(built.addresses).toEqual({ 1: [{ version: 4, addr: '10.220.0.2', 'OS-EXT-IPS:type': 'fixed' }] })
  expect(built.volumes).toHaveLength(1)

  expect((await alice.send('POST', `/servers/${id}/action`, { shutdown: {} })).status).toBe(202)
  await cloud.settle()
  expect(await status()).toBe('STOPPED')
  expect(await cloud.usage(alice)).toMatchObject({ 'cyclades.vm': 1n, 'cyclades.cpu': 0n, 'cyclades.ram': 0n })

  expect((await alice.send('POST', `/servers/${id}/action`, { start: null })).status).toBe(202)
  await cloud.settle()
  expect(await status()).toBe('ACTIVE')

  expect((await alice.send('POST', `/servers/${id}/action`, { reboot: { type: 'HARD' } })).status).toBe(202)
  expect(await status()).toBe('REBOOT')
  await cloud.settle()
  expect(await status()).toBe('ACTIVE')

  expect((await alice.send('DELETE', `/servers/${id}`)).status).toBe(204)
  expect(await status()).toBe('ACTIVE')
  await cloud.settle()
  expect(await status()).toBe('DELETED')
  expect((await alice.send('GET', '/servers')).body.servers).toEqual([])
  expect(Object.values(await cloud.usage(alice)).filter((used) => used !== 0n)).toEqual([])
  expect(await cloud.pending()).toEqual([])
})

test('a build that fails says why, keeps its quota, and gives it back when deleted', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const alice = await cloud.person()
  cloud.hypervisor.failNext('create', 'The image has no partition that holds a Linux file system.\ndetails of the matter')
  const id = await alice.server()
  await cloud.settle()
  const { server } = (await alice.send('GET', `/servers/${id}`)).body
  expect(server).toMatchObject({
    status: 'ERROR',
    diagnostics: [{ level: 'ERROR', message: 'The image has no partition that holds a Linux file system.' }],
  })
  expect((await alice.send('GET', `/servers/${id}/diagnostics`)).body).toMatchObject([{ details: 'details of the matter' }])
  expect((await alice.send('POST', `/servers/${id}/action`, { start: {} })).status).toBe(400)
  expect((await cloud.usage(alice))['cyclades.vm']).toBe(1n)
  await alice.send('DELETE', `/servers/${id}`)
  await cloud.settle()
  expect(Object.values(await cloud.usage(alice)).filter((used) => used !== 0n)).toEqual([])
})

test('a start that fails leaves the server stopped and gives back what it reserved', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const alice = await cloud.person()
  const id = await alice.server()
  await cloud.settle()
  await alice.send('POST', `/servers/${id}/action`, { shutdown: {} })
  await cloud.settle()
  cloud.hypervisor.failNext('start', 'Not enough memory')
  await alice.send('POST', `/servers/${id}/action`, { start: {} })
  await cloud.settle()
  expect((await alice.send('GET', `/servers/${id}`)).body.server).toMatchObject({
    status: 'STOPPED',
    'SNF:task_state': '',
    diagnostics: [{ message: 'Not enough memory' }],
  })
  expect((await cloud.usage(alice))['cyclades.cpu']).toBe(0n)
  expect(await cloud.pending()).toEqual([])
})

test('a machine that dies is noticed with its reason, and its processors are free again', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const alice = await cloud.person()
  const id = await alice.server()
  await cloud.settle()
  cloud.hypervisor.die(`snf-${id}`, 'Its process was killed')
  await cloud.settle()
  expect((await alice.send('GET', `/servers/${id}`)).body.server).toMatchObject({
    status: 'STOPPED',
    diagnostics: [{ level: 'WARNING', message: 'Its process was killed' }],
  })
  expect((await cloud.usage(alice))['cyclades.cpu']).toBe(0n)
})

test('a backend that does not answer changes nothing, and work goes on when it does', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const alice = await cloud.person()
  const id = await alice.server()
  await cloud.settle()
  cloud.hypervisor.setUnavailable(true)
  await alice.send('DELETE', `/servers/${id}`)
  await cloud.look()
  expect((await alice.send('GET', `/servers/${id}`)).body.server).toMatchObject({
    status: 'ACTIVE',
    'SNF:task_state': 'DESTROYING',
  })
  cloud.hypervisor.setUnavailable(false)
  await cloud.settle()
  expect((await alice.send('GET', `/servers/${id}`)).body.server.status).toBe('DELETED')
})

test('a server can be deleted while it is being built', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished, { simulated: { delayMs: Number.POSITIVE_INFINITY } })
  const alice = await cloud.person()
  const id = await alice.server()
  await cloud.look()
  expect((await alice.send('GET', `/servers/${id}`)).body.server.status).toBe('BUILD')
  expect((await alice.send('DELETE', `/servers/${id}`)).status).toBe(204)
  await cloud.look()
  cloud.hypervisor.finish()
  await cloud.settle()
  expect((await alice.send('GET', `/servers/${id}`)).body.server.status).toBe('DELETED')
  expect(Object.values(await cloud.usage(alice)).filter((used) => used !== 0n)).toEqual([])
})

test('a server that does not fit into the quota leaves no trace', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const alice = await cloud.person({ limits: { 'cyclades.vm': 1n } })
  const imageRef = await alice.image()
  await alice.server({ imageRef })
  const second = await alice.send('POST', '/servers', { server: { name: 'b', flavorRef: 1, imageRef } })
  expect(second.status).toBe(413)
  expect(second.body.overLimit.message).toBeTruthy()
  expect((await alice.send('GET', '/servers')).body.servers).toHaveLength(1)
  expect((await cloud.usage(alice))['cyclades.vm']).toBe(1n)
})

test('the password can be fetched by the owner until it is forgotten', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const alice = await cloud.person()
  const imageRef = await alice.image()
  const { body } = await alice.send('POST', '/servers', {
    server: { name: 'a', flavorRef: 1, imageRef, adminPass: 'Correct1Horse' },
  })
  const { id } = body.server
  expect((await alice.send('GET', `/servers/${id}/password`)).body).toEqual({ password: 'Correct1Horse' })
  expect((await alice.send('DELETE', `/servers/${id}/password`)).status).toBe(204)
  expect((await alice.send('GET', `/servers/${id}/password`)).status).toBe(404)
})

test('what the machine is made of reaches the backend, secrets apart from the row', async ({ onTestFinished }) => {
  const cloud = await openTestCompute(onTestFinished)
  const alice = await cloud.person()
  const seen: unknown[] = []
  const create = cloud.hypervisor.create
  cloud.hypervisor.create = async (spec, intent) => {
    seen.push(spec)
    return create(spec, intent)
  }
  await alice.send('POST', '/os-keypairs', { keypair: { name: 'laptop' } })
  const id = await alice.server({
    adminPass: 'Correct1Horse',
    key_name: 'laptop',
    personality: [{ path: '/etc/motd', contents: Buffer.from('hello').toString('base64'), owner: 'root', mode: 0o644 }],
  })
  await cloud.settle()
  expect(seen).toMatchObject([
    {
      name: `snf-${id}`,
      cpus: 1,
      ramBytes: 512 << 20,
      disks: [{ sizeBytes: 2 * 2 ** 30, source: { sizeBytes: 1000, hashes: [expect.stringMatching(/^[0-9a-f]{64}$/)] } }],
      nics: [{ network: 'snf-net-1', addresses: ['10.220.0.2'], networkSpec: { public: true } }],
      customise: {
        hostname: `snf-${id}`,
        password: 'Correct1Horse',
        authorizedKeys: [expect.stringMatching(/^ssh-rsa /)],
        files: [{ path: '/etc/motd', contents: Buffer.from('hello'), owner: 'root', mode: 0o644 }],
        properties: { OSFAMILY: 'linux', ROOT_PARTITION: '1' },
      },
    },
  ])
})
