// Large objects on their way to clients, which the system sends from their files: real files, real sockets.
import { randomInt } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { truncate } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { type Blocks, hashBlock, openFiles } from '@synnefo/engine-blocks'
import { closeHttp } from '@synnefo/lib/http'
import type { SocketIo } from '@synnefo/lib/socket-io'
import { type OnTestFinished, randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import type { TestClient, TestCloud } from '../testing.ts'
import { openAlice, put } from './alice.ts'

const BLOCK = 1024 * 1024
/** More than the system takes for a client that takes nothing. */
const LARGE = 48 * BLOCK

test('any range of an object arrives whole, among many at once and several on one connection', async ({ onTestFinished }) => {
  const { cloud, alice, sentByFiles } = await open(onTestFinished)
  const data = Buffer.concat([
    randomContent(9 * BLOCK + 12_345),
    Buffer.alloc(3 * BLOCK),
    randomContent(77),
    Buffer.alloc(700_000),
  ])
  expect((await put(alice, 'o', data)).status).toBe(201)
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      const client = connection(onTestFinished, cloud)
      for (let round = 0; round < 8; round += 1) {
        const first = randomInt(data.length)
        const last = round === 0 ? data.length - 1 : randomInt(first, data.length)
        client.ask(alice, 'GET', 'o', { Range: `bytes=${first}-${last}` })
        const { head, body } = await client.answer()
        expect(head).toMatch(/^HTTP\/1.1 206 /)
        expect(body.equals(data.subarray(first, last + 1))).toBe(true)
      }
    }),
  )
  expect(sentByFiles()).toBeGreaterThan(0)
  const several = await alice.send('GET', 'pithos/o', { headers: { Range: `bytes=0-${2 * BLOCK},${BLOCK}-${5 * BLOCK}` } })
  expect(several.status).toBe(206)
  expect(several.body.includes(data.subarray(BLOCK, 5 * BLOCK + 1))).toBe(true)
})

test('requests behind a large one are answered after it, in order', async ({ onTestFinished }) => {
  const { cloud, alice } = await open(onTestFinished)
  const data = randomContent(6 * BLOCK + 3)
  await put(alice, 'o', data)
  await put(alice, 'small', 'little')
  const client = connection(onTestFinished, cloud)
  client.ask(alice, 'GET', 'o')
  client.ask(alice, 'HEAD', 'o')
  client.ask(alice, 'GET', 'small')
  client.ask(alice, 'GET', 'o', { Range: `bytes=5-${4 * BLOCK}` })
  client.ask(alice, 'GET', 'o', { Connection: 'close' })
  expect((await client.answer()).body.equals(data)).toBe(true)
  expect((await client.answer({ bodiless: true })).head).toContain(`content-length: ${data.length}\r\n`)
  expect((await client.answer()).body.toString()).toBe('little')
  expect((await client.answer()).body.equals(data.subarray(5, 4 * BLOCK + 1))).toBe(true)
  expect((await client.answer()).body.equals(data)).toBe(true)
  await expect.poll(() => client.ended()).toBe(true)
})

test('a client that goes away in the middle leaves nothing open', async ({ onTestFinished }) => {
  const { cloud, alice, openBlocks } = await open(onTestFinished)
  await put(alice, 'o', Buffer.alloc(LARGE, 'content'))
  await alice.send('GET', 'pithos/o') // from here on the thread opens nothing more
  const before = readdirSync('/proc/self/fd').length
  for (const leave of ['destroy', 'resetAndDestroy', 'break'] as const) {
    const client = connection(onTestFinished, cloud)
    client.ask(alice, 'GET', 'o')
    await client.begun()
    await expect.poll(openBlocks).toBeGreaterThan(0)
    if (leave === 'break') client.socket.write('GARBAGE that is no request\r\n\r\n')
    else client.socket[leave]()
    await expect.poll(openBlocks).toBe(0)
    client.socket.destroy()
  }
  await expect.poll(() => readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before)
})

test('a slow client gets all of it, and does not hold up others', async ({ onTestFinished }) => {
  const { cloud, alice } = await open(onTestFinished)
  const data = Buffer.concat(Array.from({ length: 48 }, (_, i) => Buffer.alloc(BLOCK, `${i} `)))
  await put(alice, 'o', data)
  const waiting = connection(onTestFinished, cloud)
  waiting.ask(alice, 'GET', 'o')
  await waiting.begun()
  for (let others = 0; others < 3; others += 1) expect((await alice.send('GET', 'pithos/o')).body.equals(data)).toBe(true)
  expect((await waiting.answer()).body.equals(data)).toBe(true)

  Object.assign(cloud.store.settings, { PITHOS_SILENCE_SECONDS: 3 })
  const slow = connection(onTestFinished, cloud)
  slow.ask(alice, 'GET', 'o')
  const answer = slow.answer()
  slow.socket.on('data', () => {
    slow.socket.pause()
    setTimeout(() => slow.socket.resume(), 5)
  })
  expect((await answer).body.equals(data)).toBe(true)
})

test('a file that becomes shorter while it is sent cuts the connection', async ({ onTestFinished }) => {
  const { cloud, alice, blocks, openBlocks } = await open(onTestFinished)
  const data = randomContent(LARGE)
  await put(alice, 'o', data)
  const client = connection(onTestFinished, cloud)
  client.ask(alice, 'GET', 'o')
  await client.begun()
  for (let at = BLOCK; at < LARGE; at += BLOCK) await truncate(blocks.pathOf(await hashBlock(data.subarray(at, at + BLOCK))), 5)
  await expect(client.answer()).rejects.toThrow('cut')
  await expect.poll(openBlocks).toBe(0)
})

test('a server that stops does not wait longer for a client that takes nothing than it says', async ({ onTestFinished }) => {
  const { cloud, alice, openBlocks } = await open(onTestFinished)
  await put(alice, 'o', Buffer.alloc(LARGE, 'content'))
  const client = connection(onTestFinished, cloud)
  client.ask(alice, 'GET', 'o')
  await client.begun()
  await closeHttp(cloud.app, 100)
  await expect.poll(openBlocks).toBe(0)
  await expect(client.answer()).rejects.toThrow('cut')
})

test('all of it arrives too where the system cannot be asked to send files', async ({ onTestFinished }) => {
  const { cloud, alice } = await open(onTestFinished)
  Object.assign(cloud.store, { socketIo: undefined })
  const data = randomContent(5 * BLOCK + 1)
  await put(alice, 'o', data)
  expect((await alice.send('GET', 'pithos/o')).body.equals(data)).toBe(true)
})

async function open(onTestFinished: OnTestFinished) {
  const blocks = await openFiles({ folder: await temporaryFolder(onTestFinished) })
  onTestFinished(() => blocks.close())
  let opened = 0
  const open: Blocks['open'] = async (hash) => {
    const block = await blocks.open(hash)
    if (!block) return undefined
    opened += 1
    const close = () => {
      opened -= 1
      return block.close()
    }
    return { ...block, close }
  }
  const settings = { PITHOS_BACKEND_BLOCK_SIZE: BLOCK }
  const { cloud, alice } = await openAlice(onTestFinished, { blocks: { ...blocks, open }, settings })
  let sent = 0
  const { socketIo } = cloud.store
  const hold: SocketIo['hold'] = (socket) => {
    sent += 1
    return socketIo!.hold(socket)
  }
  Object.assign(cloud.store, { socketIo: { ...socketIo, hold } })
  return { cloud, alice, blocks, openBlocks: () => opened, sentByFiles: () => sent }
}

/** A connection of which nothing is taken before an answer is wanted. */
function connection(onTestFinished: OnTestFinished, { url }: TestCloud) {
  const { hostname, port } = new URL(url)
  const socket: Socket = connect({ port: Number(port), host: hostname })
  socket.on('error', () => {}) // cutting connections is the business of these tests
  onTestFinished(() => void socket.destroy())
  let pieces: Buffer[] = []
  let received = 0
  let wake = () => {}
  const take = (piece: Buffer) => {
    pieces.push(piece)
    received += piece.length
    wake()
  }
  socket.on('close', () => wake())
  /** So many bytes of what came and was not answered yet; the rest is for the next answer. */
  async function next(bytes: number): Promise<Buffer> {
    while (received < bytes) {
      if (socket.destroyed) throw new Error('the connection was cut')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    const all = Buffer.concat(pieces)
    pieces = [all.subarray(bytes)]
    received -= bytes
    return all.subarray(0, bytes)
  }
  async function head(): Promise<string> {
    for (;;) {
      const end = Buffer.concat(pieces).indexOf('\r\n\r\n')
      if (end !== -1) return (await next(end + 4)).toString('latin1')
      const begun = await next(received + 1)
      pieces.unshift(begun)
      received += begun.length
    }
  }
  return {
    socket,
    ask(who: TestClient, method: string, name: string, headers: Record<string, string> = {}) {
      const fields = Object.entries({ Host: 'cloud', 'X-Auth-Token': who.token, ...headers })
      const lines = fields.map(([field, value]) => `${field}: ${value}\r\n`).join('')
      socket.write(`${method} /pithos/object-store/v1/${who.userId}/pithos/${name} HTTP/1.1\r\n${lines}\r\n`)
    },
    /** The reply has begun, and nothing of it is taken. */
    begun: () => new Promise((resolve) => socket.once('readable', resolve)),
    ended: () => socket.destroyed,
    async answer({ bodiless = false } = {}): Promise<{ head: string; body: Buffer }> {
      if (socket.listenerCount('data') === 0) socket.on('data', take).resume()
      const said = await head()
      const length = bodiless ? 0 : Number(/^content-length: (\d+)/im.exec(said)![1])
      return { head: said, body: await next(length) }
    },
  }
}
