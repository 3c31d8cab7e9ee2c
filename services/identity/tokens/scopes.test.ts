// Tokens with scopes within identity itself: what they are told about, and that they are no way to more.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { openTestApi } from '../routes/open-test-api.ts'
import { createTestToken, createTestUser } from '../testing.ts'

const TOKENS = '/astakos/identity/v2.0/tokens'
const ACCOUNT = '/astakos/account/v1.0'

async function openCloud(finished: typeof onTestFinished) {
  const api = await openTestApi(finished)
  const alice = await createTestUser(api.identity, { roles: ['admin'] })
  const token = (scopes: string[]) => createTestToken(api.identity, alice.uuid, { scopes })
  async function ask(secret: string, method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) {
    const answer = await api.app.inject({ method, url, headers: { 'x-auth-token': secret }, ...(payload ? { payload } : {}) })
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
  }
  const trade = (secret: string) => ask(secret, 'POST', TOKENS, { auth: { token: { id: secret } } })
  return { ...api, alice, token, ask, trade }
}

test('a token with scopes is answered with itself, the addresses it is for, and no role of staff', async ({ onTestFinished }) => {
  const { alice, token, trade } = await openCloud(onTestFinished)
  const secret = await token(['compute', 'image:read'])
  const { status, body } = await trade(secret)
  expect(status).toBe(200)
  expect(body.access.token.id).toBe(secret)
  expect(body.access.user).toMatchObject({ id: alice.uuid, roles: [{ name: 'default' }] })
  expect(body.access.serviceCatalog.map(({ type }: { type: string }) => type).sort()).toEqual(['compute', 'identity', 'image'])
  const whole = await trade(alice.token)
  expect(whole.body.access.serviceCatalog).toHaveLength(13)
  expect(whole.body.access.user.roles.map(({ name }: { name: string }) => name)).toEqual(['default', 'admin'])
})

test('the account API is for tokens that may use it, and ids are told to those that may read', async ({ onTestFinished }) => {
  const { alice, token, ask } = await openCloud(onTestFinished)
  const [compute, reader] = [await token(['compute']), await token(['account:read'])]
  const refused = await ask(compute, 'GET', `${ACCOUNT}/quotas`)
  expect(refused).toEqual({
    status: 403,
    body: { forbidden: { code: 403, message: 'This token is not for that. It may: use servers.', details: '' } },
  })
  expect((await ask(reader, 'GET', `${ACCOUNT}/quotas`)).status).toBe(200)
  expect((await ask(reader, 'POST', `${ACCOUNT}/user_catalogs`, { uuids: [alice.uuid] })).status).toBe(200)
  expect((await ask(compute, 'POST', `${ACCOUNT}/user_catalogs`, { uuids: [alice.uuid] })).status).toBe(403)
})

test.for([['all'], ['account'], ['all:read']])(
  'a token of %j does not see or make tokens',
  async (scopes, { onTestFinished }) => {
    const { token, ask } = await openCloud(onTestFinished)
    const secret = await token(scopes)
    const made = async () => (await ask(secret, 'POST', '/astakos/ui/api/tokens', { name: 'more' })).status
    expect(await made()).toBe(401)
    expect((await ask(secret, 'GET', '/astakos/ui/api/tokens')).status).toBe(401)
    expect((await ask(secret, 'GET', '/astakos/ui/api/token')).status).toBe(401)
  },
)

test('scopes that a later release wrote and this one does not know allow nothing', async ({ onTestFinished }) => {
  const { db, identity, token, ask } = await openCloud(onTestFinished)
  const secret = await token(['account'])
  await db.run(sql`UPDATE identity.tokens SET scopes = '{teleport}' WHERE NOT is_classic`)
  identity.authenticator.forget([])
  expect((await ask(secret, 'GET', `${ACCOUNT}/quotas`)).status).toBe(403)
})

test('a token tells when it was last used', async ({ onTestFinished }) => {
  const { db, identity, alice, ask } = await openCloud(onTestFinished)
  const uses = () =>
    db.any<{ used: boolean }>(
      sql`SELECT last_used_at IS NOT NULL AS used FROM identity.tokens WHERE user_id = ${alice.id} ORDER BY id`,
    )
  const secret = await createTestToken(identity, alice.uuid)
  await identity.authenticator.noteUse()
  const before = await uses()
  await ask(secret, 'GET', `${ACCOUNT}/quotas`)
  await identity.authenticator.noteUse()
  expect(before.at(-1)).toEqual({ used: false })
  expect((await uses()).at(-1)).toEqual({ used: true })
})
