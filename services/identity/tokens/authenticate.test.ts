import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test, vi } from 'vitest'
import { authenticate, callers, deactivateUser, migrations } from '../index.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'
import { issueToken, renewClassicToken, revokeToken } from './tokens.ts'

async function openCloud(finished: typeof onTestFinished) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db)
  return { db, identity, alice: await createTestUser(identity, { roles: ['admin'] }) }
}

test('a token tells who is calling, with roles and projects', async ({ onTestFinished }) => {
  const { identity, alice } = await openCloud(onTestFinished)
  const caller = await authenticate(identity, alice.token)
  expect(caller).toMatchObject({ userId: alice.uuid, email: alice.email, roles: ['default', 'admin'], projects: [alice.uuid] })
  expect(caller.tokenId).toBeTypeOf('bigint')
})

test.for([
  [undefined, 'Access denied. No authentication token'],
  ['', 'Access denied. No authentication token'],
  ['12345', 'Invalid X-Auth-Token'],
  ['s.abc.99999999999999.AAAA', 'Invalid X-Auth-Token'],
] as const)('%j is refused', async ([token, message], { onTestFinished }) => {
  const { identity } = await openCloud(onTestFinished)
  await expect(authenticate(identity, token)).rejects.toMatchObject({ kind: 'unauthorized', message })
})

test('many tokens live side by side and end one by one, at once', async ({ onTestFinished }) => {
  const { db, identity, alice } = await openCloud(onTestFinished)
  const named = await db.transaction((tx) => issueToken(tx, alice, { name: 'laptop' }))
  expect((await authenticate(identity, named.secret)).tokenId).toBe(named.id)
  await db.transaction((tx) => revokeToken(identity, tx, alice, named.id))
  await expect(authenticate(identity, named.secret)).rejects.toThrow('Invalid X-Auth-Token')
  await authenticate(identity, alice.token)
  const renewed = await db.transaction((tx) => renewClassicToken(identity, tx, alice))
  await expect(authenticate(identity, alice.token)).rejects.toThrow('Invalid X-Auth-Token')
  await authenticate(identity, renewed.secret)
})

test('an expired token and an inactive owner are told apart', async ({ onTestFinished }) => {
  const { db, identity, alice } = await openCloud(onTestFinished)
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const brief = await db.transaction((tx) => issueToken(tx, alice, { name: 'brief', expiresAt: new Date(Date.now() + 200) }))
  await authenticate(identity, brief.secret)
  vi.setSystemTime(Date.now() + 200)
  await expect(authenticate(identity, brief.secret)).rejects.toThrow('Authentication expired')
  await db.transaction((tx) => deactivateUser(identity, tx, alice.id, 'left'))
  await expect(authenticate(identity, alice.token)).rejects.toThrow('User inactive')
})

test('another process forgets a revoked token when it is told', async ({ onTestFinished }) => {
  const { db, identity, alice } = await openCloud(onTestFinished)
  const other = await openTestIdentity(onTestFinished, db)
  const named = await db.transaction((tx) => issueToken(tx, alice, { name: 'laptop' }))
  await authenticate(other, named.secret)
  let ended = false
  other.authenticator.watch(named.secret, () => {
    ended = true
  })
  await db.transaction((tx) => revokeToken(identity, tx, alice, named.id))
  await expect.poll(() => ended).toBe(true)
  await expect(authenticate(other, named.secret)).rejects.toThrow('Invalid X-Auth-Token')
})

test('routes beside the plugin know their caller and turn others away', async ({ onTestFinished }) => {
  const { identity, alice } = await openCloud(onTestFinished)
  const app = openHttp({ log: silentLog })
  onTestFinished(() => app.close())
  await app.register(async (scope) => {
    await scope.register(callers, { identity, service: 'compute' })
    scope.get('/me', async (request) => request.caller.email)
  })
  app.get('/open', async () => 'anybody')
  expect((await app.inject('/me')).statusCode).toBe(401)
  expect((await app.inject('/open')).body).toBe('anybody')
  expect((await app.inject({ url: '/me', headers: { 'x-auth-token': alice.token } })).body).toBe(alice.email)
  expect((await app.inject({ url: '/me', query: { 'X-Auth-Token': alice.token } })).body).toBe(alice.email)
})
