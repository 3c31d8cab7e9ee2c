// Signing in by a real directory.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { openTestApi } from '../routes/open-test-api.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { createTestUser } from '../testing.ts'
import { findInDirectory } from './ldap.ts'
import { openLoginBrowser } from './testing/browser.ts'
import { ALICE, GROUPS, openTestDirectory, PEOPLE, SEARCHER, type TestDirectory } from './testing/directory.ts'

const settingsOf = ({ url }: TestDirectory): Partial<IdentitySettings> => ({
  ASTAKOS_IM_MODULES: ['ldap', 'local'],
  AUTH_LDAP_SERVER_URI: url,
  AUTH_LDAP_USER_SEARCH_BASE: PEOPLE,
  AUTH_LDAP_BIND_DN: SEARCHER.dn,
  AUTH_LDAP_BIND_PASSWORD: SEARCHER.password,
  ASTAKOS_AUTH_PROVIDER_LDAP_IDENTIFIER_ATTR: 'entryUUID',
  ASTAKOS_AUTH_PROVIDER_LDAP_AUTOVERIFY_POLICY: true,
})

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const directory = await openTestDirectory(finished)
  const api = await openTestApi(finished, { ...settingsOf(directory), ...settings })
  const browser = openLoginBrowser(api)
  const signIn = (username: string = ALICE.username, password = ALICE.password) =>
    browser.post('login/ldap', { username, password })
  const find = (changes: Partial<IdentitySettings>, username: string = ALICE.username, password = ALICE.password) =>
    findInDirectory({ ...api.identity.settings, ...changes }, 'Directory', { username, password })
  return { ...api, directory, browser, signIn, find }
}

test('a person of the directory signs in without a form, and is known from then on', async ({ onTestFinished }) => {
  const { browser, signIn, directory, db } = await openCloud(onTestFinished)
  expect((await signIn()).body).toMatchObject({
    state: 'active',
    user: { email: ALICE.mail, firstName: 'Alice', lastName: 'Liddell' },
  })
  const { user } = await browser.session()
  await browser.post('logout')
  await directory.change(`uid=alice,${PEOPLE}`, 'sn', ['Hargreaves'])
  expect((await signIn('ALICE')).body.user).toMatchObject({ uuid: user.uuid, lastName: 'Hargreaves' })
  const [link] = await db.any(sql`SELECT module, identifier, info FROM identity.auth_providers`)
  expect(link).toMatchObject({
    module: 'ldap',
    identifier: expect.stringMatching(/^[0-9a-f-]{36}$/),
    info: { username: 'ALICE' },
  })
  expect(browser.cookies.get('astakos_last_login_method')).toBe('ldap')
})

test('a field that its owner may change is asked for and left alone', async ({ onTestFinished }) => {
  const { browser, signIn } = await openCloud(onTestFinished, {
    ASTAKOS_AUTH_PROVIDER_LDAP_USER_ATTR_MAP: {
      email: ['mail', true],
      first_name: ['givenName', false],
      last_name: ['sn', true],
    },
  })
  const { token } = (await signIn()).body
  expect((await browser.post('logins/pending', { token })).body).toMatchObject({ fixed: ['firstName'], email: ALICE.mail })
  const form = { token, email: ALICE.mail, firstName: 'Eve', lastName: 'Pleasance' }
  expect((await browser.post('logins/signup', form)).body).toMatchObject({ user: { firstName: 'Alice', lastName: 'Pleasance' } })
  await browser.post('logout')
  expect((await signIn()).body.user).toMatchObject({ lastName: 'Pleasance' })
})

test.for<[string, (directory: TestDirectory) => Partial<IdentitySettings>]>([
  ['searched for with a name', () => ({})],
  ['named by a template', () => ({ AUTH_LDAP_USER_DN_TEMPLATE: `uid=%(user)s,${PEOPLE}`, AUTH_LDAP_BIND_DN: '' })],
  ['over StartTLS', ({ caFile }) => ({ AUTH_LDAP_START_TLS: true, AUTH_LDAP_CA_FILE: caFile })],
  ['over LDAPS', ({ secureUrl, caFile }) => ({ AUTH_LDAP_SERVER_URI: secureUrl, AUTH_LDAP_CA_FILE: caFile })],
])('a person is %s', async ([, changes], { onTestFinished }) => {
  const { directory, find } = await openCloud(onTestFinished)
  expect(await find(changes(directory))).toMatchObject({ email: ALICE.mail, firstName: 'Alice', emailIsProven: true })
  expect(await find(changes(directory), ALICE.username, 'wrong')).toBeUndefined()
})

test('a certificate that nobody vouches for is not believed', async ({ onTestFinished }) => {
  const { directory, find } = await openCloud(onTestFinished)
  await expect(find({ AUTH_LDAP_START_TLS: true })).rejects.toThrow(/does not answer/)
  await expect(find({ AUTH_LDAP_SERVER_URI: directory.secureUrl })).rejects.toThrow(/does not answer/)
})

test.for<[string, string, string]>([
  ['an empty password', 'alice', ''],
  ['an empty name', '', 'down the rabbit hole'],
  ['a wrong password', 'alice', 'wrong'],
  ['an unknown name', 'mallory', 'down the rabbit hole'],
  ['a name that would match everybody', '*', 'down the rabbit hole'],
  ['a name that would match some', 'ali*', 'down the rabbit hole'],
  ['a name that ends the filter', 'alice)(objectClass=*', 'down the rabbit hole'],
  ['a name with a place to fill', '%(user)s', 'down the rabbit hole'],
  ['a name with a zero', 'alice\u0000', 'down the rabbit hole'],
  ['a referral to elsewhere', 'elsewhere', 'down the rabbit hole'],
])('%s is nobody, searched for or named', async ([, username, password], { onTestFinished }) => {
  const { find } = await openCloud(onTestFinished)
  expect(await find({}, username, password)).toBeUndefined()
  const named = { AUTH_LDAP_USER_DN_TEMPLATE: `uid=%(user)s,${PEOPLE}` }
  expect(await find(named, username, password)).toBeUndefined()
})

test('signs in a name stand for themselves', async ({ onTestFinished }) => {
  const { find } = await openCloud(onTestFinished)
  expect(await find({}, 'a*', 'sign')).toMatchObject({ firstName: 'Star' })
  const named = { AUTH_LDAP_USER_DN_TEMPLATE: `uid=%(user)s,${PEOPLE}` }
  expect(await find(named, 'dodo, the', 'race')).toMatchObject({ firstName: 'Dodo' })
})

test('groups are those of the directory where they are mirrored', async ({ onTestFinished }) => {
  const { browser, signIn, directory, db } = await openCloud(onTestFinished, {
    AUTH_LDAP_GROUP_SEARCH_BASE: GROUPS,
    ASTAKOS_AUTH_PROVIDER_LDAP_MIRROR_GROUPS_POLICY: true,
    ASTAKOS_AUTH_PROVIDER_LDAP_ADD_GROUPS_POLICY: ['academics'],
  })
  await signIn()
  expect((await browser.session()).user.roles).toEqual(expect.arrayContaining(['default', 'academics', 'cats']))
  await browser.post('logout')
  await db.run(
    sql`INSERT INTO identity.group_members SELECT u.id, g.id FROM identity.users u, identity.groups g WHERE g.name = 'admin'`,
  )
  await directory.change(`cn=cats,${GROUPS}`, 'member', [`uid=star,${PEOPLE}`])
  await directory.change(`cn=dogs,${GROUPS}`, 'member', [`uid=alice,${PEOPLE}`])
  await signIn()
  expect([...(await browser.session()).user.roles].sort()).toEqual(['academics', 'default', 'dogs'])
})

test('wrong names and wrong passwords are the same refusal, counted and slowed', async ({ onTestFinished }) => {
  const { signIn, db } = await openCloud(onTestFinished)
  const wrong = await signIn('alice', 'wrong')
  const unknown = await signIn('mallory', 'wrong')
  expect([wrong.status, wrong.text]).toEqual([401, unknown.text])
  await signIn('alice', 'wrong')
  await signIn('Alice', 'wrong')
  expect((await signIn()).status).toBe(429)
  const noted = await db.any(sql`SELECT result FROM identity.audit WHERE target = 'login:ldap'`)
  expect(noted).toHaveLength(4)
  expect(JSON.stringify(noted)).not.toContain('alice')
})

test('a directory that is down is said to be, and passwords work on', async ({ onTestFinished }) => {
  const { browser, signIn, directory, identity } = await openCloud(onTestFinished)
  await createTestUser(identity, { email: 'bob@example.test', password: 'can we fix it' })
  await directory.close()
  const refused = await signIn()
  expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('Directory does not answer')])
  expect((await browser.post('login', { email: 'bob@example.test', password: 'can we fix it' })).status).toBe(200)
})

test('an operator who sets it up wrongly finds out, not the person', async ({ onTestFinished }) => {
  const { find } = await openCloud(onTestFinished)
  await expect(find({ AUTH_LDAP_BIND_PASSWORD: 'wrong' })).rejects.toThrow(/does not answer/)
  await expect(find({ ASTAKOS_AUTH_PROVIDER_LDAP_IDENTIFIER_ATTR: 'objectGUID' })).rejects.toThrow(/does not answer/)
})

test('who is signed in links the directory, and may sign in with either', async ({ onTestFinished }) => {
  const { browser, signIn, identity } = await openCloud(onTestFinished)
  const bob = await createTestUser(identity, { email: 'bob@example.test', password: 'can we fix it' })
  const local = { email: 'bob@example.test', password: 'can we fix it' }
  await browser.post('login', local)
  expect((await browser.get('/astakos/ui/login/ldap/add?force_login=1')).location).toBe('/signin/link?force_login=1')
  expect((await browser.get('/astakos/ui/login/ldap')).location).toBe('/astakos/ui/logout?next=%2Fastakos%2Fui%2Flogin%2Fldap')
  expect((await browser.post('logins/ldap', { username: 'alice', password: 'wrong' })).status).toBe(401)
  expect((await browser.post('logins/ldap', { username: 'alice', password: ALICE.password })).body).toMatchObject({
    message: expect.stringContaining('Directory account'),
  })
  await browser.post('logout')
  expect((await browser.get('/astakos/ui/login/ldap?next=/servers')).location).toBe(
    '/astakos/ui/login?next=%2Fservers&method=ldap',
  )
  expect((await browser.get('/astakos/ui/login/ldap/add')).location).toMatch(/^\/astakos\/ui\/login\?next=/)
  expect((await signIn()).body.user).toMatchObject({ uuid: bob.uuid })
})

test('programs that send the original forms get what a browser got', async ({ onTestFinished }) => {
  const { browser, identity, app } = await openCloud(onTestFinished)
  await createTestUser(identity, { email: 'bob@example.test', password: 'can we fix it' })
  const form = async (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) => {
    const answer = await app.inject({
      method: 'POST',
      url: `/astakos/ui/${path}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams(fields).toString(),
    })
    const cookies = [answer.headers['set-cookie'] ?? []].flat().map((cookie) => cookie.split('=')[0])
    return { location: answer.headers.location, isSignedIn: cookies.includes('sessionid') }
  }
  const bob = { username: 'bob@example.test', password: 'can we fix it', next: '/servers' }
  const alice = { username: 'alice', password: ALICE.password, next: 'https://evil.test/' }
  expect(await form('local', bob)).toEqual({ location: '/servers', isSignedIn: true })
  expect(await form('login/local/', bob)).toEqual({ location: '/servers', isSignedIn: true })
  expect(await form('login/ldap', alice)).toEqual({ location: '/', isSignedIn: true })
  expect(await form('local', { ...bob, password: 'wrong' })).toEqual({
    location: '/astakos/ui/login?outcome=&next=%2Fservers',
    isSignedIn: false,
  })
  expect(await form('local', bob, { 'sec-fetch-site': 'cross-site' })).toMatchObject({ isSignedIn: false })
  expect((await browser.get('/astakos/ui/local?next=/servers')).location).toBe('/astakos/ui/login?next=%2Fservers&method=local')
})

test('who is signed in and led to a page for signing in by another site is left where he was', async ({ onTestFinished }) => {
  const { browser, identity } = await openCloud(onTestFinished)
  await createTestUser(identity, { email: 'bob@example.test', password: 'can we fix it' })
  await browser.post('login', { email: 'bob@example.test', password: 'can we fix it' })
  const led = { 'sec-fetch-site': 'cross-site' }
  for (const path of ['local', 'login/local', 'login/ldap']) {
    expect((await browser.get(`/astakos/ui/${path}?next=/servers`, led)).location).toBe('/')
    const own = await browser.get(`/astakos/ui/${path}?next=/servers`)
    expect(own.location).toBe(`/astakos/ui/logout?next=${encodeURIComponent(`/astakos/ui/${path}?next=/servers`)}`)
  }
  expect((await browser.session()).user).toMatchObject({ email: 'bob@example.test' })
})

test('where passwords may not be used, who has the right one is told what may', async ({ onTestFinished }) => {
  const { browser, identity, db } = await openCloud(onTestFinished, { ASTAKOS_IM_MODULES: ['ldap'] })
  const bob = await createTestUser(identity, { email: 'bob@example.test', password: 'can we fix it' })
  await db.run(
    sql`INSERT INTO identity.auth_providers (user_id, is_verified, module, identifier) VALUES (${bob.id}, true, 'ldap', 'x')`,
  )
  const refused = await browser.post('login', { email: 'bob@example.test', password: 'can we fix it' })
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('Directory')])
  const wrong = await browser.post('login', { email: 'bob@example.test', password: 'wrong' })
  expect([wrong.status, wrong.text]).toEqual([401, expect.not.stringContaining('Directory')])
})
