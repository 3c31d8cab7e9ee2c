import { migrations as identityMigrations } from '@synnefo/identity'
import { createTestUser, openTestIdentity } from '@synnefo/identity/testing'
import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { sql } from '@synnefo/lib/sql'
import { type OnTestFinished, openTestDatabase } from '@synnefo/lib/testing'
import { objectAt, migrations as objectStoreMigrations, unusedMaps } from '@synnefo/object-store'
import { openTestStore, pithosRoutes } from '@synnefo/object-store/testing'
import { expect, test } from 'vitest'
import {
  createServerVolumes,
  deleteServerVolumes,
  diskSpecsOfServer,
  ensureVolumeType,
  migrations,
  settleServerVolumes,
  volumesOfServers,
} from './index.ts'
import { volumeRoutes } from './routes/index.ts'

const GIB = 1024 ** 3
const IMAGE = '8d5c1d4e-7c1f-4a7b-9a38-0d5b7a0c6f11'

async function openTestVolumes(onTestFinished: OnTestFinished) {
  const db = await openTestDatabase(onTestFinished, [identityMigrations, objectStoreMigrations, migrations])
  const identity = await openTestIdentity(onTestFinished, db)
  const objectStore = await openTestStore(db)
  const app = openHttp({ log: silentLog })
  await app.register(pithosRoutes, { prefix: '/pithos', store: objectStore, identity })
  const settings = { CYCLADES_DETACHABLE_DISK_TEMPLATES: ['ext_archipelago'], POLL_LIMIT: 3600 }
  const baseUrl = () => 'http://cloud.test'
  await app.register(volumeRoutes, { prefix: '/volume', volume: { db, identity, objectStore, settings, baseUrl } })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  const alice = await createTestUser(identity)
  const bob = await createTestUser(identity)
  const type = await db.transaction((tx) => ensureVolumeType(tx, { name: 'ext_archipelago', diskTemplate: 'ext_archipelago' }))

  /** An object with some content, as the image of a server. */
  async function image(content: string) {
    const container = `${url}/pithos/object-store/v1/${alice.uuid}/images`
    const headers = { 'X-Auth-Token': alice.token }
    await fetch(container, { method: 'PUT', headers })
    await fetch(`${container}/disk`, { method: 'PUT', headers: { ...headers, 'Content-Type': 'image/raw' }, body: content })
    const object = await objectAt(db, undefined, { account: alice.uuid, container: 'images', name: 'disk' })
    return { id: IMAGE, version: object!.versionId, mapId: object!.mapId }
  }
  const noImage = { id: IMAGE, version: 1n, mapId: null as bigint | null }
  const create = (serverId: bigint, options: { image?: typeof noImage; user?: typeof alice; sizeGib?: number } = {}) => {
    const { image = noImage, user = alice, sizeGib = 2 } = options
    const owner = { userId: user.uuid, project: user.uuid }
    return db.transaction((tx) => createServerVolumes(tx, { serverId, ...owner, sizeGib, volumeTypeId: type.id, image }))
  }
  const get = (path: string, token = alice.token) =>
    app.inject({ url: `/volume/v2.0${path}`, headers: token === '' ? {} : { 'x-auth-token': token } })
  return { db, objectStore, app, alice, bob, type, image, create, get }
}

test('a server’s volume is a copy of its image that shares its blocks', async ({ onTestFinished }) => {
  const { objectStore, image, create } = await openTestVolumes(onTestFinished)
  const content = 'not much of a disk'
  const [volume] = await create(42n, { image: await image(content), sizeGib: 3 })
  expect(volume).toMatchObject({ serverId: 42n, index: 0, status: 'CREATING', sizeBytes: BigInt(3 * GIB) })
  const [disk] = await diskSpecsOfServer(objectStore, 42n, 'snf-')
  expect(disk).toMatchObject({ name: `snf-vol-${volume!.id}`, sizeBytes: 3 * GIB, source: { sizeBytes: content.length } })
  expect(await objectStore.blocks.get(disk!.source!.hashes[0]!)).toEqual(Buffer.from(content))
})

test('a volume of an empty image is told to be zeros', async ({ onTestFinished }) => {
  const { objectStore, create } = await openTestVolumes(onTestFinished)
  const [volume] = await create(1n)
  expect(await diskSpecsOfServer(objectStore, 1n, 'snf-')).toEqual([{ name: `snf-vol-${volume!.id}`, sizeBytes: 2 * GIB }])
})

test('a volume keeps the blocks of an image that was deleted, until it is deleted itself', async ({ onTestFinished }) => {
  const { db, image, create } = await openTestVolumes(onTestFinished)
  const source = await image('the first content')
  await create(1n, { image: source })
  await create(2n, { image: source })
  await db.run(sql`DELETE FROM object_store.versions`) // what a purge of the object's history does
  const unused = async () => (await unusedMaps(db, { graceSeconds: 0, limit: 10 })).map(({ id }) => id)
  expect(await unused()).toEqual([])
  await db.transaction((tx) => deleteServerVolumes(tx, 1n))
  expect(await unused()).toEqual([])
  await db.transaction((tx) => deleteServerVolumes(tx, 2n))
  expect(await unused()).toEqual([source.mapId])
})

test('volumes live and die with their server', async ({ onTestFinished }) => {
  const { db, create, get } = await openTestVolumes(onTestFinished)
  const [volume] = await create(7n)
  const show = async () => (await get(`/volumes/${volume!.id}`)).json().volume
  expect((await show()).status).toBe('creating')
  await db.transaction((tx) => settleServerVolumes(tx, 7n, 'IN_USE'))
  expect(await show()).toMatchObject({
    status: 'in_use',
    attachments: [{ server_id: 7, volume_id: Number(volume!.id), device_index: 0 }],
  })
  await db.transaction((tx) => deleteServerVolumes(tx, 7n))
  await db.transaction((tx) => deleteServerVolumes(tx, 7n))
  expect(await show()).toMatchObject({ status: 'deleted', deleted: true, attachments: [] })
  expect((await get('/volumes')).json()).toEqual({ volumes: [] })
  expect(await volumesOfServers(db, [7n])).toEqual([])
})

test('the volumes of many servers come in order of server and index', async ({ onTestFinished }) => {
  const { db, create } = await openTestVolumes(onTestFinished)
  for (const id of [3n, 1n, 2n]) await create(id)
  expect((await volumesOfServers(db, [1n, 2n, 3n])).map(({ serverId, index }) => [serverId, index])).toEqual([
    [1n, 0],
    [2n, 0],
    [3n, 0],
  ])
})

test('the API shows a volume in the words of the specification', async ({ onTestFinished }) => {
  const { alice, type, create, get } = await openTestVolumes(onTestFinished)
  const [volume] = await create(9n)
  const id = String(volume!.id)
  const href = `http://cloud.test/cyclades/volume/v2.0/volumes/${id}`
  const brief = {
    id,
    display_name: 'Boot volume of server 9',
    links: [
      { rel: 'self', href },
      { rel: 'bookmark', href },
    ],
  }
  expect((await get('/volumes')).json()).toEqual({ volumes: [brief] })
  const detail = {
    ...brief,
    status: 'creating',
    size: 2,
    display_description: '',
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/),
    updated_at: expect.any(String),
    metadata: {},
    snapshot_id: null,
    source_volid: null,
    image_id: IMAGE,
    attachments: [{ server_id: 9, volume_id: Number(id), device_index: 0 }],
    volume_type: Number(type.id),
    deleted: false,
    delete_on_termination: true,
    user_id: alice.uuid,
    tenant_id: alice.uuid,
    shared_to_project: false,
  }
  expect((await get('/volumes/detail')).json()).toEqual({ volumes: [detail] })
  expect((await get(`/volumes/${id}`)).json()).toEqual({ volume: detail })
  expect((await get(`/volumes/${id}/metadata`)).json()).toEqual({ metadata: {} })
})

test('nobody sees another person’s volumes', async ({ onTestFinished }) => {
  const { bob, create, get } = await openTestVolumes(onTestFinished)
  const [volume] = await create(1n)
  expect((await get('/volumes', bob.token)).json()).toEqual({ volumes: [] })
  expect((await get('/volumes/detail', bob.token)).json()).toEqual({ volumes: [] })
  const foreign = await get(`/volumes/${volume!.id}`, bob.token)
  const missing = await get('/volumes/999', bob.token)
  expect([foreign.statusCode, missing.statusCode]).toEqual([404, 404])
  expect(foreign.body.replaceAll(String(volume!.id), 'N')).toBe(missing.body.replaceAll('999', 'N'))
  expect((await get(`/volumes/${volume!.id}/metadata`, bob.token)).statusCode).toBe(404)
  expect((await get('/volumes', '')).statusCode).toBe(401)
})

test('changes-since tells of deleted volumes too, and says when there is nothing to tell', async ({ onTestFinished }) => {
  const { db, create, get } = await openTestVolumes(onTestFinished)
  const before = new Date(Date.now() - 60_000).toISOString()
  expect((await get(`/volumes?changes-since=${before}`)).statusCode).toBe(304)
  await create(1n)
  await create(2n)
  await db.transaction((tx) => deleteServerVolumes(tx, 1n))
  const { volumes } = (await get(`/volumes/detail?changes-since=${before}`)).json()
  expect(volumes.map(({ status }: { status: string }) => status)).toEqual(['deleted', 'creating'])
  expect((await get('/volumes?changes-since=yesterday')).statusCode).toBe(400)
})

test('a type is detachable by its disk template, whatever its name', async ({ onTestFinished }) => {
  const { db, get, type } = await openTestVolumes(onTestFinished)
  await db.transaction((tx) => ensureVolumeType(tx, { name: 'local', diskTemplate: 'ext_archipelago' }))
  const plain = await db.transaction((tx) => ensureVolumeType(tx, { name: 'plain', diskTemplate: 'plain' }))
  expect(await db.transaction((tx) => ensureVolumeType(tx, { name: 'plain', diskTemplate: 'plain' }))).toEqual(plain)
  const { volume_types: types } = (await get('/types')).json()
  expect(types.map((type: Record<string, unknown>) => [type['name'], type['SNF:detachable']])).toEqual([
    ['ext_archipelago', true],
    ['local', true],
    ['plain', false],
  ])
  expect((await get(`/types/${type.id}`)).json().volume_type).toEqual({
    id: Number(type.id),
    name: 'ext_archipelago',
    deleted: false,
    'SNF:disk_template': 'ext_archipelago',
    'SNF:detachable': true,
  })
})

test('addresses that lead nowhere are told apart', async ({ onTestFinished }) => {
  const { app, get } = await openTestVolumes(onTestFinished)
  const codes = ['/volumes/x', '/volumes/99999999999999999999', '/types/99', '/types/x', '/nothing'].map(
    async (path) => (await get(path)).statusCode,
  )
  expect(await Promise.all(codes)).toEqual([400, 400, 404, 400, 400])
  const versions = (await app.inject({ url: '/volume/' })).json().versions
  expect(versions.map(({ id }: { id: string }) => id)).toEqual(['v2.0', 'v2'])
})
