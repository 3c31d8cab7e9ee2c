// The sessions that a person sees and ends.
import { randomBytes } from 'node:crypto'
import { silentLog } from '@synnefo/lib/log'
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { type IdentitySettings, openIdentity, sessionTokenOf } from '../../index.ts'
import { createTestUser } from '../../testing.ts'
import { openTestApi } from '../open-test-api.ts'
import { openTestBrowser } from '../open-test-browser.ts'

const LOGIN = { email: 'alice@example.test', password: 'down the rabbit hole' }
const FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, { ASTAKOS_RATELIMIT_RETRIES_ALLOWED: 50, ...settings })
  const alice = await createTestUser(api.identity, LOGIN)
  const signIn = async (headers: Record<string, string> = {}) => {
    const browser = openTestBrowser(api)
    expect((await browser.send('POST', 'login', LOGIN, headers)).status).toBe(200)
    return browser
  }
  return { ...api, alice, signIn }
}

test('a person sees where he is signed in: since when, last when, from where, with what', async ({ onTestFinished }) => {
  const { signIn } = await openCloud(onTestFinished)
  await signIn()
  const browser = await signIn(FIREFOX)
  const list = await browser.send('GET', 'sessions')
  const facts = { address: '127.0.0.1', method: 'local', createdAt: expect.any(String), lastSeenAt: expect.any(String) }
  expect(list.body.sessions).toMatchObject([
    { ...facts, current: true, browser: 'Firefox on Linux' },
    { ...facts, current: false, browser: 'Unknown program' },
  ])
  expect(list.text).not.toContain(browser.cookie.split('=')[1])
})

test('a session is ended by its owner only, at once, in every process, with its open connections', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const mine = await cloud.signIn()
  const other = await cloud.signIn()
  await createTestUser(cloud.identity, { ...LOGIN, email: 'bob@example.test' })
  const bobs = openTestBrowser(cloud)
  await bobs.send('POST', 'login', { ...LOGIN, email: 'bob@example.test' })
  const { id } = (await mine.send('GET', 'sessions')).body.sessions.find(({ current }: { current: boolean }) => !current)

  const elsewhere = await openIdentity({
    db: cloud.db,
    log: silentLog,
    secretKey: randomBytes(32),
    settings: cloud.identity.settings,
    baseUrl: cloud.identity.baseUrl,
  })
  onTestFinished(() => elsewhere.close())
  const token = sessionTokenOf(elsewhere, { cookie: other.cookie })!
  expect(await elsewhere.authenticator.authenticate(token)).toMatchObject({ uuid: cloud.alice.uuid })
  const ended = new Promise<void>((resolve) => elsewhere.authenticator.watch(token, resolve))

  expect((await bobs.send('DELETE', `sessions/${id}`)).status).toBe(404)
  expect((await other.send('GET', 'session')).status).toBe(200)
  expect((await mine.send('DELETE', `sessions/${id}`)).status).toBe(204)
  expect((await other.send('GET', 'session')).status).toBe(401)
  await ended
  await expect(elsewhere.authenticator.authenticate(token)).rejects.toMatchObject({ kind: 'unauthorized' })
  expect((await mine.send('DELETE', `sessions/${id}`)).status).toBe(404)
  expect((await mine.send('GET', 'session')).status).toBe(200)
})

test('ending one’s own session signs out', async ({ onTestFinished }) => {
  const { signIn } = await openCloud(onTestFinished)
  const browser = await signIn()
  const [{ id }] = (await browser.send('GET', 'sessions')).body.sessions
  expect((await browser.send('DELETE', `sessions/${id}`)).status).toBe(204)
  expect(browser.cookie).toBe('')
})

test('all others are ended, this one stays', async ({ onTestFinished }) => {
  const { db, signIn } = await openCloud(onTestFinished)
  const others = [await signIn(), await signIn()]
  const browser = await signIn()
  expect((await browser.send('POST', 'sessions/end-others')).status).toBe(200)
  for (const other of others) expect((await other.send('GET', 'session')).status).toBe(401)
  expect((await browser.send('GET', 'sessions')).body.sessions).toMatchObject([{ current: true }])
  const records = await db.any(sql`SELECT action FROM identity.audit WHERE action LIKE 'session-end%'`)
  expect(records).toEqual([{ action: 'session-end-others' }])
})

test('a session that is not used ends before its time, and use keeps it', async ({ onTestFinished }) => {
  const { db, identity, signIn } = await openCloud(onTestFinished, { ASTAKOS_SESSION_IDLE_HOURS: 2 })
  const browser = await signIn()
  const other = await signIn()
  const pass = async (hours: number, id?: string) => {
    await db.run(sql`
      UPDATE identity.sessions SET last_seen_at = last_seen_at - ${hours} * interval '1 hour'
      WHERE ${id ?? null}::bigint IS NULL OR id = ${id ?? null}`)
    identity.authenticator.forget([])
  }
  const lastSeen = async () => Date.parse((await browser.send('GET', 'sessions')).body.sessions[1].lastSeenAt)
  await pass(1.5)
  expect((await browser.send('GET', 'session')).status).toBe(200)
  await expect.poll(lastSeen).toBeGreaterThan(Date.now() - 60_000)
  await pass(1)
  expect((await browser.send('GET', 'session')).status).toBe(200)
  expect((await other.send('GET', 'session')).status).toBe(401)
  expect((await browser.send('GET', 'sessions')).body.sessions).toHaveLength(1)
})

test('reading does not write each time', async ({ onTestFinished }) => {
  const { db, identity, signIn } = await openCloud(onTestFinished)
  const browser = await signIn()
  const version = async () => (await db.one<{ xmin: string }>(sql`SELECT xmin::text FROM identity.sessions`)).xmin
  const before = await version()
  for (let n = 0; n < 3; n += 1) {
    await browser.send('GET', 'session')
    identity.authenticator.forget([])
  }
  expect(await version()).toBe(before)
})

test('a session ends when its life is over, used or not, and with the classic token', async ({ onTestFinished }) => {
  const { db, signIn } = await openCloud(onTestFinished, { ASTAKOS_SESSION_HOURS: 8 })
  const end = async () => Date.parse((await (await signIn()).send('GET', 'sessions')).body.sessions[0].expiresAt)
  const eightHours = Date.now() + 8 * 3_600_000
  expect(Math.abs((await end()) - eightHours)).toBeLessThan(600_000)
  await db.run(sql`UPDATE identity.tokens SET expires_at = now() + interval '1 hour'`)
  expect(Math.abs((await end()) - (Date.now() + 3_600_000))).toBeLessThan(600_000)
})
