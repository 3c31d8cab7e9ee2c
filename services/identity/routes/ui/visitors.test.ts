// What visitors have to show before a form of theirs is taken.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from '@synnefo/lib/sql'
import { type Challenge, solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { expect, type onTestFinished, test } from 'vitest'
import type { IdentitySettings } from '../../settings/index.ts'
import { createTestUser } from '../../testing.ts'
import { openTestApi } from '../open-test-api.ts'
import { openTestBrowser } from '../open-test-browser.ts'

const PERSON = { email: 'new@example.test', firstName: 'New', lastName: 'Comer', password: 'down the rabbit hole' }
const WORK: Partial<IdentitySettings> = { ASTAKOS_PROOF_OF_WORK_ENABLED: true, ASTAKOS_PROOF_OF_WORK_COST: 10 }

/** The forms of visitors, complete but for what shows that he is no machine. */
const FORMS: [path: string, form: object][] = [
  ['signup', PERSON],
  ['resend', { email: PERSON.email }],
  ['password/forgotten', { email: PERSON.email }],
  ['feedback', { message: 'Hello', email: PERSON.email }],
]

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings>) {
  const api = await openTestApi(finished, settings)
  await createTestUser(api.identity, { email: 'admin@example.test', roles: ['admin'], password: PERSON.password })
  const visitor = openTestBrowser(api)
  const challenge = async (): Promise<Challenge> => (await visitor.send('GET', 'work')).body.challenge
  const solved = async (given: Challenge) => {
    const solution = await solveChallenge({ challenge: given, deriveKey })
    return { challenge: given, solution: solution! }
  }
  return { ...api, visitor, challenge, solved }
}

const written = (payload: object) => Buffer.from(JSON.stringify(payload)).toString('base64')

test('forms are taken with work done for them, once', async ({ onTestFinished }) => {
  const { visitor, challenge, solved } = await openCloud(onTestFinished, WORK)
  for (const [path, form] of FORMS) {
    expect((await visitor.send('POST', path, form)).message.message, path).toMatch(/^Field 'work': ask/)
    const work = written(await solved(await challenge()))
    expect((await visitor.send('POST', path, { ...form, work })).status, path).toBe(200)
    expect((await visitor.send('POST', path, { ...form, work })).message.message, path).toBe("Field 'work': this was used before")
  }
})

test('a typing error costs no work', async ({ onTestFinished }) => {
  const { visitor, challenge, solved } = await openCloud(onTestFinished, WORK)
  const work = written(await solved(await challenge()))
  expect((await visitor.send('POST', 'signup', { ...PERSON, password: 'short', work })).message.message).toMatch(
    /^Field 'password'/,
  )
  expect((await visitor.send('POST', 'signup', { ...PERSON, work })).status).toBe(200)
})

test('work that was not done, or not for us, is none', async ({ onTestFinished }) => {
  const { db, visitor, challenge, solved } = await openCloud(onTestFinished, WORK)
  const other = await openCloud(onTestFinished, WORK)
  const mine = await challenge()
  const { solution } = await solved(mine)
  const { parameters } = mine
  const wrong: Record<string, unknown> = {
    'no solution': { challenge: mine, solution: { ...solution, derivedKey: '00'.repeat(32) } },
    'another challenge': { challenge: await challenge(), solution },
    'an easier challenge': { challenge: { ...mine, parameters: { ...parameters, cost: 1 } }, solution },
    'a longer life': { challenge: { ...mine, parameters: { ...parameters, expiresAt: parameters.expiresAt! + 1 } }, solution },
    'no end': { challenge: { ...mine, parameters: { ...parameters, expiresAt: undefined } }, solution },
    'no signature': { challenge: { parameters }, solution },
    'another cloud': await other.solved(await other.challenge()),
    'a text': 'work',
    nothing: null,
  }
  for (const [what, payload] of Object.entries(wrong)) {
    const answer = await visitor.send('POST', 'signup', { ...PERSON, work: written(payload as object) })
    expect([what, answer.status]).toEqual([what, 400])
    expect(answer.message.message, what).toMatch(/^Field 'work'/)
  }
  expect((await visitor.send('POST', 'signup', { ...PERSON, work: '%%%' })).status).toBe(400)
  expect(await db.any(sql`SELECT work_hash FROM identity.spent_work`)).toEqual([])
  expect((await visitor.send('POST', 'signup', { ...PERSON, work: written({ challenge: mine, solution }) })).status).toBe(200)
})

test('who is signed in shows nothing, and where it is off nobody does', async ({ onTestFinished }) => {
  const { visitor } = await openCloud(onTestFinished, WORK)
  await visitor.send('POST', 'login', { email: 'admin@example.test', password: PERSON.password })
  expect((await visitor.send('POST', 'feedback', { message: 'Hello' })).status).toBe(200)
  const off = await openCloud(onTestFinished, {})
  expect((await off.visitor.send('GET', 'work')).body).toEqual({ kind: 'nothing' })
  for (const [path, form] of FORMS) expect((await off.visitor.send('POST', path, form)).status).toBe(200)
})

/** Says yes to one answer of the widget, as Google would; and nothing at all after it was closed. */
async function openVerifier(finished: typeof onTestFinished) {
  const asked: Record<string, string>[] = []
  const server = createServer(async (request, reply) => {
    const form = new URLSearchParams((await request.setEncoding('utf8').toArray()).join(''))
    asked.push(Object.fromEntries(form))
    reply.setHeader('Content-Type', 'application/json')
    reply.end(JSON.stringify({ success: form.get('response') === 'a person' && form.get('secret') === 'shh' }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const close = () => new Promise<void>((closed) => server.close(() => closed()))
  finished(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/siteverify`, asked, close }
}

test('reCAPTCHA takes the place of work where it is on', async ({ onTestFinished }) => {
  const verifier = await openVerifier(onTestFinished)
  const { visitor } = await openCloud(onTestFinished, {
    ...WORK,
    ASTAKOS_RECAPTCHA_ENABLED: true,
    ASTAKOS_RECAPTCHA_PUBLIC_KEY: 'site',
    ASTAKOS_RECAPTCHA_PRIVATE_KEY: 'shh',
    ASTAKOS_RECAPTCHA_VERIFY_URL: verifier.url,
  })
  expect((await visitor.send('GET', 'work')).body).toEqual({ kind: 'recaptcha', siteKey: 'site', options: { theme: 'light' } })
  for (const [path, form] of FORMS) {
    expect((await visitor.send('POST', path, form)).status, path).toBe(400)
    expect((await visitor.send('POST', path, { ...form, recaptcha: 'a machine' })).message.message).toMatch(/^Field 'recaptcha'/)
    expect((await visitor.send('POST', path, { ...form, recaptcha: 'a person' })).status, path).toBe(200)
  }
  expect(verifier.asked[0]).toEqual({ secret: 'shh', response: 'a machine', remoteip: '127.0.0.1' })
  await verifier.close()
  expect((await visitor.send('POST', 'signup', { ...PERSON, recaptcha: 'a person' })).status).toBe(503)
})
