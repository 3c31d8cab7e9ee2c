import { expect, test } from 'vitest'
import { Fault } from '../fault/index.ts'
import { silentLog } from '../log/index.ts'
import { openHttp, openstackDialect, plainSpelling, Type } from './index.ts'

async function openApp() {
  const app = openHttp({ log: silentLog })
  const routes = openstackDialect(async (api) => {
    api.get('/things', async () => ({ things: [] }))
    api.post(
      '/things',
      { schema: { body: Type.Object({ thing: Type.Object({ name: Type.String() }) }) } },
      async (_request, reply) => reply.code(202).send(),
    )
    api.get('/full', async () => {
      throw new Fault('insufficientStorage', 'full')
    })
    await api.register(async (inner) => void inner.get('/:id', async () => ({})), { prefix: '/inner' })
  })
  await app.register(routes, { prefix: '/v2.0' })
  return app
}

test.each([
  ['GET', '/v2.0/nothing', 400, { badRequest: { code: 400, message: 'API endpoint not found', details: '' } }],
  ['DELETE', '/v2.0/things', 405, { notAllowed: { code: 405 } }],
  ['PUT', '/v2.0/inner/5', 405, { notAllowed: { code: 405 } }],
  ['GET', '/v2.0/full', 503, { serviceUnavailable: { code: 503 } }],
] as const)('%s %s answers %i', async (method, url, code, body) => {
  const answer = await (await openApp()).inject({ method, url })
  expect(answer.statusCode).toBe(code)
  expect(answer.json()).toMatchObject(body)
})

test('405 names what is allowed, and nothing is cached', async () => {
  const answer = await (await openApp()).inject({ method: 'DELETE', url: '/v2.0/things' })
  expect(answer.headers).toMatchObject({
    allow: 'GET,POST',
    'cache-control': expect.stringContaining('no-store'),
    vary: 'X-Auth-Token',
  })
})

test.each([
  [{ 'content-type': 'text/plain' }, '{"thing":{"name":"a"}}', 400],
  [{ 'content-type': 'application/json; charset=utf-8' }, '{"thing":{"name":"a"}}', 202],
  [{ 'content-type': 'application/json' }, '[]', 400],
  [{ 'content-type': 'application/json' }, 'null', 400],
])('a body with %j of %j answers %i', async (headers, payload, code) => {
  expect((await (await openApp()).inject({ method: 'POST', url: '/v2.0/things', headers, payload })).statusCode).toBe(code)
})

test.each([
  ['/cyclades/compute/v2.0/servers.json', '/cyclades/compute/v2.0/servers'],
  ['/cyclades/compute/v2.0/servers/', '/cyclades/compute/v2.0/servers'],
  ['/cyclades/compute/v2.0/servers/5.xml', '/cyclades/compute/v2.0/servers/5'],
  ['/cyclades/compute/v2.0/servers/5/', '/cyclades/compute/v2.0/servers/5'],
  ['/cyclades/compute/v2.0/', '/cyclades/compute/v2.0/'],
  ['/cyclades/image/v1.0/images/', '/cyclades/image/v1.0/images/'],
  ['/cyclades/image/v1.0/images/detail.json', '/cyclades/image/v1.0/images/detail'],
  ['/cyclades/compute/v2.0/os-keypairs/my.json', '/cyclades/compute/v2.0/os-keypairs/my.json'],
  ['/cyclades/compute/v2.0/servers/5/metadata/a.xml', '/cyclades/compute/v2.0/servers/5/metadata/a.xml'],
  ['/cyclades/compute/v2.0/servers/5/metadata/', '/cyclades/compute/v2.0/servers/5/metadata'],
])('%s is spelled %s', (written, plain) => {
  expect(plainSpelling(written)).toBe(plain)
})

test('another spelling leads to the same route, with its query', async () => {
  const app = openHttp({ log: silentLog, spelling: plainSpelling })
  app.get('/api/v1/things', async ({ query }) => query)
  expect((await app.inject('/api/v1/things.json?a=b.json')).json()).toEqual({ a: 'b.json' })
})
