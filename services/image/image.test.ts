import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import type { OnTestFinished } from '@synnefo/lib/testing'
import { openTestCloud } from '@synnefo/object-store/testing'
import { afterAll, expect, test } from 'vitest'
import type { ImageService } from './image.ts'
import { imageForServer, imageSettings } from './index.ts'
import { imageRoutes } from './routes/index.ts'

interface ListedImage {
  id: string
  name: string
  properties: Record<string, string>
}

async function openTestImages(onTestFinished: OnTestFinished) {
  const cloud = await openTestCloud(onTestFinished)
  const settings = Object.fromEntries(
    Object.entries(imageSettings).map(([name, { default: value }]) => [name, value]),
  ) as ImageService['settings']
  const service = {
    db: cloud.db,
    identity: cloud.identity,
    objectStore: cloud.store,
    settings,
    baseUrl: () => 'http://cloud.test',
  }
  const app = openHttp({ log: silentLog })
  await app.register(imageRoutes, { prefix: '/image', image: service })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  const alice = await cloud.user()
  const bob = await cloud.user()
  await alice.send('PUT', 'pithos')
  await alice.send('PUT', 'pithos/disk.img', {
    headers: { 'Content-Type': 'application/octet-stream' },
    body: 'not much of a disk',
  })
  const send = (
    method: string,
    path: string,
    { token = alice.token, headers = {}, body }: { token?: string; headers?: Record<string, string>; body?: unknown } = {},
  ) =>
    fetch(`${url}/image/v1.0${path}`, {
      method,
      headers: { 'X-Auth-Token': token, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const register = async (headers: Record<string, string> = {}) => {
    const location = `pithos://${alice.userId}/pithos/disk.img`
    const answer = await send('POST', '/images/', {
      headers: { 'X-Image-Meta-Name': 'Disk', 'X-Image-Meta-Location': location, ...headers },
    })
    return { answer, id: answer.headers.get('x-image-meta-id') ?? '' }
  }
  const list = async (token = alice.token): Promise<ListedImage[]> =>
    ((await (await send('GET', '/images/detail', { token })).json()) as { images: ListedImage[] }).images
  return { cloud, alice, bob, send, register, list }
}

test('an object becomes an image with its properties and stops being one', async ({ onTestFinished }) => {
  const { cloud, alice, send, register, list } = await openTestImages(onTestFinished)
  const { answer, id } = await register({
    'X-Image-Meta-Name': encodeURIComponent('Δίσκος ~1'),
    'X-Image-Meta-Property-ROOT_PARTITION': '1',
    'X-Image-Meta-Property-OSFAMILY': 'linux',
  })
  expect(answer.status).toBe(200)
  const head = (await send('HEAD', `/images/${id}`)).headers
  expect(decodeURIComponent(head.get('x-image-meta-name')!)).toBe('Δίσκος ~1')
  expect(head.get('x-image-meta-name')).toMatch(/%7E1$/)
  expect(head.get('x-image-meta-location')).toBe(`pithos://${alice.userId}/pithos/disk.img`)
  expect([head.get('x-image-meta-is-public'), head.get('x-image-meta-status'), head.get('x-image-meta-size')]).toEqual([
    'False',
    'AVAILABLE',
    '18',
  ])
  expect(head.get('x-image-meta-property-root-partition')).toBe('1')
  expect(await list()).toMatchObject([
    { id, name: 'Δίσκος ~1', disk_format: 'diskdump', properties: { root_partition: '1', osfamily: 'linux' } },
  ])
  expect(await imageForServer(cloud.db, { userId: alice.userId }, id)).toMatchObject({
    sizeBytes: 18n,
    properties: { ROOT_PARTITION: '1', OSFAMILY: 'linux' },
  })
  expect((await send('DELETE', `/images/${id}`)).status).toBe(204)
  expect((await send('HEAD', `/images/${id}`)).status).toBe(404)
  expect((await alice.send('GET', 'pithos/disk.img')).text).toBe('not much of a disk')
})

test('registering again keeps the id, and updating merges properties', async ({ onTestFinished }) => {
  const { send, register, list } = await openTestImages(onTestFinished)
  const { id } = await register({ 'X-Image-Meta-Property-OS': 'debian', 'X-Image-Meta-Property-USERS': 'root' })
  expect((await register({ 'X-Image-Meta-Name': 'Renamed' })).id).toBe(id)
  const put = await send('PUT', `/images/${id}`, {
    headers: { 'X-Image-Meta-Property-os': 'alpine', 'X-Image-Meta-Property-users': '' },
  })
  expect(put.status).toBe(200)
  expect(await list()).toMatchObject([{ id, name: 'Renamed', properties: { os: 'alpine' } }])
  expect((await list())[0]!.properties.users).toBeUndefined()
})

test('an image is private until it is public or shared', async ({ onTestFinished }) => {
  const { alice, bob, send, register, list } = await openTestImages(onTestFinished)
  const { id } = await register()
  expect(await list(bob.token)).toEqual([])
  expect((await send('HEAD', `/images/${id}`, { token: bob.token })).status).toBe(404)
  expect((await send('PUT', `/images/${id}/members/${bob.userId}`)).status).toBe(204)
  expect(await list(bob.token)).toMatchObject([{ id, is_public: false }])
  expect(await (await send('GET', `/shared-images/${alice.userId}`, { token: bob.token })).json()).toEqual({
    shared_images: [{ image_id: id, can_share: false }],
  })
  expect((await send('PUT', `/images/${id}`, { token: bob.token, headers: { 'X-Image-Meta-Name': 'Mine' } })).status).toBe(403)
  expect((await send('DELETE', `/images/${id}/members/${bob.userId}`)).status).toBe(204)
  expect(await list(bob.token)).toEqual([])
  await send('PUT', `/images/${id}`, { headers: { 'X-Image-Meta-Is-Public': 'True' } })
  expect(await list(bob.token)).toMatchObject([{ id, is_public: true }])
  await send('PUT', `/images/${id}`, { headers: { 'X-Image-Meta-Is-Public': 'False' } })
  expect(await list(bob.token)).toEqual([])
})

// The rows below change nothing that another row looks at, so they share one cloud.
const cleanups: (() => void | Promise<void>)[] = []
const shared = openTestImages((work) => void cleanups.unshift(work))
afterAll(async () => {
  for (const work of cleanups) await work()
})

test.each([
  [{ 'X-Image-Meta-Name': '' }, 400],
  [{ 'X-Image-Meta-Location': 'http://elsewhere/x' }, 400],
  [{ 'X-Image-Meta-Location': 'pithos://nobody/c/o' }, 404],
  [{ 'X-Image-Meta-Disk-Format': 'qcow2' }, 400],
  [{ 'X-Image-Meta-Container-Format': 'zip' }, 400],
  [{ 'X-Image-Meta-Id': '1' }, 400],
  [{ 'X-Image-Meta-Store': 'disk' }, 400],
  [{ 'X-Image-Meta-Size': '17' }, 400],
  [{ 'X-Image-Meta-Size': '18' }, 200],
  [{ 'X-Image-Meta-Checksum': 'ab' }, 400],
  [{ 'X-Image-Meta-Status': 'AVAILABLE' }, 400],
  [{ 'X-Image-Meta-Name': '%ff' }, 400],
  [{ 'X-Image-Meta-Property-K': 'x'.repeat(300) }, 400],
  [{ 'X-Image-Meta-Unheard-Of': 'x' }, 200],
])('registering with %j answers %i', async (headers, code) => {
  const { register } = await shared
  expect((await register(headers as Record<string, string>)).answer.status).toBe(code)
})

test.each([
  ['GET', '/images/not-a-uuid/members', 400],
  ['HEAD', '/images/not-a-uuid', 400],
  ['HEAD', '/images/00000000-0000-0000-0000-000000000000', 404],
  ['GET', '/images/00000000-0000-0000-0000-000000000000', 501],
  ['GET', '/images?sort_key=colour', 400],
  ['GET', '/images?sort_dir=up', 400],
  ['GET', '/images?size_min=', 400],
  ['GET', '/images?size_min=1&sort_key=size&sort_dir=asc', 200],
  ['GET', '/nothing', 400],
  ['PATCH', '/images/detail', 405],
])('%s %s answers %i', async (method, path, code) => {
  const { send } = await shared
  expect((await send(method, path)).status).toBe(code)
})

test('a token for images alone neither registers objects nor shows them to others', async ({ onTestFinished }) => {
  const { cloud, alice, bob, send, register } = await openTestImages(onTestFinished)
  const { id } = await register()
  const { token: images } = await cloud.withToken(alice, ['image'])
  const { token: both } = await cloud.withToken(alice, ['image', 'object-store/pithos'])
  const registering = {
    'X-Image-Meta-Name': 'Disk',
    'X-Image-Meta-Location': `pithos://${alice.userId}/pithos/disk.img`,
  }
  const asked = (token: string) => [
    send('POST', '/images/', { token, headers: registering }),
    send('PUT', `/images/${id}`, { token, headers: { 'X-Image-Meta-Is-Public': 'True' } }),
    send('PUT', `/images/${id}/members/${bob.userId}`, { token }),
  ]
  const statuses = async (token: string) => (await Promise.all(asked(token))).map(({ status }) => status)
  expect(await statuses(images)).toEqual([403, 403, 403])
  expect((await bob.send('GET', `/${alice.userId}/pithos/disk.img`)).status).toBe(403)
  expect((await send('GET', '/images', { token: images })).status).toBe(200)
  expect((await send('PUT', `/images/${id}`, { token: images, headers: { 'X-Image-Meta-Name': 'Other' } })).status).toBe(200)
  expect((await send('PUT', `/images/${id}/members/${bob.userId}`, { token: both })).status).toBe(204)
})
