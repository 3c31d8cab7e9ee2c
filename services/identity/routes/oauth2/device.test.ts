// Device login, from the command line's first question to its token.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { authenticate, deactivateUser } from '../../index.ts'
import { csrfTokenOf } from '../../sessions/cookie.ts'
import { startSession } from '../../sessions/sessions.ts'
import type { IdentitySettings } from '../../settings/index.ts'
import { createTestUser } from '../../testing.ts'
import { setPassword } from '../../users/passwords.ts'
import { DEVICE_GRANT } from '../../wire/device-clients.ts'
import { openTestApi } from '../open-test-api.ts'

const OAUTH2 = '/astakos/oauth2'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, settings)
  const { identity, db, app } = api
  const alice = await createTestUser(identity)
  const { secret } = await db.transaction((tx) =>
    startSession(identity, tx, alice, { address: '::1', userAgent: '', method: 'local' }),
  )
  const cookie = `sessionid=${secret}`
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: `${OAUTH2}/${path}`,
      headers: { ...FORM, ...headers },
      payload: String(new URLSearchParams(fields)),
    })
  const ask = async (fields: Record<string, string> = {}) =>
    (await post('device_authorization', { client_id: 'kamaki', ...fields })).json()
  const poll = (deviceCode: string, client = 'kamaki') =>
    post('token', { grant_type: DEVICE_GRANT, device_code: deviceCode, client_id: client })
  const page = (query = '') => app.inject({ url: `${OAUTH2}/device${query}`, headers: { cookie } })
  const csrf = csrfTokenOf(identity, secret)
  const decide = (userCode: string, decision: string) =>
    post('device', { user_code: userCode, decision, csrfmiddlewaretoken: csrf }, { cookie })
  /** As if the interval had passed. */
  const wait = () => db.run(sql`UPDATE identity.device_logins SET asked_at = asked_at - interval '1 hour'`)
  return { ...api, alice, cookie, csrf, post, ask, poll, page, decide, wait }
}

test('a command line gets a token of its own, named, scoped and with an end', async ({ onTestFinished }) => {
  const { db, identity, alice, ask, poll, page, decide, wait } = await openCloud(onTestFinished)
  const asked = await ask({ scope: 'compute:read object-store/my%20files', device_name: 'kamaki on laptop <1>' })
  expect(asked).toEqual({
    device_code: expect.stringMatching(/^[\w-]{43}$/),
    user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
    verification_uri: 'http://cloud.test/astakos/oauth2/device',
    verification_uri_complete: `http://cloud.test/astakos/oauth2/device?user_code=${asked.user_code}`,
    expires_in: 600,
    interval: 5,
  })
  expect((await poll(asked.device_code)).json()).toMatchObject({ error: 'authorization_pending' })

  const confirmation = await page(`?user_code=${asked.user_code}`)
  expect(confirmation.headers['content-security-policy']).toMatch(/frame-ancestors 'none'/)
  for (const shown of [
    'The kamaki command line',
    'kamaki on laptop &#60;1&#62;',
    '127.0.0.1',
    'read servers',
    'container my files',
    alice.email,
  ])
    expect(confirmation.body).toContain(shown)
  // However it is typed.
  const agreed = await decide(asked.user_code.toLowerCase().replace('-', ' '), 'agree')
  expect([agreed.statusCode, agreed.body.includes('signed in')]).toEqual([200, true])

  await wait()
  const answer = await poll(asked.device_code)
  expect(answer.json()).toEqual({
    access_token: expect.stringMatching(/^[\w-]{43}$/),
    token_type: 'Bearer',
    expires_in: 90 * 86_400,
    scope: 'compute:read object-store/my%20files',
  })
  expect(answer.headers['cache-control']).toBe('no-store')
  const { access_token: token } = answer.json()
  const caller = await authenticate(identity, token)
  expect(caller).toMatchObject({
    userId: alice.uuid,
    scopes: [{ service: 'compute', readOnly: true }, { container: 'my files' }],
  })
  const stored = await db.one<{ name: string; days: number }>(sql`
    SELECT name, round(extract(epoch FROM expires_at - now()) / 86400)::int AS days FROM identity.tokens WHERE NOT is_classic`)
  expect(stored).toEqual({ name: 'kamaki on laptop <1>', days: 90 })
  expect((await poll(asked.device_code)).json()).toMatchObject({ error: 'invalid_grant' })
})

test('who asks too often is told to slow down, and has to wait longer each time', async ({ onTestFinished }) => {
  const { db, ask, poll, wait } = await openCloud(onTestFinished)
  const { device_code: code } = await ask()
  const errors = []
  for (let times = 0; times < 3; times += 1) errors.push((await poll(code)).json().error)
  expect(errors).toEqual(['authorization_pending', 'slow_down', 'slow_down'])
  const row = await db.one<{ seconds: number }>(sql`SELECT interval_seconds AS seconds FROM identity.device_logins`)
  expect(row.seconds).toBe(15)
  await wait()
  expect((await poll(code)).json().error).toBe('authorization_pending')
})

test('of many who ask at once with a code that was agreed to, one gets the token', async ({ onTestFinished }) => {
  const { ask, poll, decide } = await openCloud(onTestFinished)
  const { device_code: code, user_code: userCode } = await ask()
  await decide(userCode, 'agree')
  const statuses = (await Promise.all([poll(code), poll(code), poll(code)])).map(({ statusCode }) => statusCode)
  expect(statuses.sort()).toEqual([200, 400, 400])
})

test('a refusal, an end and a person who was shut out are told apart from waiting', async ({ onTestFinished }) => {
  const { db, identity, alice, ask, poll, decide } = await openCloud(onTestFinished)
  const refused = await ask()
  expect((await decide(refused.user_code, 'refuse')).body).toContain('refused')
  expect((await poll(refused.device_code)).json()).toMatchObject({ error: 'access_denied' })
  const late = await ask()
  await db.run(sql`UPDATE identity.device_logins SET expires_at = now() - interval '1 second'`)
  expect((await poll(late.device_code)).json()).toMatchObject({ error: 'expired_token' })
  expect((await decide(late.user_code, 'agree')).statusCode).toBe(404)
  const agreed = await ask()
  await decide(agreed.user_code, 'agree')
  await db.transaction((tx) => deactivateUser(identity, tx, alice.id, 'left'))
  expect((await poll(agreed.device_code)).json()).toMatchObject({ error: 'access_denied' })
})

test('a new password takes back what was agreed to before', async ({ onTestFinished }) => {
  const { db, identity, alice, ask, decide, poll } = await openCloud(onTestFinished)
  const { device_code, user_code } = await ask()
  await decide(user_code, 'agree')
  await db.transaction((tx) => setPassword(identity, tx, alice, 'hash'))
  expect((await poll(device_code)).json().error).toBe('access_denied')
})

test.for([
  [{ client_id: '' }, 'invalid_request'],
  [{ client_id: 'stranger' }, 'invalid_client'],
  [{ client_id: 'constructor' }, 'invalid_client'],
  [{ scope: 'kitchen' }, 'invalid_scope'],
  [{ scope: 'object-store/%ff' }, 'invalid_request'],
] as const)('asking with %j is refused as %s', async ([fields, error], { onTestFinished }) => {
  const { ask } = await openCloud(onTestFinished)
  expect(await ask(fields)).toEqual({ error, exception: expect.any(String) })
})

test('a code is good for the client that asked, and for nobody who guesses', async ({ onTestFinished }) => {
  const { ask, poll, decide } = await openCloud(onTestFinished)
  const { device_code: code, user_code: userCode } = await ask()
  await decide(userCode, 'agree')
  expect((await poll(code, 'other')).json()).toMatchObject({ error: 'invalid_grant' })
  expect((await poll('x'.repeat(43))).json()).toMatchObject({ error: 'invalid_grant' })
  expect((await poll(code)).statusCode).toBe(200)
})

test('codes cannot be guessed on the page', async ({ onTestFinished }) => {
  const { ask, page } = await openCloud(onTestFinished)
  const { user_code: right } = await ask()
  const statuses = []
  for (let times = 0; times < 11; times += 1) statuses.push((await page('?user_code=BBBB-BBBB')).statusCode)
  expect(statuses).toEqual([...Array(10).fill(404), 429])
  expect((await page(`?user_code=${right}`)).statusCode).toBe(429)
})

test('the page is for who is signed in, and decides only on forms of its own', async ({ onTestFinished }) => {
  const { app, cookie, ask, poll, post } = await openCloud(onTestFinished)
  const { device_code: code, user_code: userCode } = await ask()
  const { headers } = await app.inject({ url: `${OAUTH2}/device?user_code=${userCode}` })
  expect(headers.location).toBe(`/astakos/ui/login?next=${encodeURIComponent(`${OAUTH2}/device?user_code=${userCode}`)}`)
  expect((await post('device', { user_code: userCode, decision: 'agree' }, { cookie })).statusCode).toBe(403)
  expect((await post('device', { user_code: userCode, decision: 'agree' })).statusCode).toBe(302)
  expect((await poll(code)).json()).toMatchObject({ error: 'authorization_pending' })
})

test('neither code is stored as it is', async ({ onTestFinished }) => {
  const { db, ask } = await openCloud(onTestFinished)
  const { device_code: code, user_code: userCode } = await ask()
  const { row } = await db.one<{ row: string }>(sql`SELECT t::text AS row FROM identity.device_logins t`)
  for (const secret of [code, userCode, userCode.replace('-', '')]) expect(row).not.toContain(secret)
})
