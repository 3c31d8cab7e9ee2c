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
