// What the page does for a person: sign up, follow the mail, sign in, look after tokens, sign out.
import { MailRefused, openSimulated } from '@synnefo/engine-mail'
import { silentLog } from '@synnefo/lib/log'
import { raw, sql } from '@synnefo/lib/sql'
import { openTasks } from '@synnefo/lib/tasks'
import { expect, type onTestFinished, test } from 'vitest'
import { authenticate, deactivateUser, sessionTokenOf } from '../../index.ts'
import type { IdentitySettings } from '../../settings/index.ts'
import { findUserByEmail } from '../../store/users.ts'
import { identityTasks } from '../../tasks/index.ts'
import { createTestUser } from '../../testing.ts'
import { hashPassword } from '../../users/password-hash.ts'
import { setPassword } from '../../users/passwords.ts'
import { openTestApi } from '../open-test-api.ts'
import { openTestBrowser } from '../open-test-browser.ts'

const FORM = { email: 'Alice@Example.test', firstName: 'Alice', lastName: 'Liddell', password: 'down the rabbit hole' }
const EMAIL = 'alice@example.test'

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, settings)
  const browser = openTestBrowser(api)
  const mails = async () => {
    await api.tasks.settle()
    return api.mailer.sent
  }
  /** The code in the newest mail that has one. */
  const mailedCode = async () =>
    /activate\?auth=([0-9a-f-]+)&/.exec((await mails()).findLast(({ text }) => text.includes('activate'))!.text)![1]!
  return { ...api, browser, mails, mailedCode }
}

test('a person signs up, follows the mail and is signed in with a project and quota', async ({ onTestFinished }) => {
  const { browser, mails, mailedCode } = await openCloud(onTestFinished)
  expect(await browser.send('POST', 'signup', FORM)).toMatchObject({ status: 200, body: { state: 'verification' } })
  const [mail] = await mails()
  expect(mail).toMatchObject({ to: EMAIL, subject: 'Synnefo account verification' })
  expect(mail!.text).toMatch(
    /http:\/\/cloud\.test\/astakos\/ui\/activate\?auth=[0-9a-f-]{36}&next=http%3A%2F%2Fcloud\.test%2Fastakos%2Fui%2F/,
  )
  const activated = await browser.send('POST', 'activate', { auth: await mailedCode() })
  expect(activated).toMatchObject({ status: 200, body: { state: 'active', user: { email: EMAIL, roles: ['default'] } } })
  expect(activated.headers['set-cookie']).toMatch(/^sessionid=[\w-]{43}; Max-Age=25\d{5}; Path=\/; HttpOnly; SameSite=Lax$/)
  const session = await browser.send('GET', 'session')
  expect(session.body).toMatchObject({
    user: activated.body.user,
    csrfToken: activated.body.csrfToken,
    cloud: { name: 'Synnefo', storageFull: false },
  })
  const quotas = await browser.send('GET', '/astakos/account/v1.0/quotas')
  expect(quotas.body[session.body.user.uuid]['cyclades.vm'].limit).toBe(4)
  expect((await mails()).map(({ subject }) => subject)).toEqual(['Synnefo account verification', 'Welcome to Synnefo'])
})

test('a link works once, and only the newest one', async ({ onTestFinished }) => {
  const { browser, mailedCode } = await openCloud(onTestFinished)
  await browser.send('POST', 'signup', FORM)
  const first = await mailedCode()
  await browser.send('POST', 'resend', { email: FORM.email })
  const second = await mailedCode()
  expect(second).not.toBe(first)
  expect((await browser.send('POST', 'activate', { auth: first })).status).toBe(404)
  expect((await browser.send('POST', 'activate', { auth: second })).status).toBe(200)
  expect((await browser.send('POST', 'activate', { auth: second })).status).toBe(404)
})

test('with moderation, who followed the mail waits for an administrator', async ({ onTestFinished }) => {
  const { browser, mailedCode } = await openCloud(onTestFinished, { ASTAKOS_MODERATION_ENABLED: true })
  await browser.send('POST', 'signup', FORM)
  expect(await browser.send('POST', 'activate', { auth: await mailedCode() })).toMatchObject({
    body: { state: 'pending moderation' },
  })
  expect((await browser.send('GET', 'session')).status).toBe(401)
  const refused = await browser.send('POST', 'login', FORM)
  expect(refused.status).toBe(403)
  expect(refused.message.message).toMatch(/approval of an administrator/)
})

test('nobody learns who has an account', async ({ onTestFinished }) => {
  const { identity, browser, mails } = await openCloud(onTestFinished)
  await createTestUser(identity, { email: EMAIL, password: 'the one she has' })
  await mails()
  const taken = await browser.send('POST', 'signup', FORM)
  const free = await browser.send('POST', 'signup', { ...FORM, email: 'new@example.test' })
  expect([taken.status, taken.text]).toEqual([free.status, free.text])
  expect((await mails()).slice(-2).map(({ to, subject }) => [to, subject])).toEqual([
    [EMAIL, 'Your Synnefo account'],
    ['new@example.test', 'Synnefo account verification'],
  ])
  const resent = await browser.send('POST', 'resend', { email: EMAIL })
  const unknown = await browser.send('POST', 'resend', { email: 'nobody@example.test' })
  expect([resent.status, resent.text]).toEqual([unknown.status, unknown.text])
  const wrong = await browser.send('POST', 'login', { email: EMAIL, password: 'wrong' })
  const nobody = await browser.send('POST', 'login', { email: 'nobody@example.test', password: 'wrong' })
  const unverified = await browser.send('POST', 'login', { email: 'new@example.test', password: 'wrong' })
  expect([wrong.status, wrong.text]).toEqual([401, nobody.text])
  expect([unverified.status, unverified.text]).toEqual([401, nobody.text])
})

test('who knows the password is told that the address is not verified', async ({ onTestFinished }) => {
  const { browser } = await openCloud(onTestFinished)
  await browser.send('POST', 'signup', FORM)
  const refused = await browser.send('POST', 'login', FORM)
  expect([refused.status, refused.message.message]).toEqual([403, expect.stringContaining('not verified')])
})

test.for([
  ['email', { ...FORM, email: 'not an address' }],
  ['email', { ...FORM, email: 'a@b\r\nBcc: eve@example.test' }],
  ['email', { ...FORM, email: undefined }],
  ['firstName', { ...FORM, firstName: ' ' }],
  ['lastName', { ...FORM, lastName: 'a\u0000b' }],
  ['password', { ...FORM, password: 'short' }],
  ['password', { ...FORM, password: 12345678 }],
] as const)('a sign-up with a bad %s is refused by name: %j', async ([field, form], { onTestFinished }) => {
  const { browser, mails } = await openCloud(onTestFinished)
  const refused = await browser.send('POST', 'signup', form)
  expect([refused.status, refused.message.message]).toEqual([400, expect.stringContaining(`'${field}'`)])
  expect(await mails()).toEqual([])
})

test('passwords cannot be guessed quickly, and a success forgives', async ({ onTestFinished }) => {
  const { identity, browser } = await openCloud(onTestFinished)
  await createTestUser(identity, { email: EMAIL, password: FORM.password })
  const attempt = (password: string) => browser.send('POST', 'login', { email: EMAIL, password })
  expect((await attempt('wrong')).status).toBe(401)
  expect((await attempt('wrong')).status).toBe(401)
  expect((await attempt(FORM.password)).status).toBe(200)
  const statuses = await Promise.all(Array.from({ length: 8 }, () => attempt('wrong').then(({ status }) => status)))
  expect(statuses.filter((status) => status === 401)).toHaveLength(3)
  const blocked = await attempt(FORM.password)
  expect(blocked.status).toBe(429)
  expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0)
})

test('an imported password signs in and is hashed anew', async ({ onTestFinished }) => {
  const { db, identity, browser } = await openCloud(onTestFinished)
  const { id } = await createTestUser(identity, { email: EMAIL })
  const imported = 'pbkdf2_sha256$20000$NaCl4me$8gpnffoEvXqe65YGvjoHP6v3e5Fdc8at/rgc+/LVvq8='
  await db.run(sql`UPDATE identity.users SET password_hash = ${imported} WHERE id = ${id}`)
  expect((await browser.send('POST', 'login', { email: EMAIL, password: 'correct horse' })).status).toBe(200)
  expect((await findUserByEmail(db, EMAIL))?.passwordHash).toMatch(/^\$argon2id\$/)
  expect((await browser.send('POST', 'login', { email: EMAIL, password: 'correct horse' })).status).toBe(200)
})

test.for([
  ['a new password', true],
  ['a better hash of the same password', false],
] as const)('%s that comes while a password is compared decides', async ([, isNew], { onTestFinished }) => {
  const { db, identity, browser } = await openCloud(onTestFinished)
  const user = await createTestUser(identity, { email: EMAIL })
  const imported = 'pbkdf2_sha256$20000$NaCl4me$8gpnffoEvXqe65YGvjoHP6v3e5Fdc8at/rgc+/LVvq8='
  await db.run(sql`UPDATE identity.users SET password_hash = ${imported} WHERE id = ${user.id}`)
  const newHash = await hashPassword(isNew ? 'another horse' : 'correct horse')
  const waiting = sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  const signingIn = await db.transaction(async (tx) => {
    await setPassword(identity, tx, user, newHash)
    const answer = browser.send('POST', 'login', { email: EMAIL, password: 'correct horse' })
    while ((await db.any(waiting)).length === 0) await new Promise(setImmediate)
    return { answer }
  })
  expect((await signingIn.answer).status).toBe(isNew ? 401 : 200)
  expect((await findUserByEmail(db, EMAIL))?.passwordHash).toBe(newHash)
})

test('a session opens the APIs to the page: reading freely, changing with the CSRF token only', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  await createTestUser(cloud.identity, { email: EMAIL, password: FORM.password })
  const { browser } = cloud
  await browser.send('POST', 'login', FORM)
  const change = () => browser.send('POST', '/astakos/account/v1.0/user_catalogs', { displaynames: [EMAIL] })
  expect((await change()).status).toBe(200)
  expect((await browser.send('POST', 'tokens', { name: 'laptop' })).status).toBe(201)
  browser.forgetCsrfToken()
  expect((await browser.send('GET', '/astakos/account/v1.0/quotas')).status).toBe(200)
  expect((await change()).status).toBe(401)
  expect((await browser.send('POST', 'tokens', { name: 'phone' })).status).toBe(403)
  const own = await browser.send('GET', '/astakos/account/v1.0/quotas', undefined, { 'x-auth-token': 'nonsense' })
  expect(own.status).toBe(401)
  const foreign = await browser.send('POST', 'login', FORM, { 'sec-fetch-site': 'cross-site' })
  expect(foreign.status).toBe(403)
})

test('whoever serves a WebSocket learns when its session ends', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { uuid } = await createTestUser(cloud.identity, { email: EMAIL, password: FORM.password })
  const { browser, identity } = cloud
  expect(sessionTokenOf(identity, {})).toBeUndefined()
  await browser.send('POST', 'login', FORM)
  const token = sessionTokenOf(identity, { cookie: browser.cookie })!
  expect((await authenticate(identity, token)).userId).toBe(uuid)
  const ended = new Promise<void>((resolve) => identity.authenticator.watch(token, resolve))
  await browser.send('POST', 'logout')
  await ended
  await expect(authenticate(identity, token)).rejects.toMatchObject({ kind: 'unauthorized' })
})

test('a session ends at sign-out and at deactivation, everywhere at once', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { id } = await createTestUser(cloud.identity, { email: EMAIL, password: FORM.password })
  const { browser } = cloud
  const other = openTestBrowser(cloud)
  await browser.send('POST', 'login', FORM)
  await other.send('POST', 'login', FORM)
  const { cookie } = browser
  expect((await browser.send('POST', 'logout')).status).toBe(200)
  expect(browser.cookie).toBe('')
  expect((await browser.send('GET', 'session', undefined, { cookie })).status).toBe(401)
  expect((await other.send('GET', '/astakos/account/v1.0/quotas')).status).toBe(200)
  await cloud.db.transaction((tx) => deactivateUser(cloud.identity, tx, id, 'left'))
  expect((await other.send('GET', '/astakos/account/v1.0/quotas')).status).toBe(401)
  expect((await other.send('GET', 'session')).status).toBe(401)
})

test('the classic address for signing out works for links, not for other sites', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  await createTestUser(cloud.identity, { email: EMAIL, password: FORM.password })
  const { browser } = cloud
  await browser.send('POST', 'login', FORM)
  await browser.send('GET', '/astakos/ui/logout', undefined, { 'sec-fetch-site': 'cross-site' })
  expect((await browser.send('GET', 'session')).status).toBe(200)
  const out = await browser.send('GET', '/astakos/ui/logout?next=/servers%3Fa=1', undefined, { 'sec-fetch-site': 'same-origin' })
  expect([out.status, out.headers.location]).toEqual([302, '/servers?a=1'])
  expect((await browser.send('GET', 'session')).status).toBe(401)
  for (const next of ['https://evil.test/', '//evil.test', '/.//evil.test', 'javascript:alert(1)', '\\\\evil.test']) {
    const { headers } = await browser.send('GET', `/astakos/ui/logout?next=${encodeURIComponent(next)}`)
    expect(headers.location).toBe('/')
  }
})

test('the cookie is for encrypted connections only when the cloud has one', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  await createTestUser(cloud.identity, { email: EMAIL, password: FORM.password })
  Object.assign(cloud.identity, { baseUrl: () => 'https://cloud.test' })
  const { headers } = await cloud.browser.send('POST', 'login', FORM)
  for (const cookie of [headers['set-cookie'] ?? []].flat()) expect(cookie).toMatch(/; Secure$/)
  expect(headers['set-cookie']).toBeDefined()
})

test('tokens are made with a name and an end, shown once, and revoked', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const alice = await createTestUser(cloud.identity, { email: EMAIL, password: FORM.password })
  const { browser } = cloud
  await browser.send('POST', 'login', FORM)
  const inAYear = new Date(Date.now() + 365 * 86_400_000).toISOString()
  const made = await browser.send('POST', 'tokens', { name: 'laptop', expiresAt: inAYear })
  expect(made).toMatchObject({
    status: 201,
    body: { name: 'laptop', expiresAt: inAYear, token: expect.stringMatching(/^[\w-]{43}$/) },
  })
  const use = async () =>
    (await cloud.app.inject({ url: '/astakos/account/v1.0/quotas', headers: { 'x-auth-token': made.body.token } })).statusCode
  expect(await use()).toBe(200)
  const list = await browser.send('GET', 'tokens')
  expect(list.body.tokens).toMatchObject([
    { name: 'classic', classic: true },
    { id: made.body.id, name: 'laptop', classic: false },
  ])
  expect(list.text).not.toContain(made.body.token)
  expect((await browser.send('DELETE', `tokens/${made.body.id}`)).status).toBe(204)
  expect((await browser.send('DELETE', `tokens/${made.body.id}`)).status).toBe(404)
  expect((await browser.send('DELETE', `tokens/${list.body.tokens[0].id}`)).status).toBe(404)
  expect(await use()).toBe(401)
  expect((await browser.send('GET', 'token')).body.token).toBe(alice.token)
  const renewed = await browser.send('POST', 'token/renew')
  expect(renewed.body.token).not.toBe(alice.token)
  expect((await browser.send('GET', 'session')).status).toBe(200)
  expect((await browser.send('POST', 'tokens', { name: 'old', expiresAt: '2001-01-01T00:00:00Z' })).status).toBe(400)
  expect((await browser.send('POST', 'tokens', { name: 'odd', expiresAt: 'tomorrow' })).status).toBe(400)
})

test.for([
  ['POST', 'tokens', { name: 'lap\0top' }],
  ['GET', 'projects/%00', undefined],
] as const)('a text with NUL is a bad request: %s %s', async ([method, path, body], { onTestFinished }) => {
  const { identity, browser } = await openCloud(onTestFinished)
  await createTestUser(identity, { email: EMAIL, password: FORM.password })
  await browser.send('POST', 'login', FORM)
  const refused = await browser.send(method, path, body)
  expect([refused.status, refused.message.message]).toEqual([400, expect.stringContaining('NUL')])
})

test('a token without limits needs a fresh proof, and its owner is told', async ({ onTestFinished }) => {
  const { db, identity, browser, mails } = await openCloud(onTestFinished)
  await createTestUser(identity, { email: EMAIL, password: FORM.password })
  await browser.send('POST', 'login', FORM)
  await db.run(sql`UPDATE identity.sessions SET proven_at = proven_at - interval '16 minutes'`)
  for (const limits of [{}, { scopes: ['all'] }]) {
    const refused = await browser.send('POST', 'tokens', { name: 'laptop', ...limits })
    expect([refused.status, refused.message.details]).toEqual([403, 'proof required'])
  }
  expect((await browser.send('POST', 'tokens', { name: 'backup', scopes: ['object-store'] })).status).toBe(201)
  expect((await browser.send('GET', 'tokens')).body.tokens.map(({ name }: { name: string }) => name)).toEqual([
    'classic',
    'backup',
  ])
  expect(await mails()).toEqual([])
  expect((await browser.send('POST', 'confirm', { password: FORM.password })).status).toBe(200)
  expect((await browser.send('POST', 'tokens', { name: 'laptop' })).status).toBe(201)
  const told = await mails()
  expect(told.map(({ to, subject }) => [to, subject])).toEqual([[EMAIL, 'Security of your Synnefo account']])
  expect(told[0]!.text).toContain('\nlaptop\n')
})

test('a token is limited to what it is made for, and the list says so', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  await createTestUser(cloud.identity, { email: EMAIL, password: FORM.password })
  const { browser } = cloud
  await browser.send('POST', 'login', FORM)
  const scopes = ['object-store/backups', 'account:read']
  const made = await browser.send('POST', 'tokens', { name: 'backup', scopes })
  expect(made).toMatchObject({ status: 201, body: { name: 'backup', scopes } })
  expect((await browser.send('POST', 'tokens', { name: 'all', scopes: ['all'] })).body.scopes).toBeNull()
  const empty = await browser.send('POST', 'tokens', { name: 'none', scopes: [] })
  expect([empty.status, empty.message.message]).toEqual([400, expect.stringContaining("'scopes'")])
  const { tokens } = (await browser.send('GET', 'tokens')).body
  expect(tokens.find(({ name }: { name: string }) => name === 'backup')).toMatchObject({ scopes, lastUsedAt: null })
  const refused = await browser.send('POST', 'tokens', { name: 'odd', scopes: ['kitchen'] })
  expect(refused.status).toBe(400)
  expect(refused.message.message).toMatch(/^Field 'scopes': 'kitchen' is no scope/)
})

test('the configuration file for kamaki is as kamaki reads it', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished, { BRANDING_SERVICE_NAME: 'My Cloud' })
  const alice = await createTestUser(cloud.identity, { email: EMAIL, password: FORM.password })
  const { browser } = cloud
  await browser.send('POST', 'login', FORM)
  const file = await browser.send('GET', 'kamakirc')
  expect(file.headers['content-disposition']).toBe('attachment; filename=".kamakirc"')
  expect(file.text).toBe(`[global]
default_cloud = my_cloud

[cloud "my_cloud"]
url = http://cloud.test/astakos/identity/v2.0
token = ${alice.token}
`)
  expect((await browser.send('GET', '/astakos/ui/.kamakirc')).text).toBe(file.text)
})

test('administrators read the mails that are kept, others do not', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  await createTestUser(cloud.identity, { email: 'admin@example.test', password: FORM.password, roles: ['admin'] })
  await createTestUser(cloud.identity, { email: EMAIL, password: FORM.password })
  const admin = openTestBrowser(cloud)
  await admin.send('POST', 'login', { ...FORM, email: 'admin@example.test' })
  await cloud.browser.send('POST', 'login', FORM)
  await openTestBrowser(cloud).send('POST', 'signup', { ...FORM, email: 'new@example.test' })
  await cloud.mails()
  const { mails } = (await admin.send('GET', 'mails')).body
  expect(mails).toMatchObject([{ to: 'new@example.test', subject: 'Synnefo account verification', sentAt: expect.any(String) }])
  expect((await admin.send('GET', `mails/${mails[0].id}`)).body.text).toContain('activate?auth=')
  expect((await admin.send('GET', 'mails/unknown')).status).toBe(404)
  expect((await cloud.browser.send('GET', 'mails')).status).toBe(403)
  expect((await openTestBrowser(cloud).send('GET', 'mails')).status).toBe(401)
})

test('a mail server that is down delays mails and breaks nothing; a refused mail is not tried again', async ({
  onTestFinished,
}) => {
  const { db, identity, browser } = await openCloud(onTestFinished)
  let trouble: Error | undefined = new Error('connect ECONNREFUSED')
  const mailer = openSimulated({
    before: () => {
      if (trouble) throw trouble
    },
  })
  const tasks = openTasks(db, silentLog, identityTasks, { identity, mailer })
  expect((await browser.send('POST', 'signup', FORM)).status).toBe(200)
  expect(await tasks.runOnce('identity.send-mails')).toMatchObject({ sent: 0, delayed: 1 })
  expect(await tasks.runOnce('identity.send-mails')).toMatchObject({ sent: 0, delayed: 0 })
  await db.run(sql`UPDATE identity.mails SET next_attempt_at = now()`)
  trouble = undefined
  expect(await tasks.runOnce('identity.send-mails')).toMatchObject({ sent: 1 })
  expect(await db.any(sql`SELECT id FROM identity.mails`)).toEqual([])
  trouble = new MailRefused('no such mailbox')
  await browser.send('POST', 'resend', { email: FORM.email })
  expect(await tasks.runOnce('identity.send-mails')).toMatchObject({ refused: 1 })
  expect(await db.any(sql`SELECT last_error AS error, body FROM identity.mails`)).toEqual([
    { error: 'no such mailbox', body: '' },
  ])
  expect(await tasks.runOnce('identity.send-mails')).toMatchObject({ refused: 0 })
})

test('no secret stands readable in the database', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { browser, db } = cloud
  await browser.send('POST', 'signup', FORM)
  const code = await cloud.mailedCode()
  await browser.send('POST', 'activate', { auth: code })
  await cloud.mails()
  const { token } = (await browser.send('GET', 'token')).body
  const named = (await browser.send('POST', 'tokens', { name: 'laptop' })).body.token
  const secrets = [token, named, browser.cookie.split('=')[1]!, FORM.password, code, await cloud.serviceToken('pithos')]
  const tables = await db.any<{ name: string }>(
    sql`SELECT relname AS name FROM pg_class WHERE relnamespace = 'identity'::regnamespace AND relkind = 'r'`,
  )
  expect(tables.length).toBeGreaterThan(15)
  for (const { name } of tables) {
    const rows = await db.any<{ text: string }>(sql`SELECT t::text AS text FROM identity.${raw(name)} t`)
    for (const secret of secrets)
      expect(rows.filter(({ text }) => text.includes(secret) || text.includes(Buffer.from(secret).toString('hex')))).toEqual([])
  }
})

test('who signed in, from where, and who failed to is on record', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { uuid } = await createTestUser(cloud.identity, { email: EMAIL, password: FORM.password })
  await cloud.browser.send('POST', 'login', { ...FORM, password: 'wrong' })
  await cloud.browser.send('POST', 'login', FORM)
  const entries = await cloud.db.any(sql`SELECT action, actor, address, result FROM identity.audit ORDER BY id`)
  const common = { action: 'session-start', actor: uuid, address: '127.0.0.1' }
  expect(entries).toEqual([
    { ...common, result: 'refused: wrong address or password' },
    { ...common, result: 'done' },
  ])
})
