// What people do about their own accounts by mailed links and at the page: passwords, addresses, terms, invitations.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from '@synnefo/lib/sql'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import type { IdentitySettings } from '../../settings/index.ts'
import { findUser } from '../../store/users.ts'
import { addTerms } from '../../terms/terms.ts'
import { createTestUser, type TestUser } from '../../testing.ts'
import { deactivateUser } from '../../users/lifecycle.ts'
import { openTestApi } from '../open-test-api.ts'
import { openTestBrowser } from '../open-test-browser.ts'

const PASSWORD = 'down the rabbit hole'
const NEW_PASSWORD = 'through the looking glass'
const PROFILE = { firstName: 'Alice', lastName: 'Liddell' }

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, { ASTAKOS_RATELIMIT_RETRIES_ALLOWED: 100, ...settings })
  const alice = await createTestUser(api.identity, { email: 'alice@example.test', password: PASSWORD })
  const mails = async () => {
    await api.tasks.settle()
    return api.mailer.sent
  }
  const signedIn = async (person: TestUser = alice, password = PASSWORD) => {
    const browser = openTestBrowser(api)
    expect((await browser.send('POST', 'login', { email: person.email, password })).status).toBe(200)
    return browser
  }
  const status = async (token: string) =>
    (await api.app.inject({ url: '/astakos/account/v1.0/quotas', headers: { 'x-auth-token': token } })).statusCode
  /** The link of the newest password mail. */
  const resetLink = async () => {
    const found = /local\/reset\/confirm\/([\w-]+)\/([\w-]+)\//.exec((await mails()).at(-1)?.text ?? '')
    return { id: found?.[1] ?? '', token: found?.[2] ?? '' }
  }
  return { ...api, alice, mails, signedIn, status, resetLink, visitor: openTestBrowser(api) }
}

test('a forgotten password is replaced by a mailed link that works once', async ({ onTestFinished }) => {
  const { db, alice, visitor, mails, signedIn, status, resetLink } = await openCloud(onTestFinished)
  const elsewhere = await signedIn()
  expect((await visitor.send('POST', 'password/forgotten', { email: ' ALICE@example.test' })).body).toEqual({ state: 'mailed' })
  expect((await mails()).at(-1)).toMatchObject({ to: alice.email, subject: 'Password reset on Synnefo' })
  const link = await resetLink()
  expect((await visitor.send('POST', 'password/link', link)).body).toEqual({ isValid: true, offersToRenewToken: false })
  expect((await visitor.send('POST', 'password/reset', { ...link, password: 'short' })).status).toBe(400)
  expect((await visitor.send('POST', 'password/reset', { ...link, password: NEW_PASSWORD })).status).toBe(200)
  expect((await visitor.send('POST', 'password/reset', { ...link, password: NEW_PASSWORD })).status).toBe(404)
  expect((await visitor.send('POST', 'password/link', link)).body.isValid).toBe(false)
  expect((await elsewhere.send('GET', 'session')).status).toBe(401)
  expect(await status(alice.token)).toBe(401)
  expect((await visitor.send('POST', 'login', { email: alice.email, password: PASSWORD })).status).toBe(401)
  expect((await visitor.send('POST', 'login', { email: alice.email, password: NEW_PASSWORD })).status).toBe(200)
  const notes = await db.any<{ text: string }>(sql`SELECT a::text AS text FROM identity.audit a`)
  expect(notes.filter(({ text }) => text.includes(NEW_PASSWORD) || text.includes(link.token))).toEqual([])
})

test.for([
  ['a login', (cloud: Awaited<ReturnType<typeof openCloud>>) => cloud.signedIn()],
  [
    'another address',
    ({ db, alice }) => db.run(sql`UPDATE identity.users SET email = 'other@example.test' WHERE id = ${alice.id}`),
  ],
  ['a deactivation', ({ db, alice }) => db.run(sql`UPDATE identity.users SET is_active = false WHERE id = ${alice.id}`)],
] as [string, (cloud: Awaited<ReturnType<typeof openCloud>>) => Promise<unknown>][])(
  'the link of a password mail ends with %s',
  async ([, change], { onTestFinished }) => {
    const cloud = await openCloud(onTestFinished)
    await cloud.visitor.send('POST', 'password/forgotten', { email: cloud.alice.email })
    const link = await cloud.resetLink()
    await change(cloud)
    expect((await cloud.visitor.send('POST', 'password/reset', { ...link, password: NEW_PASSWORD })).status).toBe(404)
  },
)

test('links that nobody mailed, of others or of long ago do not work', async ({ onTestFinished }) => {
  const { identity, alice, visitor, resetLink } = await openCloud(onTestFinished)
  const bob = await createTestUser(identity, { password: PASSWORD })
  await visitor.send('POST', 'password/forgotten', { email: alice.email })
  const link = await resetLink()
  const bobs = Buffer.from(String(bob.id)).toString('base64url')
  const old = `${(Date.now() - 4 * 86_400_000).toString(36)}${link.token.slice(link.token.indexOf('-'))}`
  for (const wrong of [
    { ...link, id: bobs },
    { ...link, token: old },
    { id: 'x', token: 'y' },
    { id: link.id, token: '0-' },
  ])
    expect((await visitor.send('POST', 'password/reset', { ...wrong, password: NEW_PASSWORD })).status).toBe(404)
})

test('whoever forgot a password is answered the same; what is the matter is told by mail', async ({ onTestFinished }) => {
  const { db, identity, alice, visitor, mails } = await openCloud(onTestFinished)
  const inactive = await createTestUser(identity, { email: 'inactive@example.test' })
  const federated = await createTestUser(identity, { email: 'federated@example.test' })
  await db.run(sql`UPDATE identity.users SET is_active = false WHERE id = ${inactive.id}`)
  await db.run(sql`UPDATE identity.auth_providers SET module = 'google', identifier = '7' WHERE user_id = ${federated.id}`)
  const answers = []
  for (const { email } of [alice, inactive, federated, { email: 'nobody@example.test' }])
    answers.push((await visitor.send('POST', 'password/forgotten', { email })).text)
  expect(new Set(answers).size).toBe(1)
  const written = (await mails()).map(({ to, text }) => [to, /reset\/confirm/.test(text) ? 'link' : 'reason'])
  expect(written).toEqual([
    [alice.email, 'link'],
    ['inactive@example.test', 'reason'],
    ['federated@example.test', 'link'],
  ])
})

test('an account without a password is only given one where it may have one', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished, { ASTAKOS_AUTH_PROVIDER_LOCAL_ADD_POLICY: false })
  const { db, alice, visitor, mails, signedIn } = cloud
  const browser = await signedIn()
  await db.run(sql`UPDATE identity.auth_providers SET module = 'google', identifier = '7' WHERE user_id = ${alice.id}`)
  await visitor.send('POST', 'password/forgotten', { email: alice.email })
  expect((await mails()).at(-1)?.text).toContain('You sign in in another way')
  expect((await browser.send('POST', 'password/change', { newPassword: NEW_PASSWORD })).status).toBe(403)
})

test('a password is changed by who knows the old one; other sessions and the token end', async ({ onTestFinished }) => {
  const { alice, signedIn, status } = await openCloud(onTestFinished)
  const browser = await signedIn()
  const elsewhere = await signedIn()
  const change = (oldPassword: string) => browser.send('POST', 'password/change', { oldPassword, newPassword: NEW_PASSWORD })
  expect((await change('a guess')).message.message).toBe("Field 'oldPassword': this is not your password")
  expect((await change(PASSWORD)).status).toBe(200)
  expect((await browser.send('GET', 'session')).status).toBe(200)
  expect((await elsewhere.send('GET', 'session')).status).toBe(401)
  expect(await status(alice.token)).toBe(401)
  await signedIn(alice, NEW_PASSWORD)
  for (let turn = 0; turn < 10; turn += 1) await change('a guess')
  expect((await change('a guess')).status).toBe(429)
})

test('where tokens outlive passwords the person chooses', async ({ onTestFinished }) => {
  const { alice, signedIn, status } = await openCloud(onTestFinished, { ASTAKOS_NEWPASSWD_INVALIDATE_TOKEN: false })
  const browser = await signedIn()
  await browser.send('POST', 'password/change', { oldPassword: PASSWORD, newPassword: NEW_PASSWORD, renewToken: false })
  expect(await status(alice.token)).toBe(200)
  await browser.send('POST', 'password/change', { oldPassword: NEW_PASSWORD, newPassword: PASSWORD })
  expect(await status(alice.token)).toBe(401)
})

test('names, address and password are changed in one form, with a word on each', async ({ onTestFinished }) => {
  const { alice, mails, signedIn } = await openCloud(onTestFinished, { ASTAKOS_EMAILCHANGE_ENABLED: true })
  const browser = await signedIn()
  const answer = await browser.send('POST', 'profile', {
    names: PROFILE,
    email: 'New@example.test',
    password: { oldPassword: 'a guess', newPassword: NEW_PASSWORD },
  })
  expect(answer).toMatchObject({
    status: 200,
    body: {
      parts: {
        names: { done: true },
        email: { done: true, message: expect.stringContaining('New@example.test') },
        password: { done: false, status: 400, message: "Field 'oldPassword': this is not your password" },
      },
    },
  })
  expect((await browser.send('POST', 'profile', { names: { ...PROFILE, firstName: 'x\r\nBcc: y' } })).status).toBe(400)
  expect((await browser.send('GET', 'profile')).body).toMatchObject({
    ...PROFILE,
    email: alice.email,
    pendingEmail: 'new@example.test',
    mayChangeEmail: true,
    password: 'has',
    fixed: [],
  })
  expect(
    (await mails())
      .slice(-2)
      .map(({ to }) => to)
      .sort(),
  ).toEqual([alice.email, 'new@example.test'])
  expect((await browser.send('DELETE', 'profile/email')).status).toBe(204)
  expect((await browser.send('DELETE', 'profile/email')).status).toBe(404)
})

async function openEmailChange(finished: typeof onTestFinished) {
  const cloud = await openCloud(finished, { ASTAKOS_EMAILCHANGE_ENABLED: true })
  const browser = await cloud.signedIn()
  const ask = async (email: string) => {
    expect((await browser.send('POST', 'profile', { email })).body.parts.email.done).toBe(true)
    const written = (await cloud.mails()).findLast(({ to }) => to === email)
    return /email_change\/confirm\/([0-9a-f]{40})$/m.exec(written!.text)![1]!
  }
  const confirm = (by: typeof browser, key: string) => by.send('POST', 'email-change/confirm', { key })
  return { ...cloud, browser, ask, confirm }
}

test('a new address is confirmed from its mailbox, without a session or with the own one', async ({ onTestFinished }) => {
  const { db, identity, alice, visitor, browser, ask, confirm, signedIn } = await openEmailChange(onTestFinished)
  const replaced = await ask('first@example.test')
  const key = await ask('second@example.test')
  const bob = await createTestUser(identity, { password: PASSWORD })
  expect((await confirm(await signedIn(bob), key)).status).toBe(403)
  expect((await confirm(visitor, replaced)).status).toBe(404)
  expect((await confirm(visitor, key)).body).toEqual({ state: 'changed' })
  expect((await confirm(visitor, key)).status).toBe(404)
  expect((await findUser(db, alice.id))!.email).toBe('second@example.test')
  expect((await browser.send('GET', 'session')).body.user.email).toBe('second@example.test')
  expect((await confirm(browser, await ask('third@example.test'))).body).toEqual({ state: 'changed' })
})

test('a link that is too old, or whose address was taken meanwhile, changes nothing and is gone', async ({ onTestFinished }) => {
  const { db, identity, alice, visitor, ask, confirm } = await openEmailChange(onTestFinished)
  const old = await ask('old@example.test')
  await db.run(sql`UPDATE identity.email_changes SET requested_at = now() - interval '11 days'`)
  expect((await confirm(visitor, old)).body).toEqual({ state: 'expired' })
  expect((await confirm(visitor, old)).status).toBe(404)
  const taken = await ask('taken@example.test')
  await createTestUser(identity, { email: 'taken@example.test' })
  expect((await confirm(visitor, taken)).body).toEqual({ state: 'taken' })
  expect((await findUser(db, alice.id))!.email).toBe(alice.email)
})

test('a new password ends a change of address that waits, and a disabled account changes none', async ({ onTestFinished }) => {
  const { db, identity, alice, browser, visitor, ask, confirm } = await openEmailChange(onTestFinished)
  const before = await ask('thief@example.test')
  const password = { oldPassword: PASSWORD, newPassword: NEW_PASSWORD }
  const changed = await browser.send('POST', 'profile', { email: 'new@example.test', password })
  expect(changed.body.parts).toMatchObject({ email: { done: true }, password: { done: true } })
  expect((await confirm(visitor, before)).status).toBe(404)
  expect((await browser.send('GET', 'profile')).body.pendingEmail).toBe('new@example.test')
  expect(
    (await browser.send('POST', 'password/change', { oldPassword: NEW_PASSWORD, newPassword: PASSWORD })).status,
  ).toBeLessThan(300)
  expect((await browser.send('GET', 'profile')).body.pendingEmail).toBeNull()
  const key = await ask('late@example.test')
  await db.transaction((tx) => deactivateUser(identity, tx, alice.id, 'left'))
  expect((await confirm(visitor, key)).status).toBe(403)
  expect((await findUser(db, alice.id))!.email).toBe(alice.email)
})

test('addresses are changed where that is on, to one that is free', async ({ onTestFinished }) => {
  const off = await openCloud(onTestFinished)
  expect((await (await off.signedIn()).send('POST', 'profile', { email: 'new@example.test' })).status).toBe(403)
  const { identity, browser } = await openEmailChange(onTestFinished)
  await createTestUser(identity, { email: 'taken@example.test' })
  expect((await browser.send('POST', 'profile', { email: 'taken@example.test' })).status).toBe(409)
  expect((await browser.send('POST', 'profile', { email: 'no address' })).status).toBe(400)
})

test('new terms are to be signed by everybody before anything else', async ({ onTestFinished }) => {
  const { db, identity, alice, visitor, signedIn, status } = await openCloud(onTestFinished)
  const browser = await signedIn()
  expect((await visitor.send('GET', 'terms')).status).toBe(404)
  const file = join(await temporaryFolder(onTestFinished), 'terms.html')
  await writeFile(file, '<h1>Be kind</h1>')
  const first = await db.transaction((tx) => addTerms(identity, tx, file))
  const terms = await db.transaction((tx) => addTerms(identity, tx, file))

  expect(await status(alice.token)).toBe(401)
  const refused = await browser.send('GET', '/astakos/account/v1.0/quotas')
  expect(refused.message.message).toBe('Pending approval terms')
  expect((await browser.send('GET', 'tokens')).status).toBe(403)
  expect((await browser.send('GET', 'session')).body.first).toBe('terms')
  expect((await visitor.send('GET', 'terms')).body).toMatchObject({ id: String(terms.id), html: '<h1>Be kind</h1>' })
  expect((await visitor.send('GET', `terms/${first.id}`)).status).toBe(200)
  expect((await browser.send('POST', 'terms/sign', { id: String(first.id) })).status).toBe(409)
  expect((await browser.send('POST', 'terms/sign', { id: String(terms.id) })).status).toBe(200)
  expect(await status(alice.token)).toBe(200)
  expect((await browser.send('GET', 'session')).body.first).toBe(null)

  const form = { email: 'new@example.test', ...PROFILE, password: PASSWORD }
  expect((await visitor.send('POST', 'signup', form)).message.message).toMatch(/^Field 'hasSignedTerms'/)
  expect((await visitor.send('POST', 'signup', { ...form, hasSignedTerms: true })).status).toBe(200)
  await db.transaction((tx) => addTerms(identity, tx, '/no/such/file'))
  expect((await visitor.send('GET', 'terms')).status).toBe(503)
  expect((await browser.send('POST', 'logout')).status).toBe(200)
})

test('people are sent to their profile once where that is wanted', async ({ onTestFinished }) => {
  const { signedIn } = await openCloud(onTestFinished, { ASTAKOS_FORCE_PROFILE_UPDATE: true })
  const browser = await signedIn()
  expect((await browser.send('GET', 'session')).body.first).toBe('profile')
  expect((await browser.send('GET', 'profile')).status).toBe(200)
  expect((await browser.send('GET', 'session')).body.first).toBe(null)
})

test('who has invitations brings somebody in, also where sign-up is closed', async ({ onTestFinished }) => {
  const { db, alice, visitor, mails, signedIn } = await openCloud(onTestFinished, {
    ASTAKOS_INVITATIONS_ENABLED: true,
    ASTAKOS_SHOW_SIGNUP: false,
    ASTAKOS_MODERATION_ENABLED: true,
    ASTAKOS_AUTH_PROVIDER_LOCAL_AUTOMODERATE_POLICY: false,
  })
  const browser = await signedIn()
  const guest = { email: 'guest@example.test', realname: 'A Guest' }
  expect((await browser.send('POST', 'invitations', guest)).status).toBe(409)
  await db.run(sql`UPDATE identity.users SET invitations = 2, level = 0 WHERE id = ${alice.id}`)
  expect((await browser.send('POST', 'invitations', guest)).status).toBe(201)
  expect((await browser.send('POST', 'invitations', guest)).status).toBe(409)
  const mail = (await mails()).at(-1)!
  expect(mail).toMatchObject({ to: guest.email, subject: 'Invitation to Synnefo' })
  const code = /\/astakos\/ui\/\?code=(\d+)$/m.exec(mail.text)![1]!
  expect((await visitor.send('GET', `invitation?code=${code}`)).body).toEqual(guest)
  const form = { ...PROFILE, password: PASSWORD }
  expect((await visitor.send('POST', 'signup', { ...form, email: 'other@example.test', code })).status).toBe(403)
  expect((await visitor.send('POST', 'signup', { ...form, email: guest.email, code })).status).toBe(200)
  const auth = /activate\?auth=([0-9a-f-]+)/.exec((await mails()).at(-1)!.text)![1]!
  expect((await visitor.send('POST', 'activate', { auth })).body.state).toBe('active')
  expect((await visitor.send('GET', `invitation?code=${code}`)).status).toBe(404)
  expect((await browser.send('GET', 'invitations')).body).toMatchObject({ left: 1, sent: [{ ...guest, used: true }] })
})

test('where invitations are off there are none', async ({ onTestFinished }) => {
  const { signedIn, visitor } = await openCloud(onTestFinished)
  const browser = await signedIn()
  expect((await browser.send('GET', 'invitations')).status).toBe(404)
  expect((await visitor.send('GET', 'invitation?code=1')).status).toBe(404)
})

test('a mail is sent again by an unguessable link, and by no other', async ({ onTestFinished }) => {
  const { db, visitor, mails } = await openCloud(onTestFinished)
  const form = { email: 'new@example.test', ...PROFILE, password: PASSWORD }
  await visitor.send('POST', 'signup', form)
  const refused = await visitor.send('POST', 'login', form)
  const resend = async (path: string) => (await visitor.send('GET', path)).headers.location
  const details = (refused.body.forbidden as { details: string }).details
  const path = /http:\/\/cloud\.test(\/astakos\/ui\/send\/activation\/\S+)/.exec(details)![1]!
  const before = (await mails()).length
  expect(await resend(path)).toBe('/signup/mail?again=1')
  expect(await mails()).toHaveLength(before + 1)
  const { id, uuid } = await db.one<{ id: bigint; uuid: string }>(
    sql`SELECT id, uuid FROM identity.users WHERE email = ${form.email}`,
  )
  for (const guess of [String(id), uuid, `${uuid}.${'A'.repeat(43)}`])
    expect(await resend(`/astakos/ui/send/activation/${guess}`)).toBe('/signup/mail?again=1')
  expect(await mails()).toHaveLength(before + 1)
  // A newer registration takes the place of this one, and its link ends.
  await visitor.send('POST', 'signup', form)
  const then = (await mails()).length
  await resend(path)
  expect(await mails()).toHaveLength(then)
})

test('what people write reaches those who are set, else the administrators', async ({ onTestFinished }) => {
  const { app, identity, alice, visitor, mails, signedIn } = await openCloud(onTestFinished)
  const send = (payload: string, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/astakos/account/v1.0/feedback',
      headers: { 'x-auth-token': alice.token, ...headers },
      payload,
    })
  const form = 'feedback_msg=It+works+%26+how&feedback_data=%7B%7D'
  expect((await send(form)).statusCode).toBe(502)
  const admin = await createTestUser(identity, { roles: ['admin'] })
  for (const type of ['application/x-www-form-urlencoded', 'application/octet-stream', ''])
    expect((await send(form, type === '' ? {} : { 'content-type': type })).statusCode).toBe(200)
  expect((await send('feedback_data=x')).statusCode).toBe(400)
  expect((await mails()).at(-1)).toMatchObject({ to: admin.email, subject: 'Feedback from Synnefo' })
  expect((await mails()).at(-1)!.text).toContain(`It works & how\n\nSent by: ${alice.email}\nId:      ${alice.uuid}`)
  expect((await (await signedIn()).send('POST', 'feedback', { message: 'From the page' })).status).toBe(200)
  expect((await visitor.send('POST', 'feedback', { message: 'Hello', email: 'v@example.test' })).status).toBe(200)
  expect((await visitor.send('POST', 'feedback', { message: 'Hello' })).status).toBe(400)
  expect((await mails()).map(({ text }) => text).join()).toContain('Hello\n\nSent by: v@example.test')
})
