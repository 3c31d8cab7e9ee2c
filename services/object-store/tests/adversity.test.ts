// What happens to bodies when disks, clients and networks misbehave: real files, real sockets.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { type Blocks, hashBlock, openFiles } from '@synnefo/engine-blocks'
import { sql } from '@synnefo/lib/sql'
import { type OnTestFinished, randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import type { ObjectStoreSettings } from '../index.ts'
import type { TestClient, TestCloud } from '../testing.ts'
import { openAlice, put, TEXT } from './alice.ts'

/** Large enough for the threads that store blocks. */
const BLOCK = 1024 * 1024

async function openWithFiles(onTestFinished: OnTestFinished, folder: string, settings: Partial<ObjectStoreSettings> = {}) {
  const blocks = await openFiles({ folder })
  onTestFinished(() => blocks.close())
  const watched = watch(blocks)
  const opened = await openAlice(onTestFinished, {
    blocks: watched.blocks,
    settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK, ...settings },
  })
  return { ...opened, folder, blocks, openNow: watched.openNow, opened: watched.opened }
}

/** Counts blocks that are open, and how many ever were. */
function watch(blocks: Blocks) {
  let openNow = 0
  let opened = 0
  const open: Blocks['open'] = async (hash) => {
    const block = await blocks.open(hash)
    if (!block) return undefined
    openNow += 1
    opened += 1
    return {
      ...block,
      close() {
        openNow -= 1
        return block.close()
      },
    }
  }
  return { blocks: { ...blocks, open }, openNow: () => openNow, opened: () => opened }
}

function begin({ url }: TestCloud, who: TestClient, line: string, headers: Record<string, string>): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  const [method, path] = line.split(' ')
  const fields = Object.entries({ Host: 'cloud', 'X-Auth-Token': who.token, ...TEXT, ...headers })
  socket.write(
    `${method} /pithos/object-store/v1/${who.userId}/${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  )
  socket.on('error', () => {}) // cutting the connection is the business of these tests
  return socket
}

async function answerOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await new Promise((resolve) => socket.on('end', resolve).on('close', resolve))
  socket.destroy()
  return Buffer.concat(chunks).toString('latin1')
}

async function expectNothing({ db }: TestCloud): Promise<void> {
  expect(await db.any(sql`SELECT FROM object_store.versions`)).toEqual([])
  expect(await db.any(sql`SELECT FROM object_store.maps`)).toEqual([])
}

const incoming = (folder: string) => readdir(join(folder, 'incoming'))

test.runIf(process.getuid?.() === 0)(
  'a disk that fills in the middle of an upload is told, and all is well when there is room',
  async ({ onTestFinished }) => {
    const folder = await temporaryFolder(onTestFinished)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder])
    onTestFinished(() => void execFileSync('umount', [folder]))
    const { cloud, alice } = await openWithFiles(onTestFinished, folder)
    await writeFile(join(folder, 'filler'), Buffer.alloc(7 * BLOCK))
    const data = randomContent(8 * BLOCK + 5)
    const refused = await put(alice, 'o', data)
    expect([refused.status, refused.json()]).toEqual([507, { insufficientStorage: expect.anything() }])
    await expectNothing(cloud)
    expect(await incoming(folder)).toEqual([])
    await rm(join(folder, 'filler'))
    expect((await put(alice, 'o', data)).status).toBe(201)
    expect((await alice.send('GET', 'pithos/o')).body.equals(data)).toBe(true)
  },
)

test('a client that goes away in the middle of a body leaves nothing and takes up no place', async ({ onTestFinished }) => {
  const { cloud, alice, folder } = await openWithFiles(onTestFinished, await temporaryFolder(onTestFinished), {
    PITHOS_UPLOADS_AT_ONCE: 1,
  })
  const ways: Record<string, string>[] = [{ 'Content-Length': String(10 * BLOCK) }, { 'Transfer-Encoding': 'chunked' }]
  for (const headers of ways) {
    const socket = begin(cloud, alice, 'PUT pithos/o', headers)
    const half = randomContent(3 * BLOCK)
    socket.write('Transfer-Encoding' in headers ? Buffer.concat([Buffer.from('400000\r\n'), half]) : half)
    await expect.poll(async () => (await cloud.store.blocks.usage()).blocks).toBeGreaterThanOrEqual(2)
    socket.destroy()
    await expect.poll(async () => (await put(alice, 'next', randomContent(2 * BLOCK))).status).toBe(201)
    await alice.send('DELETE', 'pithos/next')
    for await (const { hash } of cloud.store.blocks.list()) await cloud.store.blocks.remove(hash)
  }
  expect((await alice.send('HEAD', 'pithos/o')).status).toBe(404)
  await expect.poll(() => incoming(folder)).toEqual([])
})

test('who stops sending is given up, and so is who stops taking', async ({ onTestFinished }) => {
  const { cloud, alice, openNow, opened } = await openWithFiles(onTestFinished, await temporaryFolder(onTestFinished), {
    PITHOS_SILENCE_SECONDS: 0.5,
    PITHOS_UPLOADS_AT_ONCE: 1,
  })
  const sending = begin(cloud, alice, 'PUT pithos/o', { 'Content-Length': String(10 * BLOCK) })
  sending.write(randomContent(3 * BLOCK))
  await answerOf(sending)
  expect((await alice.send('HEAD', 'pithos/o')).status).toBe(404)

  const data = Buffer.concat(Array.from({ length: 48 }, (_, i) => Buffer.alloc(BLOCK, i + 1)))
  await expect.poll(async () => (await put(alice, 'o', data)).status).toBe(201)
  const openedBefore = opened()
  const taking = begin(cloud, alice, 'GET pithos/o', {})
  await new Promise((resolve) => taking.once('readable', resolve))
  await expect.poll(opened).toBeGreaterThan(openedBefore)
  await expect.poll(openNow).toBe(0)
  expect((await answerOf(taking)).length).toBeLessThan(data.length)
})

test.each([
  ['is shorter than announced', { 'Content-Length': String(3 * BLOCK) }, () => [randomContent(2 * BLOCK)]],
  [
    'is chunked nonsense',
    { 'Transfer-Encoding': 'chunked' },
    () => ['100000\r\n', randomContent(BLOCK), '\r\nwhat?\r\n', 'more'],
  ],
  ['ends within a chunk', { 'Transfer-Encoding': 'chunked' }, () => ['200000\r\n', randomContent(BLOCK)]],
])('a body that %s is a bad request', async (_, headers, pieces) => {
  const finished: (() => unknown)[] = []
  const onTestFinished = (work: () => unknown) => void finished.push(work)
  const { cloud, alice } = await openWithFiles(onTestFinished, await temporaryFolder(onTestFinished))
  const socket = begin(cloud, alice, 'PUT pithos/o', headers as Record<string, string>)
  for (const piece of pieces()) socket.write(piece)
  socket.end()
  expect(await answerOf(socket)).toMatch(/^HTTP\/1.1 400 /)
  await expectNothing(cloud)
  for (const work of finished.reverse()) await work()
})

test('what comes after a body of the announced length is no part of it', async ({ onTestFinished }) => {
  const { cloud, alice } = await openWithFiles(onTestFinished, await temporaryFolder(onTestFinished))
  const data = randomContent(2 * BLOCK)
  const socket = begin(cloud, alice, 'PUT pithos/o', { 'Content-Length': String(data.length) })
  socket.write(data)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString('latin1')).toMatch(/^HTTP\/1.1 201 /)
  socket.end('GARBAGE that is no request')
  expect(await answerOf(socket)).toMatch(/^HTTP\/1.1 400 /)
  expect((await alice.send('GET', 'pithos/o')).body.equals(data)).toBe(true)
})

test('an answer reaches who is refused while he still sends', async ({ onTestFinished }) => {
  const { cloud, alice } = await openWithFiles(onTestFinished, await temporaryFolder(onTestFinished))
  const blocks = { ...cloud.store.blocks, put: () => Promise.reject(new Error('the disk broke')) }
  Object.assign(cloud.store, { blocks })
  const answer = await put(alice, 'o', randomContent(12 * BLOCK))
  expect([answer.status, answer.json()]).toEqual([500, { internalServerError: expect.anything() }])
  await expectNothing(cloud)
})

test('hash lists and blocks that are not what they say make no object', async ({ onTestFinished }) => {
  const { cloud, alice } = await openWithFiles(onTestFinished, await temporaryFolder(onTestFinished))
  const [first, second] = [randomContent(BLOCK), randomContent(BLOCK)]
  const hashes = [await hashBlock(first), await hashBlock(second)]
  const octets = { 'Content-Type': 'application/octet-stream' }
  const list = (bytes: number) =>
    alice.send('PUT', 'pithos/o?hashmap', { headers: TEXT, body: JSON.stringify({ bytes, hashes }) })
  await alice.send('POST', 'pithos?update', { headers: octets, body: first })
  const spoilt = Buffer.from(second)
  spoilt[5]! ^= 1
  const sent = await alice.send('POST', 'pithos?update&format=json', { headers: octets, body: spoilt })
  expect(sent.json()).toEqual([await hashBlock(spoilt)])
  const missing = await list(2 * BLOCK)
  expect([missing.status, missing.json()]).toEqual([409, [hashes[1]]])
  await alice.send('POST', 'pithos?update', { headers: octets, body: second })
  for (const wrong of [BLOCK, 3 * BLOCK, 2 * BLOCK + 1]) expect((await list(wrong)).status).toBe(400)
  const cut = await list(BLOCK + 7) // the second block holds more than the seven bytes it should
  expect([cut.status, cut.text]).toEqual([400, expect.stringContaining('last block')])
  await expectNothing(cloud)
  expect((await list(2 * BLOCK)).status).toBe(201)
  expect((await alice.send('GET', 'pithos/o')).body.equals(Buffer.concat([first, second]))).toBe(true)
})

test('of two who write one object at once both are answered, one wins, and both versions are kept', async ({
  onTestFinished,
}) => {
  const { alice } = await openWithFiles(onTestFinished, await temporaryFolder(onTestFinished))
  const bodies = [randomContent(5 * BLOCK), randomContent(5 * BLOCK + 1)]
  const answers = await Promise.all(bodies.map((body) => put(alice, 'o', body)))
  expect(answers.map(({ status }) => status)).toEqual([201, 201])
  for (const [i, { headers }] of answers.entries()) {
    const kept = await alice.send('GET', `pithos/o?version=${headers['x-object-version']}`)
    expect(kept.body.equals(bodies[i]!)).toBe(true)
  }
  const { versions } = (await alice.send('GET', 'pithos/o?version=list&format=json')).json() as { versions: unknown[] }
  expect(versions).toHaveLength(2)
  const [one, other] = answers.map(({ headers }) => Number(headers['x-object-version']))
  const last = one! > other! ? 0 : 1
  expect((await alice.send('GET', 'pithos/o')).body.equals(bodies[last]!)).toBe(true)
})

const ROT: [string, (path: string) => Promise<void>, 'damaged' | 'missing'][] = [
  [
    'has one bit turned over',
    async (path) => {
      const content = await readFile(path)
      content[123_456]! ^= 1
      await writeFile(path, content)
    },
    'damaged',
  ],
  ['was cut short', (path) => truncate(path, 600_000), 'damaged'],
  ['is empty', (path) => truncate(path, 0), 'damaged'],
  ['is gone', (path) => rm(path), 'missing'],
]

test.each(ROT)('a block whose file %s is never served as good, is told to the operator, and heals', async (_, spoil, problem) => {
  const finished: (() => unknown)[] = []
  const onTestFinished = (work: () => unknown) => void finished.push(work)
  const { cloud, alice, blocks, openNow } = await openWithFiles(onTestFinished, await temporaryFolder(onTestFinished))
  const data = randomContent(40 * BLOCK)
  await put(alice, 'o', data)
  const first = await hashBlock(data.subarray(0, BLOCK))
  await spoil(blocks.pathOf(first))
  for (const headers of [{}, { Range: 'bytes=5-9' }, { Range: 'bytes=0-1,5-9' }]) {
    const answer = await alice.send('GET', 'pithos/o', { headers: headers as Record<string, string> })
    expect(answer.status).toBe(500)
    expect(answer.text).toContain('damaged or missing')
    expect(answer.headers['etag']).toBeUndefined()
  }
  const noted = await cloud.db.any(sql`SELECT encode(hash, 'hex') AS hash, problem FROM object_store.damaged_blocks`)
  expect(noted).toEqual([{ hash: first, problem }])
  const elsewhere = await alice.send('GET', 'pithos/o', { headers: { Range: `bytes=${BLOCK}-${2 * BLOCK}` } })
  expect(elsewhere.body.equals(data.subarray(BLOCK, 2 * BLOCK + 1))).toBe(true)
  expect((await put(alice, 'again', data)).status).toBe(201)
  expect((await alice.send('GET', 'pithos/o')).body.equals(data)).toBe(true)

  await spoil(blocks.pathOf(await hashBlock(data.subarray(39 * BLOCK)))) // far beyond what is read ahead
  await expect(alice.send('GET', 'pithos/o')).rejects.toThrow('aborted')
  await expect.poll(openNow).toBe(0)
  for (const work of finished.reverse()) await work()
})

test('of a file in which one block changed, one block travels', async ({ onTestFinished }) => {
  const { alice } = await openWithFiles(onTestFinished, await temporaryFolder(onTestFinished))
  const data = randomContent(16 * BLOCK)
  await put(alice, 'o', data)
  data[5 * BLOCK + 77]! ^= 1
  const hashes = await Promise.all(Array.from({ length: 16 }, (_, i) => hashBlock(data.subarray(i * BLOCK, (i + 1) * BLOCK))))
  const body = JSON.stringify({ bytes: data.length, hashes })
  const missing = await alice.send('PUT', 'pithos/o?hashmap', { headers: TEXT, body })
  expect([missing.status, missing.json()]).toEqual([409, [hashes[5]]])
})
