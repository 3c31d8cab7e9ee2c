// OpenID Connect from outside: a stock client finds everything by discovery, and the person is a browser without scripts.

import { sql } from '@synnefo/lib/sql'
import * as client from 'openid-client'
import { expect, type onTestFinished, test } from 'vitest'
import { deactivateUser } from '../../index.ts'
import { addOAuthClient, prepareOAuthClient } from '../../oauth2/clients.ts'
import { signingKeys } from '../../oauth2/openid/keys.ts'
import { startSession } from '../../sessions/sessions.ts'
import { createTestUser } from '../../testing.ts'
import { renewClassicToken } from '../../tokens/tokens.ts'
import { openTestApi } from '../open-test-api.ts'

const BACK = 'https://app.example/back'

/** A browser that keeps cookies by path, follows redirects within the cloud, and submits forms. */
function openBrowser(base: string) {
  const jar = new Map<string, { value: string; path: string }>()
  async function visit(url: URL, form?: Record<string, string>): Promise<{ url: URL; text: string; status: number }> {
    const cookies = [...jar]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { Cookie: cookies.join('; ') },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      const path = /path=([^;]+)/i.exec(line)?.[1] ?? '/'
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name!)
      else jar.set(name!, { value: value!, path })
    }
    const location = answer.headers.get('location')
    const next = location === null ? undefined : new URL(location, url)
    const text = await answer.text()
    if (next && next.origin === base && !next.pathname.startsWith('/astakos/ui/')) return visit(next)
    return { url: next ?? url, text, status: answer.status }
  }
  return {
    visit,
    setSession: (secret: string) => void jar.set('sessionid', { value: secret, path: '/' }),
    hasSession: () => jar.has('sessionid'),
    /** Presses a button of the page's form. */
    press: ({ url, text }: { url: URL; text: string }, decision: string) =>
      visit(url, { csrfmiddlewaretoken: /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(text)![1]!, decision }),
  }
}

async function openCloud(finished: typeof onTestFinished) {
  const api = await openTestApi(finished)
  const { identity, db, app } = api
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  Object.assign(identity, { baseUrl: () => base })
  for (const each of [
    { identifier: 'app', type: 'public', isTrusted: false, redirectUrls: [BACK] },
    { identifier: 'portal', type: 'confidential', secret: 'portal secret', isTrusted: true, redirectUrls: [BACK] },
  ] as const) {
    const prepared = await prepareOAuthClient(each)
    await db.transaction((tx) => addOAuthClient(tx, prepared))
  }
  const alice = await createTestUser(identity, { firstName: 'Alice', lastName: 'Liddell' })
  const session = async (person = alice) =>
    (await db.transaction((tx) => startSession(identity, tx, person, { address: '::1', userAgent: '', method: 'local' }))).secret
  const browser = openBrowser(base)
  browser.setSession(await session())
  const issuer = new URL(`${base}/astakos/oauth2`)
  const options = { execute: [client.allowInsecureRequests] }
  const discover = (id = 'app', secret?: string) =>
    secret === undefined
      ? client.discovery(issuer, id, undefined, client.None(), options)
      : client.discovery(issuer, id, undefined, client.ClientSecretBasic(secret), options)
  async function begin(config: client.Configuration, more: Record<string, string> = {}) {
    const verifier = client.randomPKCECodeVerifier()
    const state = client.randomState()
    const nonce = client.randomNonce()
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: BACK,
      scope: 'openid profile email',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...more,
    })
    const finish = (back: URL) =>
      client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce })
    return { url, finish }
  }
  return { ...api, base, alice, session, browser, discover, begin }
}

test('a stock client signs a person in by discovery, with PKCE and his consent', async ({ onTestFinished }) => {
  const { base, alice, browser, discover, begin } = await openCloud(onTestFinished)
  const config = await discover()
  expect(config.serverMetadata()).toMatchObject({
    issuer: `${base}/astakos/oauth2`,
    authorization_endpoint: `${base}/astakos/oauth2/openid/auth`,
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['openid', 'profile', 'email'],
  })
  const { url, finish } = await begin(config)
  const page = await browser.visit(url)
  for (const shown of ['app asks who you are', 'your e-mail address', BACK, alice.email]) expect(page.text).toContain(shown)
  const { url: back } = await browser.press(page, 'agree')
  expect(back.href.startsWith(`${BACK}?code=`)).toBe(true)
  const tokens = await finish(back)
  expect(tokens.claims()).toMatchObject({ iss: `${base}/astakos/oauth2`, aud: 'app', sub: alice.uuid })
  expect(await client.fetchUserInfo(config, tokens.access_token, alice.uuid)).toEqual({
    sub: alice.uuid,
    name: 'Alice Liddell',
    given_name: 'Alice',
    family_name: 'Liddell',
    preferred_username: alice.email,
    email: alice.email,
    email_verified: true,
  })
  // Asked once, he is not asked again for the same.
  const again = await begin(config)
  expect((await again.finish((await browser.visit(again.url)).url)).claims()?.sub).toBe(alice.uuid)
})

test('a trusted client with a secret asks nobody, and a wrong secret is refused', async ({ onTestFinished }) => {
  const { alice, browser, discover, begin } = await openCloud(onTestFinished)
  const wrong = await discover('portal', 'guess')
  const first = await begin(wrong)
  await expect(first.finish((await browser.visit(first.url)).url)).rejects.toMatchObject({
    cause: [{ parameters: { error: 'invalid_client' } }],
  })
  const right = await discover('portal', 'portal secret')
  const second = await begin(right, { redirect_uri: `${BACK}/below`, scope: 'openid' })
  const { url } = await browser.visit(second.url)
  expect(url.href.startsWith(`${BACK}/below?code=`)).toBe(true)
  expect((await second.finish(url)).claims()?.sub).toBe(alice.uuid)
})

test('who is not signed in signs in first; who refuses sends the client away empty', async ({ onTestFinished }) => {
  const { base, session, browser, discover, begin } = await openCloud(onTestFinished)
  const stranger = openBrowser(base)
  const config = await discover()
  const { url } = await begin(config)
  const login = (await stranger.visit(url)).url
  expect(login.pathname).toBe('/astakos/ui/login')
  stranger.setSession(await session())
  const page = await stranger.visit(new URL(login.searchParams.get('next')!, base))
  expect(page.text).toContain('app asks who you are')
  const { url: back } = await stranger.press(page, 'refuse')
  expect(back.searchParams.get('error')).toBe('access_denied')
  // An interaction is of one browser, and a form of one session.
  expect((await browser.visit(page.url)).status).toBe(404)
})

test('consent without the token of the session is refused', async ({ onTestFinished }) => {
  const { browser, discover, begin } = await openCloud(onTestFinished)
  const page = await browser.visit((await begin(await discover())).url)
  expect((await browser.visit(page.url, { decision: 'agree' })).status).toBe(403)
})

test('prompt=login has the person prove himself again, prompt=none never asks', async ({ onTestFinished }) => {
  const { db, base, alice, session, browser, discover, begin } = await openCloud(onTestFinished)
  await db.run(sql`UPDATE identity.sessions SET proven_at = proven_at - interval '1 minute'`)
  const config = await discover('portal', 'portal secret')
  const { url, finish } = await begin(config, { prompt: 'login' })
  const page = await browser.visit(url)
  expect(page.text).toContain('Sign in again')
  const login = (await browser.press(page, 'again')).url
  expect([login.pathname, browser.hasSession()]).toEqual(['/astakos/ui/login', false])
  browser.setSession(await session())
  const { url: back } = await browser.visit(new URL(login.searchParams.get('next')!, base))
  expect((await finish(back)).claims()?.sub).toBe(alice.uuid)

  const silent = await begin(await discover(), { prompt: 'none' })
  expect((await browser.visit(silent.url)).url.searchParams.get('error')).toBe('consent_required')
})

test('another person at the browser is not taken for the first one', async ({ onTestFinished }) => {
  const { identity, session, browser, discover, begin } = await openCloud(onTestFinished)
  const config = await discover('portal', 'portal secret')
  const first = await begin(config)
  await first.finish((await browser.visit(first.url)).url)
  const bob = await createTestUser(identity)
  browser.setSession(await session(bob))
  const second = await begin(config)
  expect((await second.finish((await browser.visit(second.url)).url)).claims()?.sub).toBe(bob.uuid)
})

test.for([
  [{ redirect_uri: 'https://evil.example/back' }, 'invalid_redirect_uri'],
  [{ redirect_uri: `${BACK}er` }, 'invalid_redirect_uri'],
  [{ client_id: 'fake' }, 'invalid_client'],
] as const)('a request with %j sends nobody anywhere', async ([change, error], { onTestFinished }) => {
  const { browser, discover, begin } = await openCloud(onTestFinished)
  const { url } = await begin(await discover())
  for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value)
  const answer = await browser.visit(url)
  expect([answer.url.href, answer.status]).toEqual([url.href, 400])
  expect(JSON.parse(answer.text)).toMatchObject({ error })
})

test('a public client without PKCE is refused', async ({ onTestFinished }) => {
  const { browser, discover, begin } = await openCloud(onTestFinished)
  const { url } = await begin(await discover())
  url.searchParams.delete('code_challenge')
  url.searchParams.delete('code_challenge_method')
  expect((await browser.visit(url)).url.searchParams.get('error')).toBe('invalid_request')
})

test('tokens end with the API token, and with the account', async ({ onTestFinished }) => {
  const { db, identity, alice, browser, discover, begin } = await openCloud(onTestFinished)
  const config = await discover('portal', 'portal secret')
  const login = async () => {
    const { url, finish } = await begin(config)
    return (await finish((await browser.visit(url)).url)).access_token
  }
  const ask = (token: string) =>
    client.fetchUserInfo(config, token, alice.uuid).then(
      () => 'told',
      () => 'refused',
    )
  const [first] = [await login()]
  expect(await ask(first)).toBe('told')
  await db.transaction((tx) => renewClassicToken(identity, tx, alice))
  expect(await ask(first)).toBe('refused')
  const second = await login()
  await db.transaction((tx) => deactivateUser(identity, tx, alice.id, 'left'))
  expect(await ask(second)).toBe('refused')
})

test('keys are sealed, one for all processes, and replaced in time while old ones are still shown', async ({
  onTestFinished,
}) => {
  const { db, identity } = await openCloud(onTestFinished)
  const many = await Promise.all([signingKeys(identity), signingKeys(identity), signingKeys(identity)])
  const [first] = many[0]!
  expect(many.map((keys) => keys.map(({ kid }) => kid))).toEqual(Array(3).fill([first!.kid]))
  const { row } = await db.one<{ row: string }>(sql`SELECT encode(private_key_sealed, 'escape') AS row FROM identity.openid_keys`)
  expect(row).not.toContain(first!.d)
  await db.run(sql`UPDATE identity.openid_keys SET created_at = created_at - interval '91 days'`)
  const replaced = await signingKeys(identity)
  expect(replaced.map(({ kid }) => kid)).toEqual([expect.not.stringContaining(first!.kid), first!.kid])
  await db.run(sql`UPDATE identity.openid_keys SET created_at = created_at - interval '91 days'`)
  expect((await signingKeys(identity)).map(({ kid }) => kid)).not.toContain(first!.kid)
})

test('nothing that opens something is stored as it is', async ({ onTestFinished }) => {
  const { db, browser, discover, begin } = await openCloud(onTestFinished)
  const { url, finish } = await begin(await discover('portal', 'portal secret'))
  const back = (await browser.visit(url)).url
  const { access_token: token } = await finish(back)
  const rows = await db.any<{ row: string }>(
    sql`SELECT t::text || encode(payload, 'escape') AS row FROM identity.openid_records t`,
  )
  const text = rows.map(({ row }) => row).join()
  expect(rows.length).toBeGreaterThan(2)
  for (const secret of [token, back.searchParams.get('code')!]) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(Buffer.from(secret).toString('hex'))
  }
})
