import { hashBlock, openFiles, openSimulated } from '@synnefo/engine-blocks'
import { sql } from '@synnefo/lib/sql'
import { randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { holdMap, objectAt, openMap, releaseMap, unusedBlocks, unusedMaps } from '../index.ts'
import type { ObjectStore } from '../open.ts'
import type { TestClient } from '../testing.ts'
import { openAlice, put, TEXT } from './alice.ts'

const BLOCK = 128 * 1024
const SMALL_BLOCKS = { settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK } }

async function hashList(data: Buffer) {
  const hashes: string[] = []
  for (let at = 0; at < data.length; at += BLOCK) hashes.push(await hashBlock(data.subarray(at, at + BLOCK)))
  return { bytes: data.length, hashes }
}

async function putHashes(who: TestClient, path: string, body: unknown, headers: Record<string, string> = {}) {
  return who.send('PUT', `${path}?format=json&hashmap=True`, { headers: { ...TEXT, ...headers }, body: JSON.stringify(body) })
}

const sendBlock = (who: TestClient, block: Uint8Array, container = 'pithos') =>
  who.send('POST', `${container}?update&format=json`, { headers: { 'Content-Type': 'application/octet-stream' }, body: block })

async function unused(store: ObjectStore): Promise<string[]> {
  const found: string[] = []
  for await (const { hash } of unusedBlocks(store, { graceSeconds: -60 })) found.push(hash)
  return found
}

test('only missing blocks travel, and then the object is there', async ({ onTestFinished }) => {
  const blocks = await openFiles({ folder: await temporaryFolder(onTestFinished) })
  const { alice } = await openAlice(onTestFinished, { ...SMALL_BLOCKS, blocks })
  const data = Buffer.concat([randomContent(BLOCK), Buffer.alloc(BLOCK), randomContent(BLOCK), randomContent(1000)])
  const listed = await hashList(data)
  const first = await putHashes(alice, 'pithos/o', listed)
  expect([first.status, first.headers['content-type']]).toEqual([409, 'application/json; charset=UTF-8'])
  expect(first.json()).toEqual([listed.hashes[0], listed.hashes[2], listed.hashes[3]])
  expect((await alice.send('HEAD', 'pithos/o')).status).toBe(404)
  for (const at of [0, 2, 3]) {
    const sent = await sendBlock(alice, data.subarray(at * BLOCK, (at + 1) * BLOCK))
    expect([sent.status, sent.json()]).toEqual([202, [listed.hashes[at]]])
  }
  const second = await putHashes(alice, 'pithos/o', listed, { 'X-Object-Public': 'False', 'X-Object-Meta-A': '1' })
  expect(second.status).toBe(201)
  expect((await alice.send('GET', 'pithos/o')).body.equals(data)).toBe(true)
  expect((await alice.send('HEAD', 'pithos/o')).headers).toMatchObject({ 'x-object-meta-a': '1', 'content-type': 'text/plain' })
  expect(
    (await putHashes(alice, 'pithos/again', { ...listed, hashes: listed.hashes.map((hash) => hash.toUpperCase()) })).status,
  ).toBe(201)
  expect((await putHashes(alice, 'pithos/o', listed, { 'If-None-Match': '*' })).status).toBe(412)
})

test('several blocks may come in one body', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, SMALL_BLOCKS)
  const data = randomContent(2 * BLOCK + 5)
  const sent = await sendBlock(alice, data)
  expect(sent.json()).toEqual((await hashList(data)).hashes)
})

test('small content of an object counts as known, alone and as part of something larger', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, SMALL_BLOCKS)
  const tail = randomContent(500)
  await put(alice, 'small', tail)
  expect((await cloud.store.blocks.usage()).blocks).toBe(0)
  expect((await putHashes(alice, 'pithos/copy', await hashList(tail))).status).toBe(201)
  const head = randomContent(BLOCK)
  await sendBlock(alice, head)
  const whole = Buffer.concat([head, tail])
  expect((await putHashes(alice, 'pithos/large', await hashList(whole))).status).toBe(201)
  expect((await alice.send('GET', 'pithos/large')).body.equals(whole)).toBe(true)
  expect((await alice.send('GET', 'pithos/copy')).body.equals(tail)).toBe(true)
})

test.each([
  ['no JSON', '<xml/>'],
  ['no object', '[]'],
  ['no hashes', '{"bytes": 5}'],
  ['no bytes', '{"hashes": []}'],
  ['too few hashes', '{"bytes": 5, "hashes": []}'],
  ['negative bytes', '{"bytes": -1, "hashes": []}'],
  ['absurd bytes', '{"bytes": 99999999999999999999, "hashes": []}'],
  ['a fraction', '{"bytes": 1.5, "hashes": []}'],
  ['a hash that is none', '{"bytes": 5, "hashes": ["xyz"]}'],
  ['a hash that is no text', '{"bytes": 5, "hashes": [5]}'],
])('a hash list with %s is a bad request', async (_, body) => {
  const finished: (() => unknown)[] = []
  const { alice } = await openAlice((work) => finished.push(work))
  expect((await alice.send('PUT', 'pithos/o?hashmap', { headers: TEXT, body })).status).toBe(400)
  for (const work of finished.reverse()) await work()
})

test('an empty hash list makes an empty object', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  expect((await putHashes(alice, 'pithos/a', { bytes: 0, hashes: [] })).status).toBe(201)
  const zero = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  expect((await putHashes(alice, 'pithos/b', { bytes: '0', hashes: [zero] })).status).toBe(201)
  expect((await putHashes(alice, 'pithos/zeros', { bytes: 9, hashes: [zero] })).status).toBe(201)
  expect((await alice.send('GET', 'pithos/zeros')).body).toEqual(Buffer.alloc(9))
})

test('knowing the hashes of a file does not give the file', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, SMALL_BLOCKS)
  const bob = await cloud.user()
  await bob.send('PUT', 'pithos')
  const [large, small] = [randomContent(BLOCK + 7), randomContent(100)]
  await put(alice, 'large', large)
  await put(alice, 'small', small)
  for (const data of [large, small]) expect((await putHashes(bob, 'pithos/stolen', await hashList(data))).status).toBe(409)
  await alice.send('POST', 'pithos/large?update', { headers: { 'X-Object-Sharing': `read=${bob.userId}` } })
  expect((await putHashes(bob, 'pithos/mine', await hashList(large))).status).toBe(201)
  expect((await bob.send('GET', 'pithos/mine')).body.equals(large)).toBe(true)
  const container = `/${alice.userId}/pithos`
  expect(
    (await bob.send('POST', `${container}?update`, { headers: { 'Content-Type': 'application/octet-stream' }, body: 'x' }))
      .status,
  ).toBe(403)
  expect(
    (await bob.send('PUT', `${container}/x?hashmap`, { headers: TEXT, body: JSON.stringify(await hashList(large)) })).status,
  ).toBe(403)
})

test('who may read a folder has what is in it, as long as he may', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, SMALL_BLOCKS)
  const bob = await cloud.user()
  await bob.send('PUT', 'pithos')
  const contents = [randomContent(BLOCK + 7), randomContent(100)]
  for (const [i, data] of contents.entries()) await put(alice, `d/${i}`, data)
  const share = (sharing: string) => put(alice, 'd', '', { 'Content-Type': 'application/directory', 'X-Object-Sharing': sharing })
  const taken = async () => {
    const statuses: number[] = []
    for (const [i, data] of contents.entries()) statuses.push((await putHashes(bob, `pithos/${i}`, await hashList(data))).status)
    return statuses
  }
  expect(await taken()).toEqual([409, 409])
  await share(`read=${bob.userId}`)
  expect(await taken()).toEqual([201, 201])
  await share('')
  for (const [i] of contents.entries()) await bob.send('DELETE', `pithos/${i}?until=${Math.ceil(Date.now() / 1000) + 1}`)
  await cloud.db.run(sql`DELETE FROM object_store.pins`)
  expect(await taken()).toEqual([409, 409])
})

test('an object whose data comes later is readable when the data is there, looked for now and then', async ({
  onTestFinished,
}) => {
  const blocks = openSimulated()
  const settings = { PITHOS_BACKEND_BLOCK_SIZE: BLOCK, PITHOS_BACKEND_MAP_CHECK_INTERVAL: 3600 }
  const { cloud, alice } = await openAlice(onTestFinished, { blocks, settings })
  const data = randomContent(BLOCK + 7)
  await put(alice, 'o', data)
  const { hashes } = await hashList(data)
  await cloud.db.run(sql`UPDATE object_store.versions SET available = 0`)
  await blocks.remove(hashes[0]!)
  const get = () => alice.send('GET', 'pithos/o')
  expect((await get()).status).toBe(403)
  await blocks.put(data.subarray(0, BLOCK))
  expect((await get()).status).toBe(403)
  await cloud.db.run(
    sql`UPDATE object_store.versions SET map_checked_at = map_checked_at - interval '2 hours', is_snapshot = true`,
  )
  expect((await get()).status).toBe(403)
  await cloud.db.run(sql`UPDATE object_store.versions SET is_snapshot = false`)
  const found = await get()
  expect([found.status, found.headers['available'], found.body.equals(data)]).toEqual([200, '1', true])
})

test('what nobody needs can be proved: uploads, objects, history and holders keep blocks', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, SMALL_BLOCKS)
  const { db, store } = cloud
  const data = randomContent(2 * BLOCK)
  const { hashes } = await hashList(data)
  await sendBlock(alice, data)
  expect(await unused(store)).toEqual([])
  await db.run(sql`UPDATE object_store.pins SET expires_at = now() - interval '1 second'`)
  expect(await unused(store)).toEqual([...hashes].sort())
  await put(alice, 'o', data)
  expect(await unused(store)).toEqual([])
  const { mapId } = (await objectAt(db, alice.userId, { account: alice.userId, container: 'pithos', name: 'o' }))!
  await alice.send('DELETE', 'pithos/o')
  expect(await unused(store)).toEqual([])
  await db.transaction((tx) => holdMap(tx, mapId!, 'volume:1'))
  await alice.send('DELETE', `pithos/o?until=${Math.ceil(Date.now() / 1000) + 1}`)
  expect((await alice.send('GET', 'pithos/o?version=list')).status).toBe(404)
  expect(await unused(store)).toEqual([])
  await db.transaction((tx) => releaseMap(tx, mapId!, 'volume:1'))
  expect(await unused(store)).toEqual([...hashes].sort())
  expect(await unusedMaps(db, { graceSeconds: -60, limit: 10 })).toEqual([{ id: mapId, sizeBytes: BigInt(data.length) }])
  const young: string[] = []
  for await (const { hash } of unusedBlocks(store, { graceSeconds: 3600 })) young.push(hash)
  expect(young).toEqual([])
})

test('a map opens as blocks of the engine, small content included', async ({ onTestFinished }) => {
  const blocks = openSimulated()
  const { cloud, alice } = await openAlice(onTestFinished, { ...SMALL_BLOCKS, blocks })
  await put(alice, 'small', 'Hello, Pithos!')
  const { mapId } = (await objectAt(cloud.db, alice.userId, { account: alice.userId, container: 'pithos', name: 'small' }))!
  const opened = (await openMap(cloud.store, mapId!))!
  expect(opened).toMatchObject({ sizeBytes: 14n, blockSizeBytes: BLOCK, hashes: [expect.stringMatching(/^f8e5789c/)] })
  expect((await blocks.get(opened.hashes[0]!))?.toString()).toBe('Hello, Pithos!')
  expect(await unused(cloud.store)).toEqual([])
  expect((await alice.send('GET', 'pithos/small')).text).toBe('Hello, Pithos!')
})

test('the same content is stored once', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, SMALL_BLOCKS)
  const data = randomContent(BLOCK + 1)
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => put(alice, name, data)))
  await Promise.all(['e', 'f', 'g', 'h'].map((name) => put(alice, name, 'small')))
  expect(await cloud.db.one(sql`SELECT count(*)::int AS maps FROM object_store.maps`)).toEqual({ maps: 2 })
  expect(await cloud.db.one(sql`SELECT count(*)::int AS references FROM object_store.map_blocks`)).toEqual({ references: 2 })
})

test('nobody has more blocks without objects than his largest object could have, whatever he sends them by', async ({
  onTestFinished,
}) => {
  const { cloud } = await openAlice(onTestFinished, SMALL_BLOCKS)
  const carol = await cloud.user({ limits: { 'pithos.diskspace': BigInt(3 * BLOCK + 100) } })
  await carol.send('PUT', 'pithos')
  const scoped = await cloud.withToken(carol, ['object-store/pithos'])
  const data = randomContent(3 * BLOCK)
  const block = (at: number) => data.subarray(at * BLOCK, (at + 1) * BLOCK)
  expect((await sendBlock(carol, block(0))).status).toBe(202)
  expect((await sendBlock(scoped, Buffer.concat([block(1), block(2)]))).status).toBe(202)
  const refused = await sendBlock(carol, randomContent(101))
  expect([refused.status, refused.text]).toEqual([413, expect.stringContaining(`hold ${3 * BLOCK} bytes`)])
  expect((await sendBlock(scoped, randomContent(101))).status).toBe(413)
  expect((await sendBlock(carol, randomContent(100))).status).toBe(202)
  const chunked = (async function* () {
    yield randomContent(100)
  })()
  const headers = { 'Content-Type': 'application/octet-stream' }
  expect((await carol.send('POST', 'pithos?update', { headers, body: chunked })).status).toBe(413)
  // What has an object counts as that, and room is made for more.
  expect((await putHashes(carol, 'pithos/o', await hashList(block(0)))).status).toBe(201)
  expect((await sendBlock(carol, randomContent(BLOCK))).status).toBe(202)
  expect((await sendBlock(carol, randomContent(BLOCK))).status).toBe(413)
  await cloud.db.run(sql`UPDATE object_store.pins SET expires_at = now()`)
  expect((await sendBlock(carol, randomContent(2 * BLOCK))).status).toBe(202)
})

test('an operator may let less be sent ahead than the quota allows', async ({ onTestFinished }) => {
  const settings = { ...SMALL_BLOCKS.settings, PITHOS_SENT_AHEAD_BYTES: BLOCK }
  const { cloud, alice } = await openAlice(onTestFinished, { settings })
  const bob = await cloud.user()
  await bob.send('PUT', 'pithos')
  const sent = await Promise.all([1, 2, 3].map(() => sendBlock(bob, randomContent(BLOCK / 2))))
  expect(sent.map(({ status }) => status)).toContain(202)
  expect((await sendBlock(bob, randomContent(BLOCK))).status).toBe(413)
  expect((await sendBlock(alice, randomContent(BLOCK))).status).toBe(202)
  expect((await put(bob, 'large', randomContent(5 * BLOCK))).status).toBe(201) // objects have nothing to do with it
})
