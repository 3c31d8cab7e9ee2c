import { Fault } from '@synnefo/lib/fault'
import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { openTestIdentity } from '../testing.ts'
import { openErrorReports } from './error-reports.ts'

const TOKEN = 'plUwYXUQTXbsDytyu64vO_LWuDZZmVq6jAKP0HZG7e8'

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db, {
    settings: { ADMINS: [['Root', 'root@example.test'], 'second@example.test'], EMAIL_HOST_PASSWORD: 'mail server', ...settings },
  })
  const reports = openErrorReports(identity)
  let broken = 0
  const app = openHttp({
    log: silentLog,
    onUnexpected: (error, request) => {
      broken += 1
      reports(error, request)
    },
  })
  finished(() => app.close())
  app.get('/things/:id', async () => {
    throw new Error(`no such thing with token=${TOKEN}`)
  })
  app.get('/other', async () => {
    throw new RangeError('too far')
  })
  app.get('/refused', async () => {
    throw new Fault('conflict', 'as it should be')
  })
  const mails = () =>
    db.any<{ recipient: string; subject: string; body: string }>(
      sql`SELECT recipient, subject, body FROM identity.mails ORDER BY id`,
    )
  return { app, mails, broken: () => broken }
}

test('administrators are told of what nobody expected, without the secrets that came with it', async ({ onTestFinished }) => {
  const { app, mails } = await openCloud(onTestFinished, { EMAIL_SUBJECT_PREFIX: '[my cloud] ' })
  const answer = await app.inject({
    url: `/things/${TOKEN}?X-Auth-Token=${TOKEN}&name=alice`,
    headers: {
      'x-auth-token': TOKEN,
      cookie: `theme=dark; sessionid=${TOKEN}; my_token=abc`,
      authorization: 'Basic abc',
      'user-agent': 'kamaki',
    },
  })
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toContain('no such thing')
  await expect.poll(async () => (await mails()).length).toBe(2)
  const [{ recipient, subject, body }, second] = (await mails()) as [Awaited<ReturnType<typeof mails>>[0], { recipient: string }]
  expect([recipient, second.recipient]).toEqual(['root@example.test', 'second@example.test'])
  expect(subject).toBe('[my cloud] GET /things/:id: no such thing with token=********')
  expect(body).toMatch(/^GET \/things\/\*{8}\?X-Auth-Token=…&name=… from 127\.0\.0\.1 on /)
  expect(body).toMatch(/\n {4}at .*error-reports\.test\.ts/)
  for (const line of [
    'user-agent: kamaki',
    'x-auth-token: ********************',
    'authorization: ********************',
    'theme: dark',
    'sessionid: ********************',
    'my_token: ********************',
    'EMAIL_HOST_PASSWORD = ********************',
    'EMAIL_SUBJECT_PREFIX = "[my cloud] "',
  ])
    expect(body).toContain(`\n  ${line}\n`.trimEnd())
  expect(body).not.toContain(TOKEN)
  expect(body).not.toContain('mail server')
})

test('a storm of errors is one mail for each place, and what was not mailed is counted', async ({ onTestFinished }) => {
  const { app, mails, broken } = await openCloud(onTestFinished, { ADMINS: ['root@example.test'] })
  await app.inject('/things/1')
  await expect.poll(async () => (await mails()).length).toBe(1)
  await Promise.all(Array.from({ length: 50 }, () => app.inject('/things/1')))
  await app.inject('/other')
  await expect.poll(async () => (await mails()).length).toBe(2)
  expect(broken()).toBe(52)
  expect((await mails())[1]!.body).toContain('50 more errors were not mailed before this one')
})

test('what is refused as it should be is not reported, nor anything where nobody is to be told', async ({ onTestFinished }) => {
  const { app, broken } = await openCloud(onTestFinished)
  await app.inject('/refused')
  await app.inject('/nowhere')
  expect(broken()).toBe(0)
  const quiet = await openCloud(onTestFinished, { ADMINS: [] })
  await quiet.app.inject('/other')
  expect([quiet.broken(), await quiet.mails()]).toEqual([1, []])
})

test('a report is cut at its greatest length', async ({ onTestFinished }) => {
  const { app, mails } = await openCloud(onTestFinished, { MAIL_MAX_LEN: 100, ADMINS: ['root@example.test'] })
  await app.inject('/other')
  await expect.poll(async () => (await mails())[0]?.body.length).toBe(102)
})
