import { sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import { startSession } from '../sessions/sessions.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'
import { commandLine } from './testing.ts'

async function openCloud(finished: typeof onTestFinished) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db)
  const begin = async (user: { id: bigint; uuid: string }) => {
    const origin = { address: '192.0.2.7', userAgent: 'curl/8.14.1', method: 'local' }
    const { secret } = await db.transaction((tx) => startSession(identity, tx, user, origin))
    return { lives: async () => (await identity.authenticator.findSession(secret)) !== undefined }
  }
  const manage = commandLine(identity)
  const list = async (words = '') => JSON.parse((await manage(`session-list --output-format json ${words}`)).out)
  return { db, identity, manage, list, begin }
}

test('operators see sessions and end them, one by one or all of a person', async ({ onTestFinished }) => {
  const { db, identity, manage, list, begin } = await openCloud(onTestFinished)
  const [alice, bob] = [await createTestUser(identity), await createTestUser(identity)]
  const sessions = [await begin(alice), await begin(alice), await begin(bob)]
  const lives = async () => Promise.all(sessions.map(({ lives }) => lives()))
  expect(await list()).toHaveLength(3)
  const [first, second] = await list(`--user ${alice.email}`)
  expect(first).toMatchObject({ user: alice.uuid, address: '192.0.2.7', browser: 'curl', method: 'local' })

  expect(await manage(`session-remove -f ${first.id} 4711`)).toMatchObject({ status: 1, err: expect.stringContaining('4711') })
  expect(await lives()).toEqual([false, true, true])
  expect((await manage(`session-remove -f --user ${alice.uuid}`)).status).toBe(0)
  expect(await lives()).toEqual([false, false, true])
  expect((await list()).map(({ id }: { id: string }) => id)).not.toContain(second.id)
  for (const wrong of ['', `${second.id} --user ${bob.uuid}`, 'everything']) {
    expect((await manage(`session-remove ${wrong}`)).status).toBe(2)
  }
  const records = await db.any(sql`SELECT actor, action FROM identity.audit WHERE action = 'session-remove'`)
  expect(records).toEqual([
    { actor: 'snf-manage', action: 'session-remove' },
    { actor: 'snf-manage', action: 'session-remove' },
  ])
})

test('an operator removes the second factors of somebody who lost them, and he is told', async ({ onTestFinished }) => {
  const { db, identity, manage } = await openCloud(onTestFinished)
  const alice = await createTestUser(identity)
  await db.run(sql`INSERT INTO identity.totp (user_id, secret_sealed, confirmed_at) VALUES (${alice.id}, '\\x00', now())`)
  await db.run(sql`INSERT INTO identity.recovery_codes (user_id, code_hash) VALUES (${alice.id}, '\\x00')`)
  expect((await manage(`user-modify ${alice.uuid} --disable-factors`)).status).toBe(0)
  const left = await db.one(sql`
    SELECT (SELECT count(*) FROM identity.totp) + (SELECT count(*) FROM identity.recovery_codes) AS count`)
  expect(left).toEqual({ count: 0n })
  expect(await db.any(sql`SELECT recipient FROM identity.mails WHERE body LIKE '%An administrator removed%'`)).toEqual([
    { recipient: alice.email },
  ])
})
