// The classic token and POST tokens (identity-api.md §3.2 and §11): what it is, how long it lives, and that a new one
// replaces it at once, in every process.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { authenticate } from '../index.ts'
import { openTestApi } from '../routes/open-test-api.ts'
import { startSession } from '../sessions/sessions.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { createTestToken, createTestUser, openTestIdentity } from '../testing.ts'
import { setPassword } from '../users/passwords.ts'
import { renewClassicToken } from './tokens.ts'

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, settings)
  const alice = await createTestUser(api.identity, { email: 'alice@example.test', password: 'a web password' })
  async function ask(auth: object) {
    const answer = await api.app.inject({ method: 'POST', url: '/astakos/identity/v2.0/tokens', payload: { auth } })
    const body = answer.json()
    return { status: answer.statusCode, body, message: (Object.values(body)[0] as { message?: string }).message }
  }
  const asPassword = (username: string, password: string) => ask({ passwordCredentials: { username, password } })
  return { ...api, alice, ask, asPassword }
}

test('the password of clients is an API token, classic or named, never the web password', async ({ onTestFinished }) => {
  const { identity, alice, asPassword } = await openCloud(onTestFinished)
  const named = await createTestToken(identity, alice.uuid, { name: 'laptop' })
  for (const token of [alice.token, named]) {
    const { status, body } = await asPassword(alice.uuid, token)
    expect([status, body.access.token.id, body.access.user.id]).toEqual([200, token, alice.uuid])
  }
  expect(await asPassword(alice.uuid, 'a web password')).toMatchObject({ status: 401, message: 'Invalid token' })
  expect(await asPassword(alice.email, alice.token)).toMatchObject({ status: 401, message: 'Invalid credentials' })
  expect(await asPassword(alice.uuid, '')).toMatchObject({ status: 401, message: 'Invalid token' })
})

test('a token beside a password is what counts', async ({ onTestFinished }) => {
  const { alice, ask } = await openCloud(onTestFinished)
  const wrong = { username: 'somebody', password: 'else' }
  expect((await ask({ token: { id: alice.token }, passwordCredentials: wrong })).status).toBe(200)
  expect(
    (await ask({ token: { id: 'unknown' }, passwordCredentials: { username: alice.uuid, password: alice.token } })).status,
  ).toBe(401)
})

test('it is 43 characters of 32 random bytes, and lives as long as the setting says', async ({ onTestFinished }) => {
  const { alice, ask } = await openCloud(onTestFinished, { ASTAKOS_AUTH_TOKEN_DURATION: 24 })
  expect(alice.token).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(Buffer.from(alice.token, 'base64url')).toHaveLength(32)
  const { expires } = (await ask({ token: { id: alice.token } })).body.access.token
  expect(expires).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/)
  const hours = (Date.parse(expires) - Date.now()) / 3_600_000
  expect([hours > 23.9, hours <= 24]).toEqual([true, true])
})

test('a new one replaces it at once, in every process; named ones stay', async ({ onTestFinished }) => {
  const { db, identity, alice } = await openCloud(onTestFinished)
  const other = await openTestIdentity(onTestFinished, db)
  const named = await createTestToken(identity, alice.uuid)
  await authenticate(other, alice.token)
  const { secret } = await db.transaction((tx) => renewClassicToken(identity, tx, alice))
  await expect(authenticate(identity, alice.token)).rejects.toThrow('Invalid X-Auth-Token')
  await expect.poll(() => authenticate(other, alice.token).then(String, ({ message }) => message)).toBe('Invalid X-Auth-Token')
  for (const token of [secret, named]) expect((await authenticate(other, token)).userId).toBe(alice.uuid)
  const { count } = await db.one<{ count: bigint }>(
    sql`SELECT count(*) FROM identity.tokens WHERE is_classic AND user_id = ${alice.id}`,
  )
  expect(count).toBe(1n)
})

test.for([
  [true, 'Invalid X-Auth-Token'],
  [false, undefined],
] as const)('a changed password renews it: %s', async ([renews, message], { onTestFinished }) => {
  const { db, identity, alice } = await openCloud(onTestFinished, { ASTAKOS_NEWPASSWD_INVALIDATE_TOKEN: renews })
  await db.transaction((tx) => setPassword(identity, tx, alice, 'hash'))
  expect(
    await authenticate(identity, alice.token).then(
      () => undefined,
      (error: Error) => error.message,
    ),
  ).toBe(message)
})

test('signing in renews one that has expired, and leaves one that is good', async ({ onTestFinished }) => {
  const { db, identity, alice } = await openCloud(onTestFinished)
  const signIn = () =>
    db.transaction((tx) => startSession(identity, tx, alice, { address: '::1', userAgent: '', method: 'local' }))
  await signIn()
  expect((await authenticate(identity, alice.token)).userId).toBe(alice.uuid)
  await db.run(sql`UPDATE identity.tokens SET expires_at = now() - interval '1 minute' WHERE user_id = ${alice.id}`)
  identity.authenticator.forget([])
  await expect(authenticate(identity, alice.token)).rejects.toThrow('Authentication expired')
  await signIn()
  await expect(authenticate(identity, alice.token)).rejects.toThrow('Invalid X-Auth-Token')
})

test('the token is stored hashed, and sealed for its owner to see', async ({ onTestFinished }) => {
  const { db, identity, alice } = await openCloud(onTestFinished)
  const named = await createTestToken(identity, alice.uuid)
  const rows = await db.any<{ row: string }>(
    sql`SELECT t::text AS row FROM identity.tokens t UNION ALL SELECT t::text FROM identity.audit t`,
  )
  const text = rows.map(({ row }) => row).join()
  for (const secret of [alice.token, named]) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(Buffer.from(secret).toString('hex'))
  }
})
