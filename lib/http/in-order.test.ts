import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { expect, type TestContext, test } from 'vitest'
import { silentLog } from '../log/index.ts'
import { openHttp } from './index.ts'

type OnTestFinished = TestContext['onTestFinished']

/** A server on which a value is written and read, and a connection to it. */
async function start(onTestFinished: OnTestFinished) {
  const app = openHttp({ log: silentLog })
  onTestFinished(() => app.close())
  const written = Promise.withResolvers<void>()
  const served: string[] = []
  const arrived: IncomingMessage[] = []
  app.server.on('request', (request) => void arrived.push(request))
  let value = 'old'
  app.put('/value', async ({ body }, reply) => {
    served.push('begins to write')
    await written.promise
    value = (body as { value: string }).value
    return reply.send('written')
  })
  app.get('/value', () => {
    served.push('reads')
    return value
  })
  app.get('/last', (_, reply) => reply.header('Connection', 'close').send('the last one'))
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const client = connect(Number(port), '127.0.0.1').setEncoding('latin1')
  client.on('error', () => {}) // where it is cut off
  const closed = new Promise((resolve) => client.once('close', resolve))
  onTestFinished(() => void client.destroy())
  let text = ''
  client.on('data', (piece) => {
    text += piece
  })
  return { app, arrived, client, closed, served, write: written.resolve, text: () => text }
}

const put = (value: string) => {
  const body = JSON.stringify({ value })
  return `PUT /value HTTP/1.1\r\nHost: cloud\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: cloud\r\n\r\n`

test('what is sent behind a write without waiting for its answer sees what was written', async ({ onTestFinished }) => {
  const { arrived, client, closed, served, write, text } = await start(onTestFinished)
  client.write(put('new') + get('/value') + get('/value') + get('/last'))
  await expect.poll(() => arrived).toHaveLength(4)
  await expect.poll(() => served).toHaveLength(1)
  expect(served).toEqual(['begins to write'])
  write()
  await closed
  const bodies = text()
    .split(/HTTP\/1\.1 200 OK\r\n/)
    .map((answer) => answer.split('\r\n\r\n')[1])
  expect(bodies).toEqual([undefined, 'written', 'new', 'new', 'the last one'])
})

test('nothing is served behind an answer that ends the connection, nor for a client that went away', async ({
  onTestFinished,
}) => {
  const { client, closed, served } = await start(onTestFinished)
  client.write(get('/value') + get('/last') + put('new'))
  await closed
  expect(served).toEqual(['reads'])

  const other = await start(onTestFinished)
  other.client.write(put('new') + get('/value'))
  await expect.poll(() => other.arrived).toHaveLength(2)
  await expect.poll(() => other.served).toHaveLength(1)
  const gone = new Promise((resolve) => other.arrived[0]!.socket.once('close', resolve))
  other.client.resetAndDestroy()
  await gone
  other.write()
  await other.app.close()
  expect(other.served).toEqual(['begins to write'])
})

test('a client that sends more than a thousand requests ahead is cut off', async ({ onTestFinished }) => {
  const { client, closed, served } = await start(onTestFinished)
  client.write(put('new'))
  await expect.poll(() => served).toHaveLength(1)
  client.write(get('/value').repeat(1001))
  await closed
  expect(served).toEqual(['begins to write'])
})
