// Large bodies are received in threads, or by way of Node's HTTP where that cannot be: nobody can tell which it was.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { openFiles } from '@synnefo/engine-blocks'
import { sql } from '@synnefo/lib/sql'
import { type OnTestFinished, randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { describe, expect, test } from 'vitest'
import type { ObjectStoreSettings } from '../index.ts'
import type { TestClient, TestCloud } from '../testing.ts'
import { openAlice, put, TEXT } from './alice.ts'

const BLOCK = 1024 * 1024
const WAYS = [
  { way: 'in threads', threads: true },
  { way: "by way of Node's HTTP", threads: false },
]

async function open(onTestFinished: OnTestFinished, threads: boolean, settings: Partial<ObjectStoreSettings> = {}) {
  const blocks = await openFiles({ folder: await temporaryFolder(onTestFinished) })
  onTestFinished(() => blocks.close())
  const opened = await openAlice(onTestFinished, { blocks, settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK, ...settings } })
  const { store } = opened.cloud
  const { socketIo } = store
  let received = 0
  const receive: NonNullable<typeof socketIo>['receive'] = async (...args) => {
    const bytes = await socketIo!.receive(...args)
    received += bytes
    return bytes
  }
  Object.assign(store, { socketIo: threads ? { ...socketIo, receive } : undefined })
  onTestFinished(() => socketIo?.close())
  return { ...opened, receivedInThreads: () => received }
}

/** Begins a request on a connection of its own. `head` is what travels with the first bytes of the body. */
function begin(
  { url }: TestCloud,
  who: TestClient,
  line: string,
  headers: Record<string, string>,
  first = Buffer.alloc(0),
): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  socket.on('error', () => {}) // cutting the connection is the business of these tests
  socket.write(Buffer.concat([head(who, line, headers), first]))
  return socket
}

function head(who: TestClient, line: string, headers: Record<string, string>): Buffer {
  const [method, path] = line.split(' ')
  const fields = Object.entries({ Host: 'cloud', 'X-Auth-Token': who.token, ...headers })
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.from(`${method} /pithos/object-store/v1/${who.userId}/${path} HTTP/1.1\r\n${lines}\r\n`)
}

/** Everything that is answered until it holds this. */
async function answerUntil(socket: Socket, pattern: RegExp): Promise<string> {
  let text = ''
  socket.setEncoding('latin1')
  while (!pattern.test(text)) text += ((await once(socket, 'data')) as [string])[0]
  return text
}

async function answerOf(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (piece) => {
    text += piece
  })
  await new Promise((resolve) => socket.on('end', resolve).on('close', resolve))
  socket.destroy()
  return text
}

const content = async (who: TestClient, name: string) => (await who.send('GET', `pithos/${name}`)).body

describe.each(WAYS)('large bodies received $way', ({ threads }) => {
  test('arrive byte by byte as they were sent, whatever they are sent for', async ({ onTestFinished }) => {
    const { alice, receivedInThreads } = await open(onTestFinished, threads, { PITHOS_UPDATE_MD5: true })
    let expected = randomContent(5 * BLOCK + 12_345)
    const stored = await put(alice, 'o', expected)
    expect([stored.status, stored.headers.etag]).toEqual([201, createHash('md5').update(expected).digest('hex')])
    expect((await content(alice, 'o')).equals(expected)).toBe(true)

    const octets = { 'Content-Type': 'application/octet-stream' }
    const added = randomContent(2 * BLOCK + 1)
    const append = { headers: { ...octets, 'Content-Range': 'bytes */*' }, body: added }
    expect((await alice.send('POST', 'pithos/o?update', append)).status).toBe(204)
    expected = Buffer.concat([expected, added])
    expect((await content(alice, 'o')).equals(expected)).toBe(true)

    const changed = randomContent(3 * BLOCK + 77)
    const range = `bytes 4567-${4567 + changed.length - 1}/*`
    const update = { headers: { ...octets, 'Content-Range': range }, body: changed }
    expect((await alice.send('POST', 'pithos/o?update', update)).status).toBe(204)
    changed.copy(expected, 4567)
    expect((await content(alice, 'o')).equals(expected)).toBe(true)

    const sent = await alice.send('POST', 'pithos?update&format=json', { headers: octets, body: expected })
    const hashes = sent.json() as string[]
    expect([sent.status, hashes.length]).toEqual([202, Math.ceil(expected.length / BLOCK)])
    const list = JSON.stringify({ bytes: expected.length, hashes })
    expect((await alice.send('PUT', 'pithos/listed?hashmap', { headers: TEXT, body: list })).status).toBe(201)
    expect((await content(alice, 'listed')).equals(expected)).toBe(true)

    const wrong = await put(alice, 'wrong', added, { ETag: createHash('md5').update(changed).digest('hex') })
    expect(wrong.status).toBe(422)
    if (threads) expect(receivedInThreads()).toBeGreaterThan(10 * BLOCK)
    else expect(receivedInThreads()).toBe(0)
  })

  test('are one request among others of a connection', async ({ onTestFinished }) => {
    const { cloud, alice, receivedInThreads } = await open(onTestFinished, threads)
    const bodies = Array.from({ length: 3 }, (_, i) => randomContent(2 * BLOCK + 1000 * i + 1))
    const length = (body: Buffer) => ({ ...TEXT, 'Content-Length': String(body.length) })
    // The first bytes come together with the head, the next request together with the last bytes.
    const socket = begin(cloud, alice, 'PUT pithos/o0', length(bodies[0]!), bodies[0]!.subarray(0, 100))
    socket.write(bodies[0]!.subarray(100))
    for (const [i, body] of bodies.entries())
      if (i > 0) socket.write(Buffer.concat([head(alice, `PUT pithos/o${i}`, length(body)), body]))
    socket.write(head(alice, 'HEAD pithos', { Connection: 'close' }))
    const answer = await answerOf(socket)
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 201', 'HTTP/1.1 201', 'HTTP/1.1 201', 'HTTP/1.1 204'])
    for (const [i, body] of bodies.entries()) expect((await content(alice, `o${i}`)).equals(body)).toBe(true)
    expect(receivedInThreads() > 0).toBe(threads)
  })

  test('are asked for when a client waits for that', async ({ onTestFinished }) => {
    const { cloud, alice } = await open(onTestFinished, threads)
    const data = randomContent(2 * BLOCK + 5)
    const headers = { ...TEXT, 'Content-Length': String(data.length), Expect: '100-continue' }
    const socket = begin(cloud, alice, 'PUT pithos/o', headers)
    expect(await answerUntil(socket, /\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    socket.write(data)
    expect(await answerUntil(socket, /\r\n\r\n/)).toMatch(/^HTTP\/1.1 201 /)
    socket.write(head(alice, 'HEAD pithos/o', { Connection: 'close' }))
    expect(await answerOf(socket)).toMatch(/^HTTP\/1.1 200 /)
    expect((await content(alice, 'o')).equals(data)).toBe(true)
  })

  test('that break off leave nothing, and take up no place', async ({ onTestFinished }) => {
    const { cloud, alice } = await open(onTestFinished, threads, { PITHOS_UPLOADS_AT_ONCE: 1 })
    const headers = { ...TEXT, 'Content-Length': String(10 * BLOCK) }
    const half = randomContent(3 * BLOCK + 10)
    const ends: [string, (socket: Socket) => unknown, silenceSeconds?: number][] = [
      ['is cut', (socket) => socket.destroy()],
      ['is reset', (socket) => socket.resetAndDestroy()],
      ['falls silent', () => {}, 3],
    ]
    for (const [name, end, silenceSeconds = 60] of ends) {
      Object.assign(cloud.store.settings, { PITHOS_SILENCE_SECONDS: silenceSeconds })
      const socket = begin(cloud, alice, 'PUT pithos/o', headers)
      socket.write(half)
      await expect.poll(async () => (await cloud.store.blocks.usage()).blocks, { message: name }).toBeGreaterThanOrEqual(3)
      end(socket)
      await expect.poll(async () => (await put(alice, 'next', randomContent(2 * BLOCK))).status).toBe(201)
      await alice.send('DELETE', 'pithos/next')
      for await (const { hash } of cloud.store.blocks.list()) await cloud.store.blocks.remove(hash)
    }
    Object.assign(cloud.store.settings, { PITHOS_SILENCE_SECONDS: 60 })
    const short = begin(cloud, alice, 'PUT pithos/o', headers)
    short.end(half)
    expect(await answerOf(short)).toMatch(/^HTTP\/1.1 400 /)
    expect((await alice.send('HEAD', 'pithos/o')).status).toBe(404)
  })

  test('that are refused in the middle are answered, and the connection goes on', async ({ onTestFinished }) => {
    const { cloud, alice } = await open(onTestFinished, threads)
    const { blocks } = cloud.store
    Object.assign(cloud.store, { blocks: { ...blocks, put: () => Promise.reject(new Error('the disk broke')) } })
    const data = randomContent(12 * BLOCK)
    const socket = begin(cloud, alice, 'PUT pithos/o', { ...TEXT, 'Content-Length': String(data.length) })
    socket.write(data)
    expect(await answerUntil(socket, /internalServerError/)).toMatch(/^HTTP\/1.1 500 /)
    Object.assign(cloud.store, { blocks })
    socket.write(Buffer.concat([head(alice, 'PUT pithos/p', { ...TEXT, 'Content-Length': String(data.length) }), data]))
    expect(await answerUntil(socket, /HTTP\/1.1 \d+/)).toMatch(/^HTTP\/1.1 201 /)
    socket.destroy()
    expect((await content(alice, 'p')).equals(data)).toBe(true)
    const { count } = await cloud.db.one<{ count: string }>(sql`SELECT count(*) FROM object_store.versions`)
    expect(Number(count)).toBe(1)
  })

  test('of many who send nothing hold up nobody', async ({ onTestFinished }) => {
    const { cloud, alice } = await open(onTestFinished, threads)
    const headers = { ...TEXT, 'Content-Length': String(10 * BLOCK) }
    const first = randomContent(10)
    const slow = Array.from({ length: 40 }, () => begin(cloud, alice, 'PUT pithos/slow', headers, first))
    onTestFinished(() => {
      for (const socket of slow) socket.destroy()
    })
    const bob = await cloud.user()
    await bob.send('PUT', 'pithos')
    const data = randomContent(7 * BLOCK)
    expect((await put(bob, 'o', data)).status).toBe(201)
    expect((await content(bob, 'o')).equals(data)).toBe(true)
  })
})
