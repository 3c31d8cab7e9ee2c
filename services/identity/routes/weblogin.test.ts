import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { startSession } from '../sessions/sessions.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { createTestUser } from '../testing.ts'
import { openTestApi } from './open-test-api.ts'

const LOGIN = '/astakos/weblogin/login'
const NEXT = 'pithos://localhost/'

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, settings)
  const { identity, db, app } = api
  const alice = await createTestUser(identity)
  const session = async () =>
    (await db.transaction((tx) => startSession(identity, tx, alice, { address: '::1', userAgent: '', method: 'local' }))).secret
  const cookie = `sessionid=${await session()}`
  const open = (query: string, headers: Record<string, string> = { cookie }) => app.inject({ url: `${LOGIN}?${query}`, headers })
  const isSignedIn = async (shown = cookie) =>
    (await app.inject({ url: '/astakos/ui/api/session', headers: { cookie: shown } })).statusCode === 200
  const works = async (token: string) =>
    (await app.inject({ url: '/astakos/account/v1.0/quotas', headers: { 'x-auth-token': token } })).statusCode === 200
  return { ...api, alice, cookie, session, open, isSignedIn, works }
}

test('a program that asks is handed the token, and nothing keeps it on the way', async ({ onTestFinished }) => {
  const { alice, open } = await openCloud(onTestFinished)
  const answer = await open(`next=${encodeURIComponent(`${NEXT}back?x=1`)}`)
  expect(answer.statusCode).toBe(302)
  expect(answer.headers.location).toBe(`${NEXT}back?uuid=${alice.uuid}&token=${alice.token}`)
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
})

test.for([
  ['', 400],
  ['next=', 400],
  ['next=https://evil.example/', 403],
  ['next=http://localhost/', 403],
  ['next=evil://localhost/', 403],
  ['next=javascript:alert(1)', 403],
  ['next=/relative', 403],
  ['next=//evil.example', 403],
  ['next=PITHOS://localhost/', 302],
  ['next=pithosdev://localhost/', 302],
] as const)('%s answers %i', async ([query, status], { onTestFinished }) => {
  const { open } = await openCloud(onTestFinished)
  const answer = await open(query)
  expect(answer.statusCode).toBe(status)
  if (status !== 302) expect(answer.headers.location).toBeUndefined()
  if (query === '') expect(answer.body).toBe('Missing next parameter')
})

test('schemes of the web are refused also when they are set', async ({ onTestFinished }) => {
  const { open } = await openCloud(onTestFinished, { ASTAKOS_REDIRECT_ALLOWED_SCHEMES: ['https', 'mine'] })
  expect((await open('next=https://evil.example/')).statusCode).toBe(403)
  expect((await open(`next=${NEXT}`)).statusCode).toBe(403)
  expect((await open('next=mine:/x')).statusCode).toBe(302)
})

test('who is not signed in signs in first, and comes back without force', async ({ onTestFinished }) => {
  const { open } = await openCloud(onTestFinished)
  const { statusCode, headers } = await open(`next=${NEXT}&force=`, {})
  expect(statusCode).toBe(302)
  const target = new URL(String(headers.location), 'http://cloud.test')
  expect(target.pathname).toBe('/astakos/ui/login')
  expect(target.searchParams.get('next')).toBe(`http://cloud.test${LOGIN}?next=${encodeURIComponent(NEXT)}`)
})

test('force signs out first', async ({ onTestFinished }) => {
  const { open, isSignedIn } = await openCloud(onTestFinished)
  const answer = await open(`next=${NEXT}&force=`)
  expect(String(answer.headers.location)).toMatch(/^\/astakos\/ui\/login\?next=/)
  expect(String(answer.headers['set-cookie'])).toMatch(/^sessionid=; Max-Age=0/)
  expect(await isSignedIn()).toBe(false)
})

test('renew makes a new token, ends the other sessions and keeps this one', async ({ onTestFinished }) => {
  const { alice, session, open, isSignedIn, works } = await openCloud(onTestFinished)
  const other = `sessionid=${await session()}`
  const answer = await open(`next=${NEXT}&renew=`)
  const token = new URL(String(answer.headers.location)).searchParams.get('token')!
  expect(token).not.toBe(alice.token)
  expect([await works(token), await works(alice.token)]).toEqual([true, false])
  expect([await isSignedIn(), await isSignedIn(other)]).toEqual([true, false])
})

test('a page of somebody else neither signs out nor renews', async ({ onTestFinished }) => {
  const { alice, cookie, open, isSignedIn, works } = await openCloud(onTestFinished)
  for (const flag of ['force', 'renew'])
    expect((await open(`next=${NEXT}&${flag}=`, { cookie, 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
  expect([await isSignedIn(), await works(alice.token)]).toEqual([true, true])
})

test('who signs in by another provider on the way still gets the new token that he asked for', async ({ onTestFinished }) => {
  const { alice, cookie, open, works } = await openCloud(onTestFinished)
  const led = { 'sec-fetch-site': 'cross-site' }
  const query = `next=${encodeURIComponent(NEXT)}&renew=`
  const sent = await open(query, { 'sec-fetch-site': 'none' })
  const kept = /^(weblogin_renew=[^;]+); Max-Age=1800; Path=\/astakos\/weblogin; HttpOnly; SameSite=Lax/.exec(
    String(sent.headers['set-cookie']),
  )![1]!
  const back = new URL(new URL(String(sent.headers.location), 'http://cloud.test').searchParams.get('next')!)
  expect(back.search).toContain('renew=')
  const other = `next=${encodeURIComponent('pithosdev://localhost/')}&renew=`
  expect((await open(other, { cookie: `${cookie}; ${kept}`, ...led })).statusCode).toBe(403)
  expect((await open(query, { cookie: `${cookie}; weblogin_renew=9999999999999.${'A'.repeat(43)}`, ...led })).statusCode).toBe(
    403,
  )
  expect(await works(alice.token)).toBe(true)
  const answer = await open(back.search.slice(1), { cookie: `${cookie}; ${kept}`, ...led })
  expect(answer.statusCode).toBe(302)
  expect(String(answer.headers['set-cookie'])).toMatch(/^weblogin_renew=; Max-Age=0/)
  expect([await works(new URL(String(answer.headers.location)).searchParams.get('token')!), await works(alice.token)]).toEqual([
    true,
    false,
  ])
})

test('who is led here before he signed in gets no new token', async ({ onTestFinished }) => {
  const { open } = await openCloud(onTestFinished)
  const sent = await open(`next=${NEXT}&renew=`, { 'sec-fetch-site': 'cross-site' })
  expect([sent.statusCode, sent.headers['set-cookie']]).toEqual([403, undefined])
})

test('who has not signed the terms does so first', async ({ onTestFinished }) => {
  const { db, identity, alice, open } = await openCloud(onTestFinished)
  await db.run(sql`UPDATE identity.users SET has_signed_terms = false WHERE id = ${alice.id}`)
  identity.authenticator.forget([])
  const { headers } = await open(`next=${NEXT}`)
  expect(String(headers.location)).toMatch(/^\/astakos\/ui\/approval_terms\?next=http/)
})

test('other methods are refused', async ({ onTestFinished }) => {
  const { app } = await openCloud(onTestFinished)
  const answer = await app.inject({ method: 'POST', url: `${LOGIN}?next=${NEXT}` })
  expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET'])
})
