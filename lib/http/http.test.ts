import { once } from 'node:events'
import { connect } from 'node:net'

import { expect, test } from 'vitest'
import { Fault } from '../fault/index.ts'
import { silentLog } from '../log/index.ts'
import { openHttp, requestPath, Type } from './index.ts'

const Body = Type.Object({
  server: Type.Object({ name: Type.String(), ram: Type.Integer({ maximum: 2 ** 31 }) }, { additionalProperties: false }),
})

function openApp() {
  const app = openHttp({ log: silentLog })
  app.post('/servers', { schema: { body: Body } }, async ({ body }) => ({ name: body.server.name }))
  app.get('/limit', async () => ({ limit: 2n ** 63n - 1n }))
  app.get('/fault', async () => {
    throw new Fault('overLimit', 'No more', { headers: { 'Retry-After': '9' } })
  })
  app.get('/bug', async () => {
    throw new Error('inner secret')
  })
  app.get('/raw/*', async (request) => requestPath(request))
  return app
}

test.each([
  [{ server: { name: 1, ram: 2 } }, /server\.name/],
  [{ server: { ram: 2 } }, /server\.name.*missing/],
  [{ server: { name: 'a', ram: '2' } }, /server\.ram/],
  [{ server: { name: 'a', ram: 2 ** 40 } }, /server\.ram/],
  [{ server: { name: 'a', ram: 2, colour: 'red' } }, /server\.colour.*not known/],
  [{}, /server.*missing/],
  [[], /body/],
])('%j is refused with the name of the field', async (payload, message) => {
  const answer = await openApp().inject({ method: 'POST', url: '/servers', payload })
  expect(answer.statusCode).toBe(400)
  expect(answer.json().badRequest).toMatchObject({ code: 400, message: expect.stringMatching(message) })
})

test('broken JSON is a bad request', async () => {
  const answer = await openApp().inject({
    method: 'POST',
    url: '/servers',
    payload: '{"server":',
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.statusCode).toBe(400)
  expect(answer.json().badRequest.message).toMatch(/not valid JSON/)
})

test.each(['/raw/%zz', '/raw/%ff%fe', '/raw/%'])('%s is a bad request, in words', async (url) => {
  const answer = await openApp().inject(url)
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toEqual({ badRequest: { code: 400, message: expect.stringMatching(/escape/), details: '' } })
})

test('a bigint is written as an integer', async () => {
  expect((await openApp().inject('/limit')).body).toBe('{"limit":9223372036854775807}')
})

test('a fault is answered as it is, a bug without a word about the inside', async () => {
  const app = openApp()
  const fault = await app.inject('/fault')
  expect([fault.statusCode, fault.headers['retry-after'], fault.json().overLimit.message]).toEqual([413, '9', 'No more'])
  const bug = await app.inject('/bug')
  expect(bug.statusCode).toBe(500)
  expect(bug.body).not.toContain('inner secret')
  expect((await app.inject('/nowhere')).statusCode).toBe(404)
})

test('the raw path keeps escapes', async () => {
  expect((await openApp().inject('/raw/a%2Fb//c?x=1')).body).toBe('/raw/a%2Fb//c')
})

test.each([
  ['refused before the body is sent', '401 Unauthorized'],
  ['told to send its body', '100 Continue'],
])('a client that waits for 100 Continue is %s', async (_what, status) => {
  await using app = openApp()
  app.addHook('onRequest', async () => {
    if (status.startsWith('401')) throw new Fault('unauthorized', 'Who are you?')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  const body = JSON.stringify({ server: { name: 'a', ram: 1 } })
  const head = [
    'POST /servers HTTP/1.1',
    'Host: x',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  const [first] = await once(socket, 'data')
  expect(String(first).split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`)
  if (status.startsWith('100')) {
    socket.write(body)
    const [second] = await once(socket, 'data')
    expect(String(second)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\{"name":"a"\}$/)
  }
  socket.destroy()
})

test.each<[string, Record<string, string>, string, string, string]>([
  ['a stranger', { 'x-client-ip': '10.0.0.9', 'x-forwarded-protocol': 'https' }, '192.0.2.1', '192.0.2.1', 'http'],
  ['a trusted service', { 'x-client-ip': '10.0.0.9' }, '127.0.0.1', '10.0.0.9', 'http'],
  ['a trusted service that says nonsense', { 'x-client-ip': 'nowhere' }, '127.0.0.1', '127.0.0.1', 'http'],
  [
    'a client behind a trusted proxy',
    { 'x-client-ip': '10.0.0.9', 'x-forwarded-for': '192.0.2.1' },
    '127.0.0.1',
    '192.0.2.1',
    'http',
  ],
  [
    'a trusted service behind a trusted proxy',
    { 'x-client-ip': '10.0.0.9', 'x-forwarded-for': '127.0.0.2' },
    '127.0.0.1',
    '10.0.0.9',
    'http',
  ],
  ['a trusted proxy with encryption', { 'x-forwarded-protocol': 'https' }, '127.0.0.1', '127.0.0.1', 'https'],
])('the address and encryption that %s tells of', async (_who, headers, remoteAddress, ip, protocol) => {
  const app = openHttp({ log: silentLog, trustProxy: ['127.0.0.0/8'] })
  app.get('/', async (request) => ({ ip: request.ip, protocol: request.protocol }))
  expect((await app.inject({ url: '/', headers, remoteAddress })).json()).toEqual({ ip, protocol })
})

test('without trusted proxies nobody tells of other addresses', async () => {
  const app = openHttp({ log: silentLog })
  app.get('/', async (request) => ({ ip: request.ip }))
  const headers = { 'x-client-ip': '10.0.0.9', 'x-forwarded-for': '10.0.0.8' }
  expect((await app.inject({ url: '/', headers, remoteAddress: '127.0.0.1' })).json()).toEqual({ ip: '127.0.0.1' })
})

const GET = 'GET /limit HTTP/1.1\r\nHost: a\r\n'
const POST = 'POST /servers HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 400, /./],
  ['a method that nobody knows', 'BREW /limit HTTP/1.1\r\nHost: a\r\n\r\n', 400, /no method/],
  ['an address with a blank', 'GET /li mit HTTP/1.1\r\nHost: a\r\n\r\n', 400, /./],
  ['a header without a name', `${GET}: x\r\n\r\n`, 400, /A header/],
  ['a header with a control character', `${GET}X-A: a\u0000b\r\n\r\n`, 400, /./],
  ['no length', `${POST}Content-Length: many\r\n\r\n`, 400, /Content-Length/],
  ['two lengths', `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400, /Content-Length/],
  ['length and chunks', `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`, 400, /Transfer-Encoding/],
  ['chunks that are none', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400, /chunks/],
  ['headers without end', `${GET}X-A: ${'a'.repeat(70_000)}\r\n\r\n`, 431, /64 KiB/],
])('%s is answered in plain words, and the connection ends', async (_what, sent, status, message) => {
  const app = openApp()
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
  try {
    const answer = await exchange(port, sent)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toMatch(/\r\nContent-Type: text\/plain; charset=utf-8\r\n/)
    expect(answer).toMatch(/\r\nConnection: close\r\n/)
    expect(answer.split('\r\n\r\n')[1]).toMatch(message)
    expect((await fetch(`http://127.0.0.1:${port}/limit`)).status).toBe(200)
  } finally {
    await app.close()
  }
})

test('headers that do not come in time are answered 408, and an answer under way is not broken into', async () => {
  const app = openApp()
  app.get('/slow', (_request, reply) => {
    reply.raw.writeHead(200, { 'Content-Length': '10' })
    reply.raw.write('begun')
    reply.hijack()
  })
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
  try {
    app.server.once('connection', (socket) => {
      socket.once('data', () =>
        app.server.emit('clientError', Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket),
      )
    })
    expect(await exchange(port, 'GET /limit HTTP/1.1\r\n')).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/)
    const broken = await exchange(port, 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n', 'and then no request\r\n\r\n')
    expect(broken).toMatch(/begun$/)
  } finally {
    await app.close()
  }
})

/** Sends these one after the other, each after something was answered; everything that was answered until the end. */
async function exchange(port: number, ...sent: string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  const [first, ...others] = sent
  socket.write(first!, 'latin1')
  let answer = ''
  socket.on('data', (data) => {
    answer += data
    const next = others.shift()
    if (next !== undefined) socket.write(next, 'latin1')
  })
  socket.on('error', () => undefined) // reset while sending what nobody reads any more
  await new Promise((resolve) => socket.once('close', resolve))
  return answer
}
