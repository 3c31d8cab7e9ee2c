// Requests that a page of another site makes a browser send, with its cookies: none of them changes anything. The walk
// is over the routes that are declared, so a new one cannot be forgotten.
import { routesOf } from '@synnefo/lib/http'
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { createTestUser } from '../testing.ts'
import { OPEN_CHANGES } from './cross-origin.ts'
import { openTestApi } from './open-test-api.ts'
import { openTestBrowser } from './open-test-browser.ts'

const LOGIN = { email: 'alice@example.test', password: 'down the rabbit hole' }
const PAGE = '/astakos/ui/api'
const SAFE = ['GET', 'HEAD', 'OPTIONS']

/** Reading, although it is a POST: answers the same to everybody. */
const READING = ['POST /astakos/identity/v2.0/tokens']

async function openCloud(finished: typeof onTestFinished) {
  const cloud = await openTestApi(finished, {
    ASTAKOS_IM_MODULES: ['local', 'ldap', 'shibboleth', 'google', 'twitter', 'linkedin'],
    ASTAKOS_RATELIMIT_ADDRESS_PER_MINUTE: 10_000,
  })
  await createTestUser(cloud.identity, LOGIN)
  const browser = openTestBrowser(cloud)
  expect((await browser.send('POST', 'login', LOGIN)).status).toBe(200)
  const changes = new Map<string, { method: string; url: string }>()
  for (const { method, url } of routesOf(cloud.app)) {
    if (!SAFE.includes(method)) changes.set(`${method} ${url}`, { method, url: url.replace(/:\w+/g, '1').replace('*', '') })
  }
  /** As a browser sends it that has Alice's cookie, but no page of ours. */
  const send = async ({ method, url }: { method: string; url: string }, headers: Record<string, string> = {}) => {
    const answer = await cloud.app.inject({
      method: method as 'POST',
      url,
      headers: { cookie: browser.cookie, ...headers },
      ...(method === 'DELETE' ? {} : { payload: {} }),
    })
    return answer
  }
  /** What is on record of Alice and her account, apart from that she was seen. */
  const state = async () =>
    (
      await cloud.db.one<{ state: string }>(sql`
      SELECT concat((SELECT json_agg(u) FROM identity.users u), (SELECT json_agg(to_jsonb(t) - 'last_used_at') FROM identity.tokens t),
                    (SELECT json_agg(s.id) FROM identity.sessions s), (SELECT json_agg(p) FROM identity.auth_providers p),
                    (SELECT json_agg(f) FROM identity.totp f), (SELECT count(*) FROM identity.mails),
                    (SELECT json_agg(p) FROM identity.projects p)) AS state`)
    ).state
  return { browser, changes, send, state }
}

test('every change of the page’s calls needs the CSRF token of the session, unless it needs no session', async ({
  onTestFinished,
}) => {
  const { browser, changes, send, state } = await openCloud(onTestFinished)
  const before = await state()
  const ours = [...changes].filter(([, { url }]) => url.startsWith(`${PAGE}/`))
  expect(ours.length).toBeGreaterThan(35)
  for (const [name, change] of ours) {
    const answer = await send(change)
    const isOpen = OPEN_CHANGES.some((path) => name.endsWith(` ${PAGE}${path}`))
    if (isOpen) expect([name, answer.body]).toEqual([name, expect.not.stringContaining('CSRF')])
    else expect([name, answer.statusCode, answer.body]).toEqual([name, 403, expect.stringContaining('CSRF token')])
    const wrong = await send(change, { 'x-csrf-token': 'A'.repeat(43) })
    if (!isOpen) expect([name, wrong.statusCode]).toEqual([name, 403])
  }
  expect(await state()).toBe(before)
  expect((await browser.send('GET', 'session')).status).toBe(200)
  // What is said to need no session is there: a table that outlives its routes hides nothing.
  for (const path of OPEN_CHANGES) expect(changes.has(`POST ${PAGE}${path}`), path).toBe(true)
})

test.for([
  ['cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['same-site', { 'sec-fetch-site': 'same-site' }],
  ['another origin', { origin: 'https://evil.test' }],
  ['an origin that is hidden', { origin: 'null' }],
] as [string, Record<string, string>][])(
  'no call of the page is taken from a page that is %s',
  async ([, headers], { onTestFinished }) => {
    const { changes, send } = await openCloud(onTestFinished)
    for (const [name, change] of changes) {
      if (!change.url.startsWith(`${PAGE}/`)) continue
      const answer = await send(change, headers)
      expect([name, answer.statusCode, answer.body]).toEqual([name, 403, expect.stringContaining('pages of this cloud only')])
    }
  },
)

test('nothing else is changed by a cookie alone either', async ({ onTestFinished }) => {
  const { browser, changes, send, state } = await openCloud(onTestFinished)
  const before = await state()
  const done: string[] = []
  for (const [name, change] of changes) {
    if (change.url.startsWith(`${PAGE}/`) || READING.some((reading) => name.startsWith(reading))) continue
    const answers = [await send(change), await send(change, { 'content-type': 'application/x-www-form-urlencoded' })]
    for (const { statusCode } of answers) if (statusCode < 300) done.push(`${name}: ${statusCode}`)
  }
  expect(done).toEqual([])
  expect(await state()).toBe(before)
  expect((await browser.send('GET', 'session')).status).toBe(200)
})

test('an origin of ours is taken as it is written anywhere: by the host that is asked, or by the address of the cloud', async ({
  onTestFinished,
}) => {
  const { changes, send } = await openCloud(onTestFinished)
  const resend = changes.get(`POST ${PAGE}/resend`)!
  for (const origin of ['http://cloud.test', 'http://localhost:8080']) {
    expect((await send(resend, { origin, host: 'localhost:8080' })).statusCode).toBe(400)
  }
})

test('the cookie of a session that has ended does not stand in the way of the next one', async ({ onTestFinished }) => {
  const { browser, changes, send } = await openCloud(onTestFinished)
  const { cookie } = browser
  await browser.send('POST', 'logout')
  for (const [name, change] of changes) {
    if (!change.url.startsWith(`${PAGE}/`)) continue
    expect([name, (await send(change, { cookie })).body]).toEqual([name, expect.not.stringContaining('CSRF')])
  }
})
