import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import { silentLog } from '../log/index.ts'
import { temporaryFolder } from '../testing/index.ts'
import {
  ConnectionGone,
  ConnectionSilent,
  descriptorOf,
  FileTooShort,
  type HeldSocket,
  openSocketIo,
  type SocketIo,
} from './index.ts'

type OnTestFinished = TestContext['onTestFinished']

const MEBIBYTE = 1024 * 1024
const LONG = { silenceMillis: 3600_000 }

test('sends parts of a file, each byte once and in order, among what Node writes to the same socket', async (context) => {
  const { io, ours, theirs, fileOf } = await start(context)
  const content = randomBytes(5 * MEBIBYTE + 4321)
  const file = fileOf(content)
  const expected: Buffer[] = []
  const received = collect(theirs)
  for (let part = 0; part < 20; part += 1) {
    const between = randomBytes(randomInt(1, 100_000))
    await written(ours, between)
    const from = randomInt(content.length)
    const bytes = randomInt(content.length - from + 1)
    await sendFile(io, descriptorOf(ours)!, file, from, bytes, LONG)
    expected.push(between, content.subarray(from, from + bytes))
  }
  ours.end()
  expect((await received).equals(Buffer.concat(expected))).toBe(true)
})

test('receives into shared memory, each byte once and in order', async (context) => {
  const { io, ours, theirs } = await start(context)
  const content = randomBytes(9 * MEBIBYTE + 17)
  theirs.end(content)
  const received: Buffer[] = []
  for (;;) {
    const into = shared(randomInt(1, 3 * MEBIBYTE))
    const bytes = await io.receive(descriptorOf(ours)!, into, LONG)
    received.push(Buffer.from(into.subarray(0, bytes)))
    if (bytes < into.length) break // the other side has ended
  }
  expect(Buffer.concat(received).equals(content)).toBe(true)
})

test('does not take more of a connection than it was asked for', async (context) => {
  const { io, ours, theirs } = await start(context)
  theirs.write('four, and the rest')
  const into = shared(4)
  expect(await io.receive(descriptorOf(ours)!, into, LONG)).toBe(4)
  expect(Buffer.from(into).toString()).toBe('four')
  ours.resume()
  expect(String((await once(ours, 'data'))[0])).toBe(', and the rest')
})

test('waits for a reader that takes its time', async (context) => {
  const { io, ours, theirs, fileOf } = await start(context)
  const content = randomBytes(24 * MEBIBYTE)
  const sent = sendFile(io, descriptorOf(ours)!, fileOf(content), 0, content.length, LONG).then(() => ours.end())
  let taken = 0
  for await (const piece of theirs.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    expect(piece.equals(content.subarray(taken, taken + piece.length))).toBe(true)
    taken += piece.length
    if (taken % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await sent
  expect(taken).toBe(content.length)
})

test('tells when the other side goes away', async (context) => {
  const { io, ours, theirs, fileOf, connection } = await start(context)
  const sending = sendFile(io, descriptorOf(ours)!, fileOf(Buffer.alloc(64 * MEBIBYTE)), 0, 64 * MEBIBYTE, LONG)
  await once(theirs, 'data')
  theirs.resetAndDestroy()
  await expect(sending).rejects.toThrow(ConnectionGone)

  const second = await connection()
  const receiving = io.receive(descriptorOf(second.ours)!, shared(100), LONG)
  second.theirs.resetAndDestroy()
  await expect(receiving).rejects.toThrow(ConnectionGone)
})

test('gives up on who is silent, and on nobody who takes or sends a little', async (context) => {
  const { io, ours, theirs, fileOf, connection } = await start(context)
  const file = fileOf(Buffer.alloc(64 * MEBIBYTE))
  await expect(sendFile(io, descriptorOf(ours)!, file, 0, 64 * MEBIBYTE, { silenceMillis: 300 })).rejects.toThrow(
    ConnectionSilent,
  )
  expect(theirs.destroyed).toBe(false)

  const second = await connection()
  await expect(io.receive(descriptorOf(second.ours)!, shared(10), { silenceMillis: 100 })).rejects.toThrow(ConnectionSilent)

  const third = await connection()
  const started = performance.now()
  const slow = io.receive(descriptorOf(third.ours)!, shared(50), { silenceMillis: 4000 })
  const drip = setInterval(() => third.theirs.write('.'), 100)
  context.onTestFinished(() => clearInterval(drip))
  expect(await slow).toBe(50)
  expect(performance.now() - started).toBeGreaterThan(4000)
})

test('ends soon when it is aborted, and touches the memory no more', async (context) => {
  const { io, ours, theirs, fileOf } = await start(context)
  const abort = new AbortController()
  const into = shared(100)
  const receiving = io.receive(descriptorOf(ours)!, into, { ...LONG, signal: abort.signal })
  abort.abort(new Error('no longer wanted'))
  await expect(receiving).rejects.toThrow('no longer wanted')
  theirs.write('for somebody else')
  ours.resume()
  expect(String((await once(ours, 'data'))[0])).toBe('for somebody else')
  expect(Buffer.from(into).equals(Buffer.alloc(100))).toBe(true)

  const other = new AbortController()
  const sending = sendFile(io, descriptorOf(ours)!, fileOf(Buffer.alloc(MEBIBYTE)), 0, MEBIBYTE, {
    ...LONG,
    signal: other.signal,
  })
  theirs.resume()
  await sending // what has ended is not disturbed
  other.abort()
  await expect(io.receive(descriptorOf(ours)!, into, { ...LONG, signal: other.signal })).rejects.toThrow('aborted')
})

test('two hundred who take nothing do not hold up one who does', async (context) => {
  const { io, ours, theirs, fileOf, connection } = await start(context)
  const content = randomBytes(16 * MEBIBYTE)
  const file = fileOf(content)
  const abort = new AbortController()
  const ends: Promise<unknown>[] = []
  for (let each = 0; each < 200; each += 1) {
    const silent = await connection()
    const sending = sendFile(io, descriptorOf(silent.ours)!, file, 0, content.length, { ...LONG, signal: abort.signal })
    ends.push(sending.catch((error) => error))
  }
  for (let round = 0; round < 5; round += 1) {
    const received = taking(theirs, content.length)
    await sendFile(io, descriptorOf(ours)!, file, 0, content.length, LONG)
    expect((await received).equals(content)).toBe(true)
  }
  abort.abort()
  expect((await Promise.all(ends)).every((error) => error instanceof DOMException)).toBe(true)
})

test('files that are asked for together go one after the other, and none after one that fails', async (context) => {
  const { io, ours, theirs, fileOf } = await start(context)
  const contents = Array.from({ length: 20 }, () => randomBytes(randomInt(1, 2 * MEBIBYTE)))
  const received = collect(theirs)
  const held = io.hold(descriptorOf(ours)!)
  await Promise.all(contents.map((content) => held.sendFile(fileOf(content), 0, content.length, LONG)))
  const [good, short] = [fileOf(Buffer.alloc(10, 'a')), fileOf(Buffer.alloc(10, 'b'))]
  const ends = [held.sendFile(short, 0, 11, LONG), held.sendFile(good, 0, 10, LONG), held.sendFile(good, 0, 10, LONG)]
  expect((await Promise.allSettled(ends)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  await expect(held.sendFile(good, 0, 10, LONG)).rejects.toThrow('before it')
  held.release()
  ours.end()
  expect((await received).equals(Buffer.concat([...contents, Buffer.alloc(10, 'b')]))).toBe(true)
})

test('of files that are asked for together, what is behind one that is aborted is not sent', async (context) => {
  const { io, ours, theirs, fileOf } = await start(context)
  const [large, small] = [fileOf(Buffer.alloc(64 * MEBIBYTE, 'l')), fileOf(Buffer.alloc(10, 's'))]
  const abort = new AbortController()
  const held = io.hold(descriptorOf(ours)!)
  const first = held.sendFile(large, 0, 32 * MEBIBYTE, LONG)
  const ends = [held.sendFile(small, 0, 10, { ...LONG, signal: abort.signal }), held.sendFile(small, 0, 10, LONG)]
  held.release()
  const settled = Promise.allSettled(ends)
  abort.abort(new Error('no longer wanted'))
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const received = collect(theirs)
  await first
  ours.end()
  expect((await received).equals(Buffer.alloc(32 * MEBIBYTE, 'l'))).toBe(true)
})

test('says so when the file is shorter than what is to be sent', async (context) => {
  const { io, ours, theirs, fileOf } = await start(context)
  theirs.resume()
  await expect(sendFile(io, descriptorOf(ours)!, fileOf(Buffer.alloc(1000)), 0, 1001, LONG)).rejects.toThrow(FileTooShort)
})

test('what is under way belongs to its connection, even when Node has closed that and gives the number to another', async (context) => {
  const { io, ours, fileOf, connection } = await start(context)
  const secret = Buffer.alloc(64 * MEBIBYTE, 'secret')
  const file = fileOf(secret)
  await sendFile(io, descriptorOf(ours)!, file, 0, 1, LONG) // from here on the thread opens nothing more
  const number = descriptorOf(ours)!
  const abort = new AbortController()
  const sending = sendFile(io, number, file, 0, secret.length, { ...LONG, signal: abort.signal })
  ours.destroy()
  await once(ours, 'close')
  const others = [await connection(), await connection(), await connection()]
  expect(others.flatMap(({ ours, theirs }) => [descriptorOf(ours), descriptorOf(theirs)])).toContain(number)
  const received = others.map(({ ours, theirs }) => Promise.all([collect(ours), collect(theirs)]))
  abort.abort()
  await expect(sending).rejects.toThrow('aborted')
  for (const { ours, theirs } of others) {
    ours.end('from here')
    theirs.end('from there')
  }
  for (const pair of received) expect((await pair).map(String)).toEqual(['from there', 'from here'])
})

test('threads come with work and go when there has been none for a while', async (context) => {
  const { ours, theirs, fileOf } = await start(context)
  const io = openSocketIo({ log: silentLog, idleMillis: 1 })!
  theirs.resume()
  const file = fileOf(Buffer.alloc(1000))
  await expect.poll(threads).toBe(0)
  const receiving = io.receive(descriptorOf(ours)!, shared(10), LONG)
  await expect.poll(threads).toBe(1)
  theirs.write('0123456789')
  expect(await receiving).toBe(10)
  await expect.poll(threads).toBe(0)
  await sendFile(io, descriptorOf(ours)!, file, 0, 1000, LONG) // and come again
  await io.close()
})

test('leaves no descriptor and no thread behind', async (context) => {
  const { io, ours, theirs, fileOf } = await start(context)
  const file = fileOf(Buffer.alloc(MEBIBYTE))
  theirs.resume()
  const before = descriptors()
  await Promise.all(Array.from({ length: 50 }, () => sendFile(io, descriptorOf(ours)!, file, 0, 1000, LONG)))
  const receiving = io.receive(descriptorOf(ours)!, shared(10), LONG)
  await Promise.all([expect(receiving).rejects.toThrow('ended'), io.close()])
  expect(descriptors()).toBe(before)
  await expect.poll(threads).toBe(0)
  await expect(sendFile(io, descriptorOf(ours)!, file, 0, 10, LONG)).rejects.toThrow('closed')
})

test('tells no descriptor of what is no plain connection', async (context) => {
  const { ours } = await start(context)
  expect(descriptorOf(ours)).toBeGreaterThan(2)
  ours.destroy()
  expect(descriptorOf(ours)).toBeUndefined()
})

/** Threads, files, and one connection after the other. Our end of one reads nothing that it is not asked for. */
async function start({ onTestFinished }: { onTestFinished: OnTestFinished }) {
  const io = openSocketIo({ log: silentLog }) as SocketIo
  onTestFinished(() => io.close())
  const folder = await temporaryFolder(onTestFinished)
  const fileOf = (content: Buffer) => {
    const path = join(folder, randomUUID())
    writeFileSync(path, content)
    const file = openSync(path, 'r')
    onTestFinished(() => closeSync(file))
    return file
  }
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const connection = async () => {
    const theirs = connect({ port: (server.address() as { port: number }).port, host: '127.0.0.1' })
    const [ours] = (await once(server, 'connection')) as [Socket]
    for (const socket of [ours, theirs]) {
      socket.on('error', () => {})
      onTestFinished(() => void socket.destroy())
    }
    return { ours, theirs }
  }
  return { io, fileOf, connection, ...(await connection()) }
}

/** One file, for which the connection is held. */
async function sendFile(io: SocketIo, socket: number, ...file: Parameters<HeldSocket['sendFile']>): Promise<void> {
  const held = io.hold(socket)
  try {
    await held.sendFile(...file)
  } finally {
    held.release()
  }
}

const shared = (bytes: number) => new Uint8Array(new SharedArrayBuffer(bytes))
const descriptors = () => readdirSync('/proc/self/fd').length
/** Of those that move bytes. One that was waited for may still be listed for a moment. */
const threads = () => readdirSync('/proc/self/task').filter((id) => nameOf(id) === 'socket-io').length

function nameOf(thread: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()
  } catch {
    return '' // it has ended since
  }
}

async function collect(from: Socket): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of from) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

/** The next so many bytes. */
function taking(from: Socket, bytes: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    let left = bytes
    from.on('data', function take(piece: Buffer) {
      pieces.push(piece)
      left -= piece.length
      if (left > 0) return
      from.off('data', take)
      resolve(Buffer.concat(pieces))
    })
  })
}

function written(to: Socket, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => to.write(data, (error) => (error ? reject(error) : resolve())))
}
