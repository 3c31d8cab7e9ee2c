import { expect, test } from 'vitest'
import { commandLine } from '../commands/testing.ts'
import { deactivateUser, issueCommission } from '../index.ts'
import { linkAuthProvider } from '../store/auth-providers.ts'
import { createTestUser } from '../testing.ts'
import { createUser } from '../users/create.ts'
import { openTestApi } from './open-test-api.ts'

async function openCloud(finished: Parameters<typeof openTestApi>[0]) {
  const api = await openTestApi(finished, { ASTAKOS_IM_MODULES: ['local', 'google'] })
  const { identity, db } = api
  const alice = await createTestUser(identity, {
    roles: ['admin-stats'],
    limits: { 'cyclades.vm': 3n, 'cyclades.ram': 2n ** 31n },
  })
  const bob = await createTestUser(identity, { limits: { 'cyclades.vm': 9_223_372_036_854_775_807n } })
  await db.transaction((tx) => linkAuthProvider(tx, bob.id, 'google', 'bob'))
  await db.transaction((tx) => deactivateUser(identity, tx, bob.id, 'left'))
  await db.transaction((tx) =>
    createUser(identity, tx, { email: 'new@example.test', firstName: 'New', lastName: 'Comer', passwordHash: null }),
  )
  const provisions = [
    { holder: `user:${alice.uuid}`, source: `project:${alice.uuid}` },
    { holder: `project:${alice.uuid}`, source: null },
  ] as const
  const vm = { resource: 'cyclades.vm', quantity: 2n }
  await db.transaction((tx) =>
    issueCommission(tx, { component: 'cyclades', provisions: provisions.map((provision) => ({ ...provision, ...vm })) }),
  )
  const get = async (url: string, token?: string) => {
    const answer = await api.app.inject({ url: `/astakos/admin${url}`, headers: token ? { 'x-auth-token': token } : {} })
    return { status: answer.statusCode, type: answer.headers['content-type'], text: answer.body }
  }
  return { ...api, alice, bob, get }
}

test('everybody may know how many people there are, also by a script', async ({ onTestFinished }) => {
  const { get } = await openCloud(onTestFinished)
  for (const url of ['/stats', '/stats/']) {
    expect(await get(url)).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      text: '{"users":{"total":3,"active":1}}',
    })
  }
  expect(await get('/stats?callback=page.show')).toEqual({
    status: 200,
    type: 'application/javascript; charset=utf-8',
    text: '/**/page.show({"users":{"total":3,"active":1}});',
  })
  expect((await get('/stats?callback=alert(1)')).status).toBe(400)
  for (const nowhere of ['', '/', '/dreams']) expect((await get(nowhere)).status).toBe(404)
})

test('the details are for members of the permitted groups', async ({ onTestFinished }) => {
  const { identity, alice, get } = await openCloud(onTestFinished)
  expect((await get('/stats/detail')).status).toBe(401)
  const { token } = await createTestUser(identity, { roles: ['admin'] })
  expect((await get('/stats/detail', token)).status).toBe(403)
  const { status, text } = await get('/stats/detail', alice.token)
  expect(status).toBe(200)
  expect(JSON.parse(text)).toMatchObject({
    datetime: expect.stringMatching(/^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/),
    providers: ['local', 'google'],
    users: {
      all: { total: 4, verified: 3, active: 2 },
      local: { total: 4, verified: 3, active: 2, exclusive: 3 },
      google: { total: 1, verified: 1, active: 0, exclusive: 0 },
    },
    resources: {
      all: { 'cyclades.vm': { used: 2, allocated: 7, unit: null, description: 'Number of virtual machines' } },
      local: { 'cyclades.vm': { used: 2, allocated: 7 }, 'cyclades.ram': { used: 0, unit: 'bytes' } },
      google: { 'cyclades.vm': { used: 0, allocated: 0 } },
    },
  })
})

test('operators see the same in tables', async ({ onTestFinished }) => {
  const { identity } = await openCloud(onTestFinished)
  const manage = commandLine(identity)
  const { status, out, err } = await manage('stats-astakos')
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(out).toMatchSnapshot()
  expect(JSON.parse((await manage('stats-astakos --output-format json')).out)).toMatchObject({ providers: ['local', 'google'] })
  expect((await manage('stats-astakos --unit-style none')).out).toMatch(/cyclades\.ram\s+0\s+2147483648/)
  expect(await manage('stats-astakos --output-format csv')).toMatchObject({ status: 1, out: '' })
})
