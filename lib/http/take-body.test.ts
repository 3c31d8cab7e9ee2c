// What is relied on here Node does not promise: these tests tell when a later one does it otherwise.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { silentLog } from '../log/index.ts'
import { descriptorOf, openSocketIo } from '../socket-io/index.ts'
import { type OnTestFinished, PATIENCE_MS } from '../testing/index.ts'
import { type TakenBody, takeBody } from './take-body.ts'

const MEBIBYTE = 1024 * 1024

async function serve(
  onTestFinished: OnTestFinished,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Socket> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.end(`failed: ${error.message}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.setEncoding('latin1')
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  return client
}

const head = (body: Buffer, headers = `Content-Length: ${body.length}\r\n`) =>
  Buffer.from(`PUT / HTTP/1.1\r\nHost: cloud\r\n${headers}\r\n`)

async function answers(client: Socket, count: number): Promise<string[]> {
  let text = ''
  const texts = () => [...text.matchAll(/\r\n\r\n<([^>]*)>/g)].map(([, body]) => body!)
  for await (const [piece] of dataOf(client)) {
    text += piece
    if (texts().length >= count) break
  }
  return texts()
}

async function* dataOf(client: Socket): AsyncGenerator<[string]> {
  for (;;) yield (await once(client, 'data')) as [string]
}

/** Receives so many bytes as the connection has them. */
async function receive({ read }: TakenBody, request: IncomingMessage, onTestFinished: OnTestFinished, bytes: number) {
  const socketIo = openSocketIo({ log: silentLog })!
  onTestFinished(() => socketIo.close())
  const memory = Buffer.from(new SharedArrayBuffer(bytes))
  await socketIo.receive(descriptorOf(request.socket)!, memory, { silenceMillis: PATIENCE_MS })
  return Buffer.concat([read ?? Buffer.alloc(0), memory])
}

test('a body is read from the connection, and its request ends as if Node had read it', async ({ onTestFinished }) => {
  const bodies = [randomBytes(3 * MEBIBYTE + 7), randomBytes(MEBIBYTE)]
  const received: Buffer[] = []
  const client = await serve(onTestFinished, async (request, response) => {
    const taken = await takeBody(request, response)
    if (!taken) return void response.end('<not taken>')
    const body = await receive(taken, request, onTestFinished, taken.left)
    received.push(body)
    expect(request.complete).toBe(false)
    taken.giveBack(taken.left)
    expect(request.complete).toBe(true)
    request.resume()
    await once(request, 'end')
    response.end(`<${body.length}>`)
  })
  // The first bytes of a body come with its head, the next request with the last ones.
  client.write(Buffer.concat([...bodies.flatMap((body) => [head(body), body]), head(Buffer.alloc(0))]))
  expect(await answers(client, 3)).toEqual([...bodies.map(({ length }) => `${length}`), 'not taken'])
  for (const [i, body] of bodies.entries()) expect(received[i]!.equals(body)).toBe(true)
})

test('a body that is given back in the middle goes on by way of the request', async ({ onTestFinished }) => {
  const body = randomBytes(4 * MEBIBYTE)
  let rest = 0
  const client = await serve(onTestFinished, async (request, response) => {
    const taken = await takeBody(request, response)
    if (!taken) return void response.end('<not taken>')
    await receive(taken, request, onTestFinished, MEBIBYTE)
    taken.giveBack(MEBIBYTE)
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    rest = taken.left - MEBIBYTE
    response.end(`<${Buffer.concat(pieces).equals(body.subarray(body.length - rest))}>`)
  })
  client.write(Buffer.concat([head(body), body, head(Buffer.alloc(0))]))
  expect(await answers(client, 2)).toEqual(['true', 'not taken'])
  expect(rest).toBeGreaterThan(2 * MEBIBYTE)
})

test('nothing is taken where somebody read already, the length is unknown, or a reply is on its way', async ({
  onTestFinished,
}) => {
  const body = randomBytes(MEBIBYTE)
  const ways: ((request: IncomingMessage, response: ServerResponse) => unknown)[] = [
    (request) => once(request, 'readable').then(() => request.read(1)),
    () => undefined,
    (_request, response) => response.write('begun'),
  ]
  const chunked = Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
  const client = await serve(onTestFinished, async (request, response) => {
    await ways.shift()!(request, response)
    const taken = await takeBody(request, response)
    request.resume()
    response.end(taken ? '\r\n\r\n<taken>' : '\r\n\r\n<not taken>')
  })
  client.write(Buffer.concat([head(body), body, head(body, 'Transfer-Encoding: chunked\r\n'), chunked, head(body), body]))
  expect(await answers(client, 3)).toEqual(['not taken', 'not taken', 'not taken'])
})

test('a body that Node read on meanwhile is not taken for whole, and the connection is cut', async ({ onTestFinished }) => {
  const body = randomBytes(4 * MEBIBYTE)
  const failure = Promise.withResolvers<unknown>()
  const client = await serve(onTestFinished, async (request, response) => {
    const taken = (await takeBody(request, response))!
    const socket = request.socket as Socket & { _paused: boolean }
    socket._paused = false
    socket.resume()
    await once(request, 'readable')
    try {
      taken.giveBack(taken.left)
      failure.resolve(undefined)
    } catch (error) {
      failure.resolve(error)
    }
  })
  client.on('error', () => {}) // it is cut while it sends
  client.write(Buffer.concat([head(body), body]))
  await new Promise((resolve) => client.on('close', resolve))
  expect(await failure.promise).toMatchObject({ message: 'the body of a request was read from two sides' })
})
