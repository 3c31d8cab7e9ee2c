// The OAuth 2.0 provider as clients of the original use it.
import { createHash } from 'node:crypto'
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { deactivateUser } from '../../index.ts'
import { addOAuthClient, prepareOAuthClient } from '../../oauth2/clients.ts'
import { csrfTokenOf } from '../../sessions/cookie.ts'
import { startSession } from '../../sessions/sessions.ts'
import type { IdentitySettings } from '../../settings/index.ts'
import { createTestUser } from '../../testing.ts'
import { renewClassicToken } from '../../tokens/tokens.ts'
import { openTestApi } from '../open-test-api.ts'

const AUTH = '/astakos/oauth2/auth'
const TOKEN = '/astakos/oauth2/token'
const TOKENS = '/astakos/identity/v2.0/tokens'
const VIEW = 'https://pithos.example/view'
const APP = 'https://app.example/back'
const RESOURCE = '/pithos/object-store/v1/someone/container/object'
const VERIFIER = 'a-verifier-of-forty-three-characters-or-more-0123'
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, settings)
  const { identity, db, app } = api
  const clients = [
    { identifier: 'view', type: 'confidential', secret: 'view secret', isTrusted: true, redirectUrls: [VIEW] },
    { identifier: 'other', type: 'confidential', secret: 'other secret', isTrusted: false, redirectUrls: [`${APP}?x=1`, APP] },
    { identifier: 'app', type: 'public', isTrusted: true, redirectUrls: [APP] },
  ] as const
  for (const client of clients) {
    const prepared = await prepareOAuthClient(client)
    await db.transaction((tx) => addOAuthClient(tx, prepared))
  }
  const alice = await createTestUser(identity, { firstName: 'Alice', lastName: 'Liddell', roles: ['cats'] })
  const { secret: cookie } = await db.transaction((tx) =>
    startSession(identity, tx, alice, { address: '127.0.0.1', userAgent: 'test', method: 'local' }),
  )
  const signedIn = { cookie: `sessionid=${cookie}` }
  const auth = (parameters: Record<string, string>, headers: Record<string, string> = signedIn) =>
    app.inject({ url: `${AUTH}?${new URLSearchParams(parameters)}`, headers })
  const consent = (parameters: Record<string, string>, headers: Record<string, string> = signedIn) =>
    app.inject({
      method: 'POST',
      url: AUTH,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams(parameters).toString(),
    })
  const trade = (parameters: Record<string, string>, headers: Record<string, string> = basic('view', 'view secret')) =>
    app.inject({
      method: 'POST',
      url: TOKEN,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams(parameters).toString(),
    })
  const validate = (token: string, belongsTo?: string) =>
    app.inject({ url: `${TOKENS}/${token}${belongsTo === undefined ? '' : `?belongsTo=${encodeURIComponent(belongsTo)}`}` })
  /** A code for the trusted client, with what has to be said to trade it. */
  async function newCode() {
    const { headers } = await auth({ response_type: 'code', client_id: 'view', redirect_uri: `${VIEW}/object`, scope: RESOURCE })
    const code = new URL(String(headers.location)).searchParams.get('code')!
    return { grant_type: 'authorization_code', code, redirect_uri: `${VIEW}/object` }
  }
  const csrf = csrfTokenOf(identity, cookie)
  const codes = async () => (await db.one<{ count: bigint }>(sql`SELECT count(*) FROM identity.oauth2_codes`)).count
  return { ...api, alice, cookie, csrf, auth, consent, trade, validate, newCode, codes }
}

const basic = (name: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
})

test('a trusted client learns who is there, as the storage view does', async ({ onTestFinished }) => {
  const { alice, auth, trade, validate } = await openCloud(onTestFinished)
  const asked = { response_type: 'code', client_id: 'view', redirect_uri: `${VIEW}/object?x=1`, state: '', scope: RESOURCE }
  const sent = await auth(asked)
  expect(sent.statusCode).toBe(302)
  expect(sent.headers['cache-control']).toBe('no-store')
  const [, code] = /^https:\/\/pithos\.example\/view\/object\?x=1&code=([A-Za-z0-9]{60})$/.exec(String(sent.headers.location))!

  const traded = await trade({ grant_type: 'authorization_code', code: code!, redirect_uri: `${VIEW}/object?x=1` })
  expect(traded.statusCode).toBe(200)
  expect(traded.headers['cache-control']).toBe('no-store')
  const { access_token: token, ...rest } = traded.json()
  expect(token).toMatch(/^[A-Za-z0-9]{30}$/)
  expect(rest).toEqual({ token_type: 'Bearer', expires_in: 20 })

  const valid = await validate(token, `${RESOURCE}/deeper`)
  expect(valid.statusCode).toBe(200)
  const person = { id: alice.uuid, name: 'Alice Liddell' }
  expect(valid.json()).toEqual({
    access: {
      token: { id: token, expires: expect.stringMatching(/\+00:00$/), tenant: person },
      user: {
        ...person,
        roles: [
          { id: expect.any(String), name: 'default' },
          { id: expect.any(String), name: 'cats' },
        ],
        roles_links: [],
      },
    },
  })
  expect((await validate(token)).statusCode).toBe(200)
  expect((await validate(token, '/pithos/object-store/v1/someone')).json()).toMatchObject({
    itemNotFound: { message: "The specified tenant is outside the token's scope" },
  })
})

test('an access token opens nothing, and an API token is none', async ({ onTestFinished }) => {
  const { app, alice, newCode, trade, validate } = await openCloud(onTestFinished)
  const { access_token: token } = (await trade(await newCode())).json()
  const ask = await app.inject({ method: 'POST', url: TOKENS, payload: { auth: { token: { id: token } } } })
  expect(ask.json()).toMatchObject({ unauthorized: { code: 401, message: 'Invalid token' } })
  const quotas = await app.inject({ url: '/astakos/account/v1.0/quotas', headers: { 'x-auth-token': token } })
  expect(quotas.statusCode).toBe(401)
  expect((await validate(alice.token)).json()).toMatchObject({ itemNotFound: { message: 'No such token' } })
})

test('an expired token is gone when it is asked about', async ({ onTestFinished }) => {
  const { db, newCode, trade, validate } = await openCloud(onTestFinished)
  const { access_token: token } = (await trade(await newCode())).json()
  await db.run(sql`UPDATE identity.oauth2_tokens SET expires_at = now() - interval '1 second'`)
  expect((await validate(token)).json()).toMatchObject({ itemNotFound: { message: 'Token has expired' } })
  expect((await validate(token)).json()).toMatchObject({ itemNotFound: { message: 'No such token' } })
})

test('who is not signed in signs in first and comes back', async ({ onTestFinished }) => {
  const { auth, codes } = await openCloud(onTestFinished)
  const asked = { response_type: 'code', client_id: 'view', scope: RESOURCE }
  const { statusCode, headers } = await auth(asked, {})
  expect(statusCode).toBe(302)
  const next = new URL(String(headers.location), 'http://cloud.test').searchParams.get('next')!
  expect(next).toBe(`${AUTH}?${new URLSearchParams(asked)}`)
  expect(await codes()).toBe(0n)
})

interface Refusal {
  what: string
  change: Record<string, string | undefined>
  headers?: Record<string, string>
  error: string
}

const refusals: Refusal[] = [
  { what: 'no response_type', change: { response_type: undefined }, error: 'invalid_request' },
  { what: 'response_type token', change: { response_type: 'token' }, error: 'unsupported_response_type' },
  { what: 'an unknown response_type', change: { response_type: 'magic' }, error: 'unsupported_response_type' },
  { what: 'no client', change: { client_id: undefined }, error: 'invalid_request' },
  { what: 'an unknown client', change: { client_id: 'fake' }, error: 'invalid_client' },
  { what: 'a client with a NUL', change: { client_id: 'vi\0ew' }, error: 'invalid_request' },
  { what: 'credentials of another client', change: {}, headers: basic('other', 'other secret'), error: 'invalid_client' },
  { what: 'a wrong secret', change: {}, headers: basic('view', 'guess'), error: 'invalid_client' },
  { what: 'an Authorization header that is none', change: {}, headers: { authorization: 'Bearer x' }, error: 'invalid_client' },
  { what: 'a relative redirect_uri', change: { redirect_uri: '/view' }, error: 'invalid_request' },
  { what: 'a redirect_uri of somebody else', change: { redirect_uri: 'https://evil.example/view' }, error: 'invalid_request' },
  { what: 'a redirect_uri beside the registered one', change: { redirect_uri: `${VIEW}er` }, error: 'invalid_request' },
  { what: 'a redirect_uri that climbs up', change: { redirect_uri: `${VIEW}/../evil` }, error: 'invalid_request' },
  { what: 'a redirect_uri that is too long', change: { redirect_uri: `${VIEW}/${'x'.repeat(5000)}` }, error: 'invalid_request' },
  { what: 'a plain challenge', change: { code_challenge: CHALLENGE, code_challenge_method: 'plain' }, error: 'invalid_request' },
  { what: 'a challenge of no method', change: { code_challenge: CHALLENGE }, error: 'invalid_request' },
  { what: 'a public client without a challenge', change: { client_id: 'app', redirect_uri: APP }, error: 'invalid_request' },
]

test.for(refusals)('auth with $what is refused by GET and POST, and no code is made', async (row, { onTestFinished }) => {
  const { auth, consent, codes, csrf, cookie } = await openCloud(onTestFinished)
  const wanted = { response_type: 'code', client_id: 'view', redirect_uri: VIEW, ...row.change }
  const parameters = Object.fromEntries(
    Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  const headers = { cookie: `sessionid=${cookie}`, ...row.headers }
  for (const answer of [await auth(parameters, headers), await consent({ ...parameters, csrfmiddlewaretoken: csrf }, headers)]) {
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.json()).toEqual({ error: row.error, exception: expect.any(String) })
  }
  expect(await codes()).toBe(0n)
})

test('credentials of the client itself do no harm, and a parameter that comes twice does', async ({ onTestFinished }) => {
  const { app, auth, cookie } = await openCloud(onTestFinished)
  const headers = { cookie: `sessionid=${cookie}` }
  const right = await auth({ response_type: 'code', client_id: 'view' }, { ...headers, ...basic('view', 'view secret') })
  expect(right.statusCode).toBe(302)
  expect(String(right.headers.location)).toMatch(/^https:\/\/pithos\.example\/view\?code=/)
  const twice = await app.inject({ url: `${AUTH}?response_type=code&client_id=view&client_id=other`, headers })
  expect(twice.json()).toMatchObject({ error: 'invalid_request' })
})

test('an untrusted client gets a code only when the person agrees', async ({ onTestFinished }) => {
  const { auth, consent, codes, csrf, cookie } = await openCloud(onTestFinished)
  const asked = { response_type: 'code', client_id: 'other', redirect_uri: APP, state: '<b>&"', scope: '/a/<script> second' }
  const page = await auth(asked)
  expect(page.statusCode).toBe(200)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
  expect(page.body).toContain('other asks who you are')
  expect(page.body).toContain('/a/&#60;script&#62;')
  expect(page.body).not.toContain('<script>')
  expect(await codes()).toBe(0n)

  const data = await auth(asked, { cookie: `sessionid=${cookie}`, accept: 'application/json' })
  expect(data.json()).toEqual({ client: 'other', redirect_uri: APP, scope: '/a/<script>', state: '<b>&"' })

  expect((await consent(asked)).json()).toMatchObject({ error: 'invalid_request', exception: expect.stringMatching(/CSRF/) })
  expect(await codes()).toBe(0n)
  const refused = await consent({ ...asked, csrfmiddlewaretoken: csrf, decision: 'refuse' })
  const back = new URL(String(refused.headers.location))
  expect([back.origin + back.pathname, back.searchParams.get('error'), back.searchParams.get('state')]).toEqual([
    APP,
    'access_denied',
    '<b>&"',
  ])
  expect(await codes()).toBe(0n)

  const fields = Object.fromEntries(
    [...page.body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name, value]) => [
      name!,
      value!.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))),
    ]),
  )
  const agreed = await consent({ ...fields, decision: 'agree' })
  expect(agreed.statusCode).toBe(302)
  expect(new URL(String(agreed.headers.location)).searchParams.get('state')).toBe('<b>&"')
  expect(await codes()).toBe(1n)
})

const tradeRefusals: Refusal[] = [
  { what: 'no grant_type', change: { grant_type: undefined }, error: 'invalid_request' },
  { what: 'another grant_type', change: { grant_type: 'password' }, error: 'unsupported_grant_type' },
  { what: 'no code', change: { code: undefined }, error: 'invalid_request' },
  { what: 'a code that is none', change: { code: 'x'.repeat(60) }, error: 'invalid_grant' },
  { what: 'a code of another client', change: {}, headers: basic('other', 'other secret'), error: 'invalid_request' },
  { what: 'another redirect_uri', change: { redirect_uri: VIEW }, error: 'invalid_grant' },
  { what: 'no redirect_uri', change: { redirect_uri: undefined }, error: 'invalid_grant' },
  { what: 'no secret', change: { client_id: 'view' }, headers: {}, error: 'invalid_client' },
  { what: 'a wrong secret', change: {}, headers: basic('view', 'guess'), error: 'invalid_client' },
  { what: 'an unknown client', change: {}, headers: basic('nobody', 'guess'), error: 'invalid_client' },
  { what: 'credentials of one client for another', change: { client_id: 'other' }, error: 'invalid_client' },
  { what: 'a proof where there was no challenge', change: { code_verifier: VERIFIER }, error: 'invalid_grant' },
]

test.for(tradeRefusals)('a trade with $what is refused, and the code stays good', async (row, { onTestFinished }) => {
  const { newCode, trade } = await openCloud(onTestFinished)
  const right = await newCode()
  const wanted = Object.entries({ ...right, ...row.change })
  const refused = await trade(
    Object.fromEntries(wanted.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    row.headers,
  )
  expect(refused.statusCode).toBe(400)
  expect(refused.json()).toEqual({ error: row.error, exception: expect.any(String) })
  expect((await trade(right)).statusCode).toBe(200)
})

test('a code of another client is refused also when both may send people to the same place', async ({ onTestFinished }) => {
  const { auth, trade } = await openCloud(onTestFinished)
  const asked = {
    response_type: 'code',
    client_id: 'app',
    redirect_uri: APP,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  }
  const code = new URL(String((await auth(asked)).headers.location)).searchParams.get('code')!
  const fields = { grant_type: 'authorization_code', code, redirect_uri: APP, code_verifier: VERIFIER }
  expect((await trade(fields, basic('other', 'other secret'))).json()).toMatchObject({ error: 'invalid_grant' })
})

test('a body of another type, and another method', async ({ onTestFinished }) => {
  const { app, newCode } = await openCloud(onTestFinished)
  const headers = basic('view', 'view secret')
  const json = await app.inject({ method: 'POST', url: TOKEN, headers, payload: await newCode() })
  expect([json.statusCode, json.json().error]).toEqual([400, 'invalid_request'])
  for (const [method, url, allow] of [
    ['GET', TOKEN, 'POST'],
    ['PUT', TOKEN, 'POST'],
    ['DELETE', `${AUTH}/`, 'GET,POST'],
  ] as const) {
    const answer = await app.inject({ method, url })
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow])
  }
})

test('a code is good once, and one that is shown again ends what it was traded for', async ({ onTestFinished }) => {
  const { newCode, trade, validate } = await openCloud(onTestFinished)
  const code = await newCode()
  const answers = await Promise.all([trade(code), trade(code), trade(code)])
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 400, 400])
  const again = await newCode()
  const { access_token: token } = (await trade(again)).json()
  expect((await validate(token)).statusCode).toBe(200)
  expect((await trade(again)).json()).toMatchObject({ error: 'invalid_grant' })
  expect((await validate(token)).statusCode).toBe(404)
})

test('a code expires after ten minutes', async ({ onTestFinished }) => {
  const { db, newCode, trade } = await openCloud(onTestFinished)
  const code = await newCode()
  const left = await db.one<{ seconds: number }>(
    sql`SELECT extract(epoch FROM expires_at - now())::float8 AS seconds FROM identity.oauth2_codes`,
  )
  expect(left.seconds).toBeGreaterThan(500)
  expect(left.seconds).toBeLessThanOrEqual(600)
  await db.run(sql`UPDATE identity.oauth2_codes SET expires_at = now()`)
  expect((await trade(code)).json()).toMatchObject({ error: 'invalid_grant' })
})

test('a public client proves with PKCE that the code is its own', async ({ onTestFinished }) => {
  const { auth, trade } = await openCloud(onTestFinished)
  const asked = { response_type: 'code', client_id: 'app', code_challenge: CHALLENGE, code_challenge_method: 'S256' }
  const code = new URL(String((await auth(asked)).headers.location)).searchParams.get('code')!
  const fields = { grant_type: 'authorization_code', code, client_id: 'app' }
  expect((await trade(fields, {})).json()).toMatchObject({ error: 'invalid_grant', exception: 'code_verifier is missing' })
  const wrong = { ...fields, code_verifier: `${VERIFIER}x` }
  expect((await trade(wrong, {})).json()).toMatchObject({ error: 'invalid_grant', exception: 'code_verifier is wrong' })
  expect((await trade({ ...fields, code_verifier: VERIFIER }, {})).statusCode).toBe(200)
})

test('old public clients go on without PKCE when the operator lets them', async ({ onTestFinished }) => {
  const { auth, trade } = await openCloud(onTestFinished, { OAUTH2_PKCE_REQUIRED: false })
  const code = new URL(String((await auth({ response_type: 'code', client_id: 'app' })).headers.location)).searchParams.get(
    'code',
  )!
  expect((await trade({ grant_type: 'authorization_code', code, client_id: 'app' }, {})).statusCode).toBe(200)
})

test('tokens end with the session, with the API token and with the account', async ({ onTestFinished }) => {
  const { app, db, identity, alice, newCode, trade, validate } = await openCloud(onTestFinished)
  const newToken = async () => (await trade(await newCode())).json().access_token as string
  const first = await newToken()
  const unused = await newCode()
  await db.transaction((tx) => renewClassicToken(identity, tx, alice))
  expect((await validate(first)).statusCode).toBe(404)
  expect((await trade(unused)).statusCode).toBe(400)
  const second = await newToken()
  await db.transaction((tx) => deactivateUser(identity, tx, alice.id, 'left'))
  expect((await validate(second)).statusCode).toBe(404)
  await db.run(sql`UPDATE identity.users SET is_active = true`)
  expect((await validate(second)).statusCode).toBe(200)
  identity.authenticator.forget([])
  const again = await db.transaction((tx) =>
    startSession(identity, tx, alice, { address: '127.0.0.1', userAgent: 'test', method: 'local' }),
  )
  const headers = { cookie: `sessionid=${again.secret}`, 'x-csrf-token': csrfTokenOf(identity, again.secret) }
  expect((await app.inject({ method: 'POST', url: '/astakos/ui/api/logout', headers })).statusCode).toBe(200)
  expect((await validate(second)).statusCode).toBe(404)
})

test('no secret, code or token is stored as it is', async ({ onTestFinished }) => {
  const { db, newCode, trade } = await openCloud(onTestFinished)
  const first = await newCode()
  const { access_token: token } = (await trade(first)).json()
  const { code } = await newCode()
  const stored = await db.any<{ row: string }>(sql`
    SELECT t::text AS row FROM identity.oauth2_clients t UNION ALL SELECT t::text FROM identity.oauth2_codes t
    UNION ALL SELECT t::text FROM identity.oauth2_tokens t UNION ALL SELECT t::text FROM identity.audit t`)
  const text = stored.map(({ row }) => row).join('\n')
  for (const secret of ['view secret', code, first.code, token]) expect(text).not.toContain(secret)
})

test('looking tokens up is slowed for those who show no service token', async ({ onTestFinished }) => {
  const { app, serviceToken, validate } = await openCloud(onTestFinished, { OAUTH2_VALIDATIONS_PER_MINUTE: 3 })
  const statuses = []
  for (let times = 0; times < 4; times += 1) statuses.push((await validate('x'.repeat(30))).statusCode)
  expect(statuses).toEqual([404, 404, 404, 429])
  const headers = { 'x-auth-token': await serviceToken('pithos') }
  expect((await app.inject({ url: `${TOKENS}/${'x'.repeat(30)}`, headers })).statusCode).toBe(404)
})

test('a cloud that is reached by https takes codes and secrets no other way', async ({ onTestFinished }) => {
  const { identity, auth, trade } = await openCloud(onTestFinished)
  Object.assign(identity, { baseUrl: () => 'https://cloud.test' })
  expect((await auth({ response_type: 'code', client_id: 'view' })).json()).toMatchObject({
    error: 'invalid_request',
    exception: expect.stringMatching(/^HTTPS is required/),
  })
  expect((await trade({ grant_type: 'authorization_code' })).statusCode).toBe(400)
})
