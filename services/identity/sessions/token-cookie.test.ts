import { expect, type onTestFinished, test } from 'vitest'
import { openTestApi } from '../routes/open-test-api.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { createTestUser } from '../testing.ts'
import { csrfTokenOf } from './cookie.ts'

const PAGE = { accept: 'text/html,application/xhtml+xml' }

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, {
    ASTAKOS_COOKIE_ENABLED: true,
    ASTAKOS_COOKIE_DOMAIN: '.example.org',
    ...settings,
  })
  const alice = await createTestUser(api.identity, { email: 'alice@example.test', password: 'a long sentence' })
  const signIn = () =>
    api.app.inject({ method: 'POST', url: '/astakos/ui/api/login', payload: { email: alice.email, password: 'a long sentence' } })
  return { ...api, alice, signIn }
}

const cookiesOf = ({ headers }: { headers: Record<string, unknown> }) => [headers['set-cookie'] ?? []].flat() as string[]
const tokenCookieOf = (answer: { headers: Record<string, unknown> }) =>
  cookiesOf(answer).find((cookie) => cookie.startsWith('_pithos2_a='))

test('it is off unless the operator wants it', async ({ onTestFinished }) => {
  const { signIn } = await openCloud(onTestFinished, { ASTAKOS_COOKIE_ENABLED: false })
  expect(tokenCookieOf(await signIn())).toBeUndefined()
})

test('it comes and goes with the session, for scripts of the domain to read', async ({ onTestFinished }) => {
  const { app, identity, alice, signIn } = await openCloud(onTestFinished)
  const answer = await signIn()
  expect(tokenCookieOf(answer)).toMatch(
    new RegExp(
      `^_pithos2_a=${alice.uuid}%7C${alice.token}; Path=/; Domain=.example.org; Expires=[^;]+ GMT; SameSite=Lax; Secure$`,
    ),
  )
  const session = /sessionid=([\w-]{43})/.exec(cookiesOf(answer).join())![1]!
  const shown = `sessionid=${session}; ${tokenCookieOf(answer)!.split(';')[0]}`
  const headers = { cookie: shown, 'x-csrf-token': csrfTokenOf(identity, session) }
  const signedOut = await app.inject({ method: 'POST', url: '/astakos/ui/api/logout', headers })
  expect(tokenCookieOf(signedOut)).toMatch(/^_pithos2_a=; .*Expires=Thu, 01 Jan 1970/)
})

test('every page puts it right, and none sends the browser round for it', async ({ onTestFinished }) => {
  const { app, alice, signIn } = await openCloud(onTestFinished)
  const session = /sessionid=[\w-]{43}/.exec(cookiesOf(await signIn()).join())![0]
  const right = `_pithos2_a=${alice.uuid}%7C${alice.token}`
  const load = (cookie: string, accept: object = PAGE) =>
    app.inject({ url: '/astakos/ui/.kamakirc', headers: { cookie, ...accept } })
  for (const cookie of [session, `${session}; _pithos2_a=someone%7Celse`]) {
    const answer = await load(cookie)
    expect([answer.statusCode, tokenCookieOf(answer)?.startsWith(right)]).toEqual([200, true])
  }
  expect(tokenCookieOf(await load(`${session}; ${right}`))).toBeUndefined()
  expect(tokenCookieOf(await load(right))).toMatch(/^_pithos2_a=; /)
  expect(tokenCookieOf(await load(`${session}; _pithos2_a=stale`, {}))).toBeUndefined()
})

test('services never take it for a token', async ({ onTestFinished }) => {
  const { app, alice } = await openCloud(onTestFinished)
  const cookie = `_pithos2_a=${alice.uuid}%7C${alice.token}`
  expect((await app.inject({ url: '/astakos/account/v1.0/quotas', headers: { cookie } })).statusCode).toBe(401)
})
