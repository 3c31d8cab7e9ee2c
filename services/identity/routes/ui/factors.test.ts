// Second factors and passkeys, as the page uses them: enrolled, asked for, replaced, refused.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test, vi } from 'vitest'
import { openTestAuthenticator } from '../../factors/open-test-authenticator.ts'
import type { FactorProof } from '../../factors/proof.ts'
import { codeOf, wrongCodeOf } from '../../factors/test-codes.ts'
import { takeSecondStep } from '../../sessions/second-step.ts'
import type { IdentitySettings } from '../../settings/index.ts'
import { createTestUser } from '../../testing.ts'
import { setPassword } from '../../users/passwords.ts'
import { openTestApi } from '../open-test-api.ts'
import { openTestBrowser } from '../open-test-browser.ts'

const PASSWORD = 'down the rabbit hole'
const LOGIN = { email: 'alice@example.test', password: PASSWORD }

/** Alice is signed in, at a cloud where passkeys work. */
async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, { ASTAKOS_RATELIMIT_RETRIES_ALLOWED: 50, ...settings })
  const alice = await createTestUser(api.identity, LOGIN)
  Object.assign(api.identity, { baseUrl: () => 'https://cloud.test' })
  const browser = openTestBrowser(api)
  expect((await browser.send('POST', 'login', LOGIN)).status).toBe(200)
  return {
    ...api,
    alice,
    browser,
    /** As if minutes had passed since the last proof. */
    proofGetsOld: () => api.db.run(sql`UPDATE identity.sessions SET proven_at = proven_at - interval '16 minutes'`),
    mails: async () => {
      await api.tasks.settle()
      return api.mailer.sent
    },
    records: async () =>
      (await api.db.any<{ record: string }>(sql`SELECT action || ': ' || result AS record FROM identity.audit ORDER BY id`)).map(
        ({ record }) => record,
      ),
  }
}

type Cloud = Awaited<ReturnType<typeof openCloud>>

async function enrolTotp({ browser, db }: Cloud) {
  const { secret, url } = (await browser.send('POST', 'factors/totp')).body
  const confirmed = await browser.send('POST', 'factors/totp/confirm', { code: codeOf(secret) })
  expect(confirmed.status).toBe(200)
  // As if the next half minute had begun.
  await db.run(sql`UPDATE identity.totp SET last_step = last_step - 10`)
  return { secret: secret as string, url: url as string, recoveryCodes: confirmed.body.recoveryCodes as string[] }
}

function openAuthenticator(change = {}) {
  return openTestAuthenticator('cloud.test', { origin: 'https://cloud.test', verifies: true, counter: 0, ...change })
}

async function addPasskey({ browser }: Cloud, name = 'laptop', device = openAuthenticator()) {
  const options = (await browser.send('POST', 'passkeys/options')).body
  const added = await browser.send('POST', 'passkeys', { name, response: device.create(options) })
  expect(added.status).toBe(201)
  return { device, id: added.body.passkey.id as string, recoveryCodes: added.body.recoveryCodes as string[] | undefined }
}

test('an authenticator app counts from its first code on, and is then asked for after the password', async ({
  onTestFinished,
}) => {
  const cloud = await openCloud(onTestFinished)
  const { browser } = cloud
  const proposed = (await browser.send('POST', 'factors/totp')).body
  expect(proposed.url).toBe(
    `otpauth://totp/Synnefo:alice%40example.test?issuer=Synnefo&secret=${proposed.secret}&algorithm=SHA1&digits=6&period=30`,
  )
  expect((await openTestBrowser(cloud).send('POST', 'login', LOGIN)).body.user).toBeDefined()
  expect((await browser.send('POST', 'factors/totp/confirm', { code: wrongCodeOf(proposed.secret) })).status).toBe(400)
  const { secret, recoveryCodes } = await enrolTotp(cloud)
  expect(new Set(recoveryCodes).size).toBe(10)
  expect((await browser.send('GET', 'factors')).body).toMatchObject({
    totp: { enabled: true, since: expect.any(String) },
    recoveryCodes: 10,
    waysToProve: ['totp', 'recovery'],
  })

  const other = openTestBrowser(cloud)
  const first = await other.send('POST', 'login', LOGIN)
  expect(first).toMatchObject({ status: 200, body: { challenge: expect.any(String), factors: ['totp', 'recovery'] } })
  expect(other.cookie).toBe('')
  const { challenge } = first.body
  const second = await other.send('POST', 'login/second-step', { challenge, proof: { code: codeOf(secret) } })
  expect(second).toMatchObject({ status: 200, body: { user: { email: LOGIN.email } } })
  expect((await other.send('GET', 'session')).status).toBe(200)
  const again = await openTestBrowser(cloud).send('POST', 'login/second-step', { challenge, proof: { code: codeOf(secret, 1) } })
  expect([again.status, again.message.message]).toEqual([401, expect.stringContaining('Start again')])
  expect((await cloud.mails()).map(({ to, subject }) => [to, subject])).toEqual([
    [LOGIN.email, 'Security of your Synnefo account'],
  ])
  expect((await browser.send('POST', 'factors/totp')).status).toBe(409)
})

test('a code of the step before or after is taken, each once, also when it comes several times at once', async ({
  onTestFinished,
}) => {
  vi.useFakeTimers({ toFake: ['Date'] }) // no step ends meanwhile
  onTestFinished(() => void vi.useRealTimers())
  const cloud = await openCloud(onTestFinished)
  const { secret } = await enrolTotp(cloud)
  const attempt = async (code: string) => {
    const other = openTestBrowser(cloud)
    const { challenge } = (await other.send('POST', 'login', LOGIN)).body
    return (await other.send('POST', 'login/second-step', { challenge, proof: { code } })).status
  }
  expect(await attempt(codeOf(secret, 3))).toBe(401)
  expect(await attempt(codeOf(secret, -3))).toBe(401)
  expect(await attempt('12345')).toBe(401)
  expect(await attempt(codeOf(secret, -1))).toBe(200)
  expect(await attempt(codeOf(secret, -1))).toBe(401)
  const code = codeOf(secret)
  const statuses = await Promise.all([code, code, code, code].map(attempt))
  expect(statuses.sort()).toEqual([200, 401, 401, 401])
  await cloud.db.run(sql`TRUNCATE identity.attempts`)
  expect(await attempt(`${codeOf(secret, 1).slice(0, 3)} ${codeOf(secret, 1).slice(3)}`)).toBe(200)
})

test('the password of the first step does not stand in for the second, whatever comes with it', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { secret } = await enrolTotp(cloud)
  const other = openTestBrowser(cloud)
  const { challenge } = (await other.send('POST', 'login', LOGIN)).body
  for (const [proof, status] of [
    [{ password: PASSWORD }, 400],
    [{ code: wrongCodeOf(secret), password: PASSWORD }, 400],
    [{ recoveryCode: 'none', password: PASSWORD }, 400],
    [{ code: wrongCodeOf(secret) }, 401],
  ] as const) {
    const refused = await other.send('POST', 'login/second-step', { challenge, proof })
    expect([proof, refused.status, refused.headers['set-cookie']]).toEqual([proof, status, undefined])
  }
  const origin = { address: '127.0.0.1', userAgent: '' }
  for (const proof of [{ password: PASSWORD }, { code: codeOf(secret), password: PASSWORD }]) {
    const passed = takeSecondStep(cloud.identity, { challenge, proof: proof as FactorProof }, origin)
    await expect(passed).rejects.toMatchObject({ kind: 'unauthorized' })
  }
  expect((await cloud.records()).at(-1)).toBe('session-start: refused: a password is no second step')
})

test('a recovery code works once, is counted, and its owner is told', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { recoveryCodes } = await enrolTotp(cloud)
  const attempt = async (recoveryCode: string) => {
    const other = openTestBrowser(cloud)
    const { challenge } = (await other.send('POST', 'login', LOGIN)).body
    return (await other.send('POST', 'login/second-step', { challenge, proof: { recoveryCode } })).status
  }
  expect(recoveryCodes[0]).toMatch(/^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/)
  const statuses = await Promise.all([1, 2, 3].map(() => attempt(recoveryCodes[0]!)))
  expect(statuses.sort()).toEqual([200, 401, 401])
  expect(await attempt(recoveryCodes[1]!.toUpperCase().replaceAll('-', ' '))).toBe(200)
  expect((await cloud.browser.send('GET', 'factors')).body.recoveryCodes).toBe(8)
  expect((await cloud.mails()).filter(({ text }) => text.includes('A recovery code was used'))).toHaveLength(2)
  const renewed = await cloud.browser.send('POST', 'factors/recovery-codes')
  expect(renewed.body.recoveryCodes).toHaveLength(10)
  expect(await attempt(recoveryCodes[2]!)).toBe(401)
  expect(await attempt(renewed.body.recoveryCodes[2])).toBe(200)
})

test('a challenge is good from where it was asked for only, for few answers and minutes', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { secret } = await enrolTotp(cloud)
  const begin = async () => (await openTestBrowser(cloud).send('POST', 'login', LOGIN)).body.challenge as string
  const answer = async (challenge: string, code: string, remoteAddress = '127.0.0.1') =>
    (
      await cloud.app.inject({
        method: 'POST',
        url: '/astakos/ui/api/login/second-step',
        payload: { challenge, proof: { code } },
        remoteAddress,
      })
    ).statusCode
  expect(await answer(await begin(), codeOf(secret), '192.0.2.7')).toBe(401)
  expect(await answer('made-up', codeOf(secret))).toBe(401)
  const old = await begin()
  await cloud.db.run(sql`UPDATE identity.sign_in_challenges SET expires_at = now()`)
  expect(await answer(old, codeOf(secret))).toBe(401)
  const tried = await begin()
  for (let n = 0; n < 5; n += 1) expect(await answer(tried, wrongCodeOf(secret))).toBe(401)
  await cloud.db.run(sql`TRUNCATE identity.attempts`)
  expect(await answer(tried, codeOf(secret))).toBe(401)
  expect(await answer(await begin(), codeOf(secret))).toBe(200)
})

test('codes cannot be guessed quickly, with one challenge or many', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { secret } = await enrolTotp(cloud)
  const attempt = async (code: string) => {
    const other = openTestBrowser(cloud)
    const { challenge } = (await other.send('POST', 'login', LOGIN)).body
    return (await other.send('POST', 'login/second-step', { challenge, proof: { code } })).status
  }
  const statuses = await Promise.all(Array.from({ length: 8 }, () => attempt(wrongCodeOf(secret))))
  expect(statuses.filter((status) => status === 401)).toHaveLength(5)
  expect(await attempt(codeOf(secret))).toBe(429)
})

test('a sign-in that waits for its second step ends with a new password', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { secret } = await enrolTotp(cloud)
  const other = openTestBrowser(cloud)
  const { challenge } = (await other.send('POST', 'login', LOGIN)).body
  await cloud.db.transaction((tx) => setPassword(cloud.identity, tx, cloud.alice, 'hash'))
  expect((await other.send('POST', 'login/second-step', { challenge, proof: { code: codeOf(secret) } })).status).toBe(401)
})

test('who was shut out meanwhile does not come in with the second step', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { secret } = await enrolTotp(cloud)
  const other = openTestBrowser(cloud)
  const { challenge } = (await other.send('POST', 'login', LOGIN)).body
  await cloud.db.run(sql`UPDATE identity.users SET is_active = false WHERE id = ${cloud.alice.id}`)
  const refused = await other.send('POST', 'login/second-step', { challenge, proof: { code: codeOf(secret) } })
  expect([refused.status, refused.message.message]).toEqual([403, expect.stringContaining('disabled')])
})

test('a passkey signs in alone, and stands in for the code after a password', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { device, recoveryCodes } = await addPasskey(cloud)
  expect(recoveryCodes).toHaveLength(10)
  const { browser } = cloud
  expect((await browser.send('GET', 'factors')).body.passkeys).toMatchObject([
    { name: 'laptop', synced: false, lastUsedAt: null },
  ])

  const alone = openTestBrowser(cloud)
  const options = (await alone.send('POST', 'login/passkey/options')).body
  expect(options).toMatchObject({ rpId: 'cloud.test', userVerification: 'required' })
  expect(options.allowCredentials ?? []).toEqual([])
  const signedIn = await alone.send('POST', 'login/passkey', { passkey: device.get(options) })
  expect(signedIn).toMatchObject({ status: 200, body: { user: { email: LOGIN.email } } })
  expect((await alone.send('GET', 'sessions')).body.sessions[0]).toMatchObject({ current: true, method: 'passkey' })

  const second = openTestBrowser(cloud)
  const { challenge, factors } = (await second.send('POST', 'login', LOGIN)).body
  expect(factors).toEqual(['passkey', 'recovery'])
  const asked = (await second.send('POST', 'login/second-step/passkey', { challenge })).body
  expect(asked.allowCredentials).toMatchObject([{ id: device.id }])
  const passkey = device.get(asked, { verifies: false })
  expect((await second.send('POST', 'login/second-step', { challenge, proof: { passkey } })).status).toBe(200)
})

test.for([
  ['at a page of somebody else', { origin: 'https://cloud.test.evil.test' }],
  ['at another port', { origin: 'https://cloud.test:8443' }],
  ['without showing that it is its owner', { verifies: false }],
  ['that is a copy: it counts less than before', { counter: 6 }],
] as const)('a passkey %s is refused', async ([, lie], { onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { device } = await addPasskey(cloud, 'laptop', openAuthenticator({ counter: 5 }))
  const attempt = async (change: object) => {
    const other = openTestBrowser(cloud)
    const options = (await other.send('POST', 'login/passkey/options')).body
    return other.send('POST', 'login/passkey', { passkey: device.get(options, change) })
  }
  expect((await attempt({ counter: 7 })).status).toBe(200)
  const refused = await attempt({ counter: 8, ...lie })
  expect([refused.status, refused.headers['set-cookie']]).toEqual([401, undefined])
  expect((await cloud.records()).at(-1)).toMatch(/^session-start: refused: passkey refused/)
  expect((await attempt({ counter: 9 })).status).toBe(200)
})

test('a challenge for a passkey gets one answer, for what it was asked for', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { browser } = cloud
  const { device } = await addPasskey(cloud)
  const options = (await openTestBrowser(cloud).send('POST', 'login/passkey/options')).body
  const use = async (passkey: object) => (await openTestBrowser(cloud).send('POST', 'login/passkey', { passkey })).status
  const answer = device.get(options)
  const statuses = await Promise.all([answer, answer, answer].map(use))
  expect(statuses.sort()).toEqual([200, 401, 401])
  expect(await use(device.get({ challenge: 'of-our-own-making' }))).toBe(401)
  const toConfirm = (await browser.send('POST', 'confirm/passkey')).body
  expect(await use(device.get(toConfirm))).toBe(401)
  const expired = (await openTestBrowser(cloud).send('POST', 'login/passkey/options')).body
  await cloud.db.run(sql`UPDATE identity.passkey_challenges SET expires_at = now()`)
  expect(await use(device.get(expired))).toBe(401)
  const stranger = openAuthenticator()
  const unknown = (await openTestBrowser(cloud).send('POST', 'login/passkey/options')).body
  expect(await use(stranger.get(unknown))).toBe(401)
  for (const nonsense of [{}, { ...answer, id: '…' }, { ...answer, response: {} }]) expect(await use(nonsense)).toBe(400)
  expect(await use({ ...answer, response: { ...answer.response, clientDataJSON: '@@@' } })).toBe(401)
})

test('a passkey is made for who asked only, once', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { browser } = cloud
  const { device } = await addPasskey(cloud)
  const options = (await browser.send('POST', 'passkeys/options')).body
  expect(options).toMatchObject({ attestation: 'none', rp: { id: 'cloud.test' }, excludeCredentials: [{ id: device.id }] })
  expect((await browser.send('POST', 'passkeys', { name: 'again', response: device.create(options) })).status).toBe(409)
  expect((await browser.send('POST', 'passkeys', { name: 'again', response: device.create(options) })).status).toBe(400)
  const bob = await createTestUser(cloud.identity, { email: 'bob@example.test', password: PASSWORD })
  const bobs = openTestBrowser(cloud)
  await bobs.send('POST', 'login', { ...LOGIN, email: bob.email })
  const hers = (await browser.send('POST', 'passkeys/options')).body
  const stolen = openAuthenticator().create(hers)
  expect((await bobs.send('POST', 'passkeys', { name: 'stolen', response: stolen })).status).toBe(400)
  const elsewhere = (await browser.send('POST', 'passkeys/options')).body
  const foreign = openAuthenticator({ origin: 'https://evil.test' }).create(elsewhere)
  expect((await browser.send('POST', 'passkeys', { name: 'foreign', response: foreign })).status).toBe(400)
})

test('passkeys are named, renamed and removed, by their owner only', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { browser } = cloud
  const { id, recoveryCodes } = await addPasskey(cloud, 'laptop')
  const phone = await addPasskey(cloud, 'phone')
  expect([recoveryCodes?.length, phone.recoveryCodes]).toEqual([10, undefined])
  expect((await browser.send('PUT', `passkeys/${id}`, { name: ' desk ' })).status).toBe(204)
  expect((await browser.send('PUT', `passkeys/${id}`, { name: ' ' })).status).toBe(400)
  expect((await browser.send('GET', 'factors')).body.passkeys.map(({ name }: { name: string }) => name)).toEqual([
    'desk',
    'phone',
  ])
  await createTestUser(cloud.identity, { email: 'bob@example.test', password: PASSWORD })
  const bobs = openTestBrowser(cloud)
  await bobs.send('POST', 'login', { ...LOGIN, email: 'bob@example.test' })
  expect((await bobs.send('DELETE', `passkeys/${id}`)).status).toBe(404)
  expect((await bobs.send('PUT', `passkeys/${id}`, { name: 'mine' })).status).toBe(404)
  expect((await browser.send('DELETE', `passkeys/${id}`)).status).toBe(204)
  expect((await browser.send('DELETE', `passkeys/${phone.id}`)).status).toBe(204)
  expect((await browser.send('GET', 'factors')).body).toMatchObject({ passkeys: [], recoveryCodes: 0 })
  expect((await openTestBrowser(cloud).send('POST', 'login', LOGIN)).body.user).toBeDefined()
})

test('the last way to sign in is not removed', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { id } = await addPasskey(cloud)
  await cloud.db.run(sql`UPDATE identity.users SET password_hash = NULL WHERE id = ${cloud.alice.id}`)
  const refused = await cloud.browser.send('DELETE', `passkeys/${id}`)
  expect([refused.status, refused.message.message]).toEqual([409, expect.stringContaining('only way to sign in')])
  const another = await addPasskey(cloud, 'phone')
  expect((await cloud.browser.send('DELETE', `passkeys/${another.id}`)).status).toBe(204)
})

test('where browsers make no passkeys, the cloud says so', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  for (const [url, work] of [
    ['http://127.0.0.1:8080', false],
    ['https://[2001:db8::1]', false],
    ['http://cloud.test', false],
    ['http://localhost:8080', true],
    ['https://cloud.test/', true],
  ] as const) {
    Object.assign(cloud.identity, { baseUrl: () => url })
    expect([url, (await cloud.browser.send('GET', 'factors')).body.passkeysWork]).toEqual([url, work])
    expect((await cloud.browser.send('POST', 'login/passkey/options')).status).toBe(work ? 200 : 409)
  }
})

/** Every change of what protects an account. */
const CHANGES = [
  ['POST', 'factors/totp'],
  ['POST', 'factors/totp/confirm', { code: '123456' }],
  ['DELETE', 'factors/totp'],
  ['POST', 'factors/recovery-codes'],
  ['POST', 'passkeys/options'],
  ['DELETE', 'passkeys/1'],
  ['DELETE', 'logins/1'],
  ['POST', 'profile', { email: 'new@example.test' }],
] as const

test('what protects an account changes only after a fresh proof', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { browser } = cloud
  const { secret, recoveryCodes } = await enrolTotp(cloud)
  const { device, id } = await addPasskey(cloud)
  const late = device.create((await browser.send('POST', 'passkeys/options')).body)
  await cloud.proofGetsOld()
  for (const [method, path, body] of [...CHANGES, ['POST', 'passkeys', { name: 'late', response: late }] as const]) {
    const refused = await browser.send(method, path, body)
    expect([path, refused.status, refused.message.details]).toEqual([path, 403, 'proof required'])
  }
  for (const proof of [{ code: wrongCodeOf(secret) }, { password: 'wrong' }, { password: PASSWORD }]) {
    const refused = await browser.send('POST', 'confirm', proof)
    expect([proof, refused.status, refused.message.details]).toEqual([proof, 403, ''])
    expect((await browser.send('POST', 'factors/recovery-codes')).status).toBe(403)
  }
  const asked = (await browser.send('POST', 'confirm/passkey')).body
  for (const proof of [{ code: codeOf(secret) }, { recoveryCode: recoveryCodes[0] }, { passkey: device.get(asked) }]) {
    await cloud.proofGetsOld()
    expect((await browser.send('POST', 'factors/recovery-codes')).status).toBe(403)
    expect([proof, (await browser.send('POST', 'confirm', proof)).status]).toEqual([proof, 200])
    expect((await browser.send('POST', 'passkeys/options')).status).toBe(200)
  }
  expect((await browser.send('DELETE', 'factors/totp')).status).toBe(204)
  expect((await browser.send('DELETE', `passkeys/${id}`)).status).toBe(204)
  expect((await browser.send('DELETE', 'factors/totp')).status).toBe(404)
  expect((await browser.send('POST', 'factors/recovery-codes')).status).toBe(409)
  expect((await openTestBrowser(cloud).send('POST', 'login', LOGIN)).body.user).toBeDefined()
  const records = await cloud.records()
  for (const action of ['totp-add', 'passkey-add', 'totp-remove', 'passkey-remove', 'recovery-code-use'])
    expect(records).toContain(`${action}: done`)
  expect(records).toContain('session-confirm: refused: wrong code')
  expect(records).toContain('session-confirm: refused: a second factor is needed')
})

test('without second factors the password is the proof', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  await cloud.proofGetsOld()
  expect((await cloud.browser.send('GET', 'factors')).body.waysToProve).toEqual(['password'])
  expect((await cloud.browser.send('POST', 'confirm', { password: 'wrong' })).status).toBe(403)
  expect((await cloud.browser.send('POST', 'passkeys/options')).status).toBe(403)
  expect((await cloud.browser.send('POST', 'confirm', { password: PASSWORD })).status).toBe(200)
  expect((await cloud.browser.send('POST', 'passkeys/options')).status).toBe(200)
})

test('a proof cannot be guessed quickly', async ({ onTestFinished }) => {
  const { browser } = await openCloud(onTestFinished)
  const statuses = await Promise.all(
    Array.from({ length: 8 }, () => browser.send('POST', 'confirm', { password: 'wrong' }).then(({ status }) => status)),
  )
  expect(statuses.filter((status) => status === 403)).toHaveLength(5)
  expect((await browser.send('POST', 'confirm', { password: PASSWORD })).status).toBe(429)
})

test('no secret of a second factor stands readable in the database', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { secret, recoveryCodes } = await enrolTotp(cloud)
  const { challenge } = (await openTestBrowser(cloud).send('POST', 'login', LOGIN)).body
  const rows = await cloud.db.any<{ text: string }>(sql`
    SELECT t::text AS text FROM identity.totp t UNION ALL SELECT r::text FROM identity.recovery_codes r
    UNION ALL SELECT c::text FROM identity.sign_in_challenges c UNION ALL SELECT a::text FROM identity.audit a
    UNION ALL SELECT m::text FROM identity.mails m`)
  expect(rows.length).toBeGreaterThan(13)
  for (const hidden of [secret, challenge, ...recoveryCodes]) {
    expect(rows.filter(({ text }) => text.includes(hidden) || text.includes(Buffer.from(hidden).toString('hex')))).toEqual([])
  }
})
