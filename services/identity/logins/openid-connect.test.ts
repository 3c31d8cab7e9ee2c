// Signing in by a real OpenID provider: who is known, who is not, and everything that may go wrong on the way.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { openTestApi } from '../routes/open-test-api.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { createTestUser } from '../testing.ts'
import { addLogin, removeLogin, switchLogin } from './links.ts'
import { type LoginBrowser, openLoginBrowser } from './testing/browser.ts'
import { openTestProvider, type TestPerson, walkThrough } from './testing/openid-provider.ts'

const HOME = 'http://cloud.test/'
const CALLBACK = (module: string) => `${HOME}astakos/ui/login/${module}/authenticated`
const ALICE: TestPerson = {
  ...{ sub: '1142', email: 'alice@example.test', email_verified: true },
  ...{ given_name: 'Alice', family_name: 'Liddell', preferred_username: 'alice' },
}
const FIXED = { email: ['email', false], first_name: ['given_name', false], last_name: ['family_name', false] } as const
/** The provider decides everything and its word is enough. */
const TRUSTED = {
  ASTAKOS_AUTH_PROVIDER_OIDC_USER_ATTR_MAP: FIXED as unknown as IdentitySettings['ASTAKOS_AUTH_PROVIDER_OIDC_USER_ATTR_MAP'],
  ASTAKOS_AUTH_PROVIDER_OIDC_AUTOVERIFY_POLICY: true,
}

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const provider = await openTestProvider(finished, [CALLBACK('oidc'), CALLBACK('google'), CALLBACK('linkedin')])
  provider.person = ALICE
  const { issuer, clientId, secret } = provider
  const api = await openTestApi(finished, {
    ASTAKOS_IM_MODULES: ['local', 'oidc'],
    ...{ ASTAKOS_OIDC_ISSUER: issuer, ASTAKOS_OIDC_CLIENT_ID: clientId, ASTAKOS_OIDC_SECRET: secret },
    ...{ ASTAKOS_GOOGLE_ISSUER: issuer, ASTAKOS_GOOGLE_CLIENT_ID: clientId, ASTAKOS_GOOGLE_SECRET: secret },
    ...{ ASTAKOS_LINKEDIN_ISSUER: issuer, ASTAKOS_LINKEDIN_TOKEN: clientId, ASTAKOS_LINKEDIN_SECRET: secret },
    ...settings,
  })
  const browser = openLoginBrowser(api)
  /** All the way: to the provider, through its pages, and back. */
  async function goThrough(by: LoginBrowser = browser, query = '', module = 'oidc') {
    const start = await by.get(`/astakos/ui/login/${module}${query}`)
    expect(start.status).toBe(302)
    const back = await walkThrough(start.location, HOME)
    return by.get(back.pathname + back.search)
  }
  const mails = async () => {
    await api.tasks.settle()
    return api.mailer.sent
  }
  const links = (userId: bigint) =>
    api.db.any<{ module: string; identifier: string }>(
      sql`SELECT module, identifier FROM identity.auth_providers WHERE user_id = ${userId} ORDER BY id`,
    )
  const link = (userId: bigint, identifier: string, module = 'oidc') =>
    api.db.run(sql`
      INSERT INTO identity.auth_providers (user_id, is_verified, module, identifier) VALUES (${userId}, true, ${module}, ${identifier})`)
  return { ...api, provider, browser, goThrough, mails, links, link }
}

test('whose identity is known is signed in and goes on where he wanted to', async ({ onTestFinished }) => {
  const { identity, browser, goThrough, link, db } = await openCloud(onTestFinished)
  const { id, email } = await createTestUser(identity)
  await link(id, ALICE.sub)
  const back = await goThrough(browser, '?next=/servers?page=2')
  expect([back.status, back.location]).toEqual([302, '/servers?page=2'])
  expect((await browser.session()).user).toMatchObject({ email })
  expect(browser.cookies.get('astakos_last_login_method')).toBe('oidc')
  const [row] = await db.any(sql`SELECT last_login_at FROM identity.auth_providers WHERE module = 'oidc'`)
  expect(row!['last_login_at']).toBeInstanceOf(Date)
})

test.for(['google', 'linkedin', 'oidc'] as const)(
  'the preset %s names people as the provider does',
  async (module, { onTestFinished }) => {
    const { identity, browser, goThrough, link } = await openCloud(onTestFinished, { ASTAKOS_IM_MODULES: [module] })
    const { id, email } = await createTestUser(identity)
    await link(id, ALICE.sub, module)
    await goThrough(browser, '', module)
    expect((await browser.session()).user).toMatchObject({ email })
  },
)

test('nobody reaches a method that is not offered', async ({ onTestFinished }) => {
  const { browser } = await openCloud(onTestFinished)
  for (const path of ['google', 'google/authenticated', 'twitter', 'linkedin', 'ldap', 'shibboleth']) {
    expect((await browser.get(`/astakos/ui/login/${path}`)).status).toBe(404)
    expect((await browser.get(`/astakos/ui/login/${path}/`)).text).toContain('not offered')
  }
  expect((await browser.get('logins/methods')).body).toMatchObject({
    methods: [
      { module: 'local', asksPassword: true },
      { module: 'oidc', asksPassword: false, address: '/astakos/ui/login/oidc' },
    ],
  })
})

test('an unknown person fills in a form, confirms his address and signs in from then on', async ({ onTestFinished }) => {
  const { browser, goThrough, mails } = await openCloud(onTestFinished)
  const back = await goThrough(browser, '?next=/servers')
  const form = new URL(back.location, HOME)
  expect([form.pathname, form.searchParams.get('next')]).toEqual(['/astakos/ui/signup', '/servers'])
  const token = form.searchParams.get('third_party_token')!
  expect((await browser.post('logins/pending', { token })).body).toEqual({
    ...{ module: 'oidc', title: 'Single sign-on', account: 'Single sign-on account' },
    ...{ email: 'alice@example.test', firstName: 'Alice', lastName: 'Liddell' },
    ...{ fixed: [], mayCreate: true, mayAttach: true, replaces: false, hasAccount: false, needsTerms: false },
  })
  const registered = await browser.post('logins/signup', { token, email: 'alice@home.test', firstName: 'Ally', lastName: 'L' })
  expect(registered.body).toEqual({ state: 'verification' })
  expect((await browser.post('logins/pending', { token })).status).toBe(404) // it is an account's now
  const code = /activate\?auth=([0-9a-f-]+)&/.exec((await mails())[0]!.text)![1]!
  expect((await browser.post('activate', { auth: code })).body).toMatchObject({
    state: 'active',
    user: { email: 'alice@home.test' },
  })
  await browser.post('logout')
  expect((await goThrough()).location).toBe('/')
  expect((await browser.session()).user).toMatchObject({ email: 'alice@home.test', firstName: 'Ally' })
})

test('where the provider decides everything and is believed, nothing is asked', async ({ onTestFinished }) => {
  const { browser, goThrough, provider, mails } = await openCloud(onTestFinished, TRUSTED)
  expect((await goThrough()).location).toBe('/')
  expect((await browser.session()).user).toMatchObject({ email: ALICE.email, firstName: 'Alice', lastName: 'Liddell' })
  expect((await mails()).map(({ subject }) => subject)).toEqual(['Welcome to Synnefo'])
  await browser.post('logout')
  provider.person = { ...ALICE, family_name: 'Hargreaves', email: 'alice@married.test' }
  await goThrough()
  expect((await browser.session()).user).toMatchObject({ email: 'alice@married.test', lastName: 'Hargreaves' })
})

test('an address that nobody vouches for is confirmed by mail, whatever the policy says', async ({ onTestFinished }) => {
  const { browser, goThrough, provider, mails } = await openCloud(onTestFinished, TRUSTED)
  provider.person = { ...ALICE, email_verified: false }
  const back = await goThrough()
  expect(back.location).toBe('/astakos/ui/login?outcome=')
  expect(await browser.outcome()).toMatchObject({ type: 'success', text: expect.stringContaining('mail') })
  expect((await mails())[0]!.subject).toBe('Synnefo account verification')
  expect((await browser.session()).user).toBeUndefined()
})

test('policies decide whether a moderator is needed', async ({ onTestFinished }) => {
  const moderated = { ...TRUSTED, ASTAKOS_MODERATION_ENABLED: true }
  const waiting = await openCloud(onTestFinished, moderated)
  await waiting.goThrough()
  expect(await waiting.browser.outcome()).toMatchObject({ type: 'warning', text: expect.stringContaining('approve') })
  await waiting.goThrough()
  expect(await waiting.browser.outcome()).toMatchObject({ type: 'error', text: expect.stringContaining('approval') })
  const open = await openCloud(onTestFinished, { ...moderated, ASTAKOS_AUTH_PROVIDER_OIDC_AUTOMODERATE_POLICY: true })
  await open.goThrough()
  expect((await open.browser.session()).user).toMatchObject({ email: ALICE.email })
  expect(await open.db.one(sql`SELECT accepted_policy FROM identity.users`)).toEqual({ accepted_policy: 'auth_provider_oidc' })
})

test('an address that has an account is given no second one; its owner may attach the identity', async ({ onTestFinished }) => {
  const { identity, browser, goThrough, links } = await openCloud(onTestFinished, TRUSTED)
  const alice = await createTestUser(identity, { email: ALICE.email!, password: 'down the rabbit hole' })
  const token = new URL((await goThrough()).location, HOME).searchParams.get('third_party_token')!
  expect((await browser.post('logins/pending', { token })).body).toMatchObject({ hasAccount: true })
  const refused = await browser.post('logins/signup', { token })
  expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('add this way to sign in')])
  await browser.post('login', { email: ALICE.email, password: 'down the rabbit hole' })
  expect((await browser.post('logins/attach', { token })).body).toMatchObject({ module: 'oidc' })
  expect(await links(alice.id)).toEqual([
    { module: 'local', identifier: '' },
    { module: 'oidc', identifier: ALICE.sub },
  ])
  expect((await browser.post('logins/attach', { token })).status).toBe(404)
})

test('whoever types an address learns nothing of its account', async ({ onTestFinished }) => {
  const { identity, browser, goThrough, mails, db } = await openCloud(onTestFinished)
  await createTestUser(identity, { email: 'bob@example.test' })
  const token = new URL((await goThrough()).location, HOME).searchParams.get('third_party_token')!
  const form = { token, email: 'bob@example.test', firstName: 'Alice', lastName: 'Liddell' }
  expect((await browser.post('logins/signup', form)).body).toEqual({ state: 'verification' })
  expect((await mails()).map(({ to, subject }) => [to, subject])).toEqual([['bob@example.test', 'Your Synnefo account']])
  expect(await db.one(sql`SELECT count(*)::int AS count FROM identity.users`)).toEqual({ count: 1 })
})

test('who is signed in links an identity, exchanges it and removes it', async ({ onTestFinished }) => {
  const { identity, browser, goThrough, provider, links } = await openCloud(onTestFinished, {
    ASTAKOS_AUTH_PROVIDER_OIDC_ADD_GROUPS_POLICY: ['cats'],
    ASTAKOS_AUTH_PROVIDER_OIDC_REMOVE_POLICY: false,
  })
  const alice = await createTestUser(identity, { email: 'a@example.test', password: 'down the rabbit hole' })
  await browser.post('login', { email: 'a@example.test', password: 'down the rabbit hole' })
  expect((await browser.get('logins')).body).toMatchObject({
    enabled: [{ module: 'local', mayRemove: false }],
    available: [{ module: 'oidc', address: '/astakos/ui/login/oidc?force_login=1' }],
    missing: [],
  })
  expect((await goThrough()).location).toBe('/astakos/ui/profile?outcome=')
  expect(await browser.outcome()).toMatchObject({ type: 'success' })
  expect((await browser.session()).user.roles).toEqual(['default', 'cats'])
  const { enabled, available } = (await browser.get('logins')).body
  expect(enabled[1]).toMatchObject({ module: 'oidc', details: 'Single sign-on account: alice', mayRemove: false })
  expect(available).toEqual([])

  provider.person = { ...ALICE, sub: '2284' }
  await goThrough(browser, enabled[1].switchAddress.slice('/astakos/ui/login/oidc'.length))
  expect((await links(alice.id)).map(({ identifier }) => identifier)).toEqual(['', '2284'])
  provider.person = { ...ALICE, sub: '3426' }
  await goThrough()
  expect(await browser.outcome()).toMatchObject({ type: 'error', text: expect.stringContaining('may not be given') })

  const [local, oidc] = (await browser.get('logins')).body.enabled
  expect((await browser.send('DELETE', `logins/${oidc.id}`)).status).toBe(403)
  expect((await browser.send('DELETE', `logins/${local.id}`)).status).toBe(204)
  expect((await browser.send('DELETE', `logins/${local.id}`)).status).toBe(404)
  expect((await browser.post('login', { email: 'a@example.test', password: 'down the rabbit hole' })).status).toBe(401)
})

test('groups that came with a link go with it, and the last link stays', async ({ onTestFinished }) => {
  const { identity, browser, goThrough } = await openCloud(onTestFinished, {
    ASTAKOS_AUTH_PROVIDER_OIDC_ADD_GROUPS_POLICY: ['cats'],
  })
  await createTestUser(identity, { email: 'a@example.test', password: 'down the rabbit hole' })
  await browser.post('login', { email: 'a@example.test', password: 'down the rabbit hole' })
  await goThrough()
  expect((await browser.session()).user.roles).toContain('cats')
  const [local, oidc] = (await browser.get('logins')).body.enabled
  expect(oidc.mayRemove).toBe(true)
  expect((await browser.post(`/astakos/ui/remove_auth_provider/${oidc.id}`)).location).toBe('/astakos/ui/profile?outcome=')
  expect((await browser.session()).user.roles).not.toContain('cats')
  const refused = await browser.send('DELETE', `logins/${local.id}`)
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('last way to sign in')])
})

test('an identity of another account is refused, and taken from a registration that nobody verified', async ({
  onTestFinished,
}) => {
  const { identity, browser, goThrough, link, links, db } = await openCloud(onTestFinished)
  const bob = await createTestUser(identity)
  const alice = await createTestUser(identity, { email: 'a@example.test', password: 'down the rabbit hole' })
  await link(bob.id, ALICE.sub)
  await browser.post('login', { email: 'a@example.test', password: 'down the rabbit hole' })
  await goThrough()
  expect(await browser.outcome()).toMatchObject({ type: 'error', text: expect.stringContaining('belongs to another account') })
  await db.run(sql`UPDATE identity.users SET email_verified = false, is_active = false WHERE id = ${bob.id}`)
  await goThrough()
  expect(await links(alice.id)).toHaveLength(2)
  expect(await db.maybeOne(sql`SELECT id FROM identity.users WHERE id = ${bob.id}`)).toBeUndefined()
})

test('of many who link one identity at once, one has it', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const browsers = await Promise.all(
    Array.from({ length: 5 }, async (_, index) => {
      const email = `p${index}@example.test`
      await createTestUser(cloud.identity, { email, password: 'down the rabbit hole' })
      const browser = openLoginBrowser(cloud)
      await browser.post('login', { email, password: 'down the rabbit hole' })
      return browser
    }),
  )
  await Promise.all(browsers.map((browser) => cloud.goThrough(browser)))
  const outcomes = await Promise.all(browsers.map((browser) => browser.outcome()))
  expect(outcomes.filter(({ type }) => type === 'success')).toHaveLength(1)
  expect(await cloud.db.any(sql`SELECT id FROM identity.auth_providers WHERE identifier = ${ALICE.sub}`)).toHaveLength(1)
})

test('of many first sign-ins with one identity at once, one account comes', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished, TRUSTED)
  await Promise.all(Array.from({ length: 5 }, () => cloud.goThrough(openLoginBrowser(cloud))))
  expect(await cloud.db.any(sql`SELECT id FROM identity.users`)).toHaveLength(1)
})

test.for<[string, RegExp, (cloud: Awaited<ReturnType<typeof openCloud>>) => Promise<unknown>]>([
  [
    'a person who says no',
    /not allowed to tell/,
    async ({ provider, goThrough }) => {
      provider.refuses = true
      await goThrough()
    },
  ],
  [
    'a provider that is down',
    /does not answer/,
    async ({ provider, browser }) => {
      await provider.close()
      await browser.get('/astakos/ui/login/oidc')
    },
  ],
  [
    'a provider that goes down on the way',
    /does not answer/,
    async ({ provider, browser }) => {
      const back = await walkThrough((await browser.get('/astakos/ui/login/oidc')).location, HOME)
      await provider.close()
      await browser.get(back.pathname + back.search)
    },
  ],
  [
    'a state that is not ours',
    /not started in this browser/,
    async ({ browser }) => {
      const back = await walkThrough((await browser.get('/astakos/ui/login/oidc')).location, HOME)
      back.searchParams.set('state', 'x'.repeat(43))
      await browser.get(back.pathname + back.search)
    },
  ],
  [
    'a nonce of another hand-shake',
    /not started in this browser/,
    async ({ browser }) => {
      const start = new URL((await browser.get('/astakos/ui/login/oidc')).location)
      start.searchParams.set('nonce', 'x'.repeat(43))
      const back = await walkThrough(start.href, HOME)
      await browser.get(back.pathname + back.search)
    },
  ],
  [
    'a code that was asked for with another verifier',
    /not started in this browser/,
    async ({ browser }) => {
      const start = new URL((await browser.get('/astakos/ui/login/oidc')).location)
      start.searchParams.set('code_challenge', 'x'.repeat(43))
      const back = await walkThrough(start.href, HOME)
      await browser.get(back.pathname + back.search)
    },
  ],
  [
    'a callback that another browser was sent',
    /not started in this browser/,
    async (cloud) => {
      const back = await walkThrough((await openLoginBrowser(cloud).get('/astakos/ui/login/oidc')).location, HOME)
      await cloud.browser.get(back.pathname + back.search)
    },
  ],
  [
    'a callback that comes twice with its cookie',
    /finished before/,
    async ({ browser, provider }) => {
      const start = await browser.get('/astakos/ui/login/oidc')
      const cookie = browser.cookies.get('login_oidc')!
      const back = await walkThrough(start.location, HOME)
      await browser.get(back.pathname + back.search)
      const asked = provider.tokensAsked
      browser.cookies.set('login_oidc', cookie)
      await browser.get(back.pathname + back.search)
      expect(provider.tokensAsked).toBe(asked)
    },
  ],
  [
    'somebody else who signed in meanwhile',
    /session ended or changed/,
    async ({ identity, browser }) => {
      await createTestUser(identity, { email: 'a@example.test', password: 'down the rabbit hole' })
      await createTestUser(identity, { email: 'b@example.test', password: 'down the rabbit hole' })
      await browser.post('login', { email: 'a@example.test', password: 'down the rabbit hole' })
      const back = await walkThrough((await browser.get('/astakos/ui/login/oidc')).location, HOME)
      await browser.post('login', { email: 'b@example.test', password: 'down the rabbit hole' })
      await browser.get(back.pathname + back.search)
    },
  ],
  [
    'an account that is disabled',
    /disabled/,
    async ({ identity, link, goThrough, db }) => {
      const { id } = await createTestUser(identity)
      await link(id, ALICE.sub)
      await db.run(sql`UPDATE identity.users SET is_active = false WHERE id = ${id}`)
      await goThrough()
      return 'linked before'
    },
  ],
])('%s is told so, and nothing is lost or gained', async ([, words, act], { onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const linksBefore = (await act(cloud)) === 'linked before' ? 1 : 0
  expect(await cloud.browser.outcome()).toMatchObject({ type: 'error', text: expect.stringMatching(words) })
  expect(await cloud.browser.outcome()).toBeNull() // said once
  const links = await cloud.db.any(sql`SELECT id FROM identity.auth_providers WHERE module = 'oidc'`)
  expect(links).toHaveLength(linksBefore)
})

test('a refusal leads back with where the person wanted to go', async ({ onTestFinished }) => {
  const { provider, goThrough } = await openCloud(onTestFinished)
  provider.refuses = true
  expect((await goThrough(undefined, '?next=/servers&key=abc')).location).toBe(
    '/astakos/ui/login?outcome=&next=%2Fservers&key=abc',
  )
})

test('a second factor is asked for after a provider as after a password', async ({ onTestFinished }) => {
  const { identity, browser, goThrough, link, db } = await openCloud(onTestFinished)
  const { id } = await createTestUser(identity)
  await link(id, ALICE.sub)
  await db.run(sql`INSERT INTO identity.totp (user_id, secret_sealed, confirmed_at) VALUES (${id}, '\\x00', now())`)
  expect((await goThrough(browser, '?next=/servers')).location).toBe('/astakos/ui/login?outcome=&next=%2Fservers')
  expect(await browser.outcome()).toMatchObject({
    challenge: expect.stringMatching(/^[\w-]{43}$/),
    factors: expect.arrayContaining(['totp']),
  })
  expect((await browser.session()).user).toBeUndefined()
})

test('an identity that waits is attached to the account that is signed in to by another provider', async ({ onTestFinished }) => {
  const { identity, browser, goThrough, provider, link, links } = await openCloud(onTestFinished, {
    ASTAKOS_IM_MODULES: ['oidc', 'google'],
  })
  const { id } = await createTestUser(identity)
  await link(id, 'at google', 'google')
  const key = new URL((await goThrough()).location, HOME).searchParams.get('third_party_token')!
  provider.person = { ...ALICE, sub: 'at google' }
  expect((await goThrough(browser, `?key=${key}&next=/servers`, 'google')).location).toBe('/servers?outcome=')
  expect(await browser.outcome()).toMatchObject({ type: 'success', text: expect.stringContaining('Single sign-on account') })
  expect((await links(id)).map(({ module }) => module)).toEqual(['local', 'google', 'oidc'])
})

test('an identity that waits is of no use in a browser that did not earn it', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { id } = await createTestUser(cloud.identity, { email: 'victim@example.test', password: 'down the rabbit hole' })
  const token = new URL((await cloud.goThrough()).location, HOME).searchParams.get('third_party_token')!
  const victim = openLoginBrowser(cloud) // is sent a link that carries the token
  victim.cookies.set('login_pending', 'A'.repeat(43))
  const form = { token, email: 'new@example.test', firstName: 'A', lastName: 'B' }
  for (const [path, body] of Object.entries({ 'logins/pending': { token }, 'logins/signup': form })) {
    const refused = await victim.post(path, body)
    expect([refused.status, refused.text]).toEqual([404, expect.stringContaining('not open any more')])
  }
  const credentials = { username: 'victim@example.test', password: 'down the rabbit hole' }
  const entered = await cloud.app.inject({
    method: 'POST',
    url: '/astakos/ui/local',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ ...credentials, key: token }).toString(),
  })
  expect(entered.headers.location).toBe('/?outcome=')
  await victim.post('login', { email: credentials.username, password: credentials.password })
  expect((await victim.post('logins/attach', { token })).status).toBe(404)
  expect((await cloud.links(id)).map(({ module }) => module)).toEqual(['local'])
  expect((await cloud.browser.post('logins/pending', { token })).status).toBe(200)
})

test('an identity that waits is attached with a fresh proof only', async ({ onTestFinished }) => {
  const { identity, db, browser, goThrough, links } = await openCloud(onTestFinished)
  const { id } = await createTestUser(identity, { email: 'bob@example.test', password: 'down the rabbit hole' })
  const token = new URL((await goThrough()).location, HOME).searchParams.get('third_party_token')!
  await browser.post('login', { email: 'bob@example.test', password: 'down the rabbit hole' })
  await db.run(sql`UPDATE identity.sessions SET proven_at = now() - interval '16 minutes'`)
  const refused = await browser.post('logins/attach', { token })
  expect([refused.status, refused.message.details]).toEqual([403, 'proof required'])
  expect((await links(id)).map(({ module }) => module)).toEqual(['local'])
})

test('the owner of an account is told by mail which way to sign in came, changed or went', async ({ onTestFinished }) => {
  const { identity, db, mails } = await openCloud(onTestFinished, { ASTAKOS_AUTH_PROVIDER_OIDC_REMOVE_POLICY: false })
  const alice = await createTestUser(identity, { email: 'alice@home.test', password: 'down the rabbit hole' })
  const claims = (identifier: string) => ({
    ...{ module: 'oidc' as const, identifier, email: '', firstName: '', lastName: '', affiliation: '' },
    ...{ emailIsProven: false, groups: null, info: {} },
  })
  const linkTo = async (module: string) =>
    (await db.one<{ id: bigint }>(sql`SELECT id FROM identity.auth_providers WHERE module = ${module}`)).id
  const address = '192.0.2.1'
  await db.transaction((tx) => addLogin(identity, tx, alice, claims('one'), address))
  const linkId = await linkTo('oidc')
  await db.transaction((tx) => switchLogin(identity, tx, alice, { linkId, claims: claims('two'), address }))
  const password = await linkTo('local')
  await db.transaction((tx) => removeLogin(identity, tx, alice, password, address))
  const sent = await mails()
  expect(sent.map(({ to }) => to)).toEqual(['alice@home.test', 'alice@home.test', 'alice@home.test'])
  for (const words of [
    /was given another way to sign in: Single/,
    /was exchanged for another one: Single/,
    /was removed from your account: /,
  ]) {
    expect(sent.filter(({ text }) => words.test(text) && text.includes(address))).toHaveLength(1)
  }
})

test('policies may keep people from signing in, signing up and adding', async ({ onTestFinished }) => {
  const { identity, browser, goThrough, link } = await openCloud(onTestFinished, {
    ASTAKOS_AUTH_PROVIDER_OIDC_LOGIN_POLICY: false,
    ASTAKOS_AUTH_PROVIDER_OIDC_CREATE_POLICY: false,
    ASTAKOS_ENABLE_LOCAL_ACCOUNT_MIGRATION: false,
  })
  await goThrough()
  expect(await browser.outcome()).toMatchObject({ text: 'No account can be made with Single sign-on.' })
  const { id } = await createTestUser(identity)
  await link(id, ALICE.sub)
  await goThrough()
  expect(await browser.outcome()).toMatchObject({ text: expect.stringContaining('Password') })
})

test.for([
  [{}, false],
  [{ ASTAKOS_AUTH_PROVIDER_OIDC_CREATE_POLICY: true }, true],
  [{ ASTAKOS_AUTH_PROVIDERS_CREATE_POLICY: true }, true],
  [{ ASTAKOS_AUTH_PROVIDER_GOOGLE_CREATE_POLICY: true }, false],
] as const)('where sign-up is closed, a provider opens it only if a setting says so: %j %s', async ([settings, may], test) => {
  const { browser, goThrough, db } = await openCloud(test.onTestFinished, { ASTAKOS_SHOW_SIGNUP: false, ...settings })
  const token = new URL((await goThrough()).location, HOME).searchParams.get('third_party_token')!
  expect((await browser.post('logins/pending', { token })).body).toMatchObject({ mayCreate: may })
  const form = { token, email: 'new@example.test', firstName: 'A', lastName: 'B' }
  expect((await browser.post('logins/signup', form)).status).toBe(may ? 200 : 403)
  expect(await db.any(sql`SELECT id FROM identity.users`)).toHaveLength(may ? 1 : 0)
})

test('a provider that is required sends people to add it', async ({ onTestFinished }) => {
  const { identity, browser, goThrough, link } = await openCloud(onTestFinished, {
    ASTAKOS_IM_MODULES: ['oidc', 'google'],
    ASTAKOS_AUTH_PROVIDER_GOOGLE_REQUIRED_POLICY: true,
    ASTAKOS_AUTH_PROVIDER_GOOGLE_REQUIRED: 'Please add {title}.',
  })
  const { id } = await createTestUser(identity)
  await link(id, ALICE.sub)
  expect((await goThrough(browser, '?next=/servers')).location).toBe('/astakos/ui/profile?outcome=')
  expect(await browser.outcome()).toMatchObject({ type: 'warning', text: 'Please add Google.' })
  expect((await browser.session()).missingLogins).toEqual([{ module: 'google', message: 'Please add Google.' }])
})
