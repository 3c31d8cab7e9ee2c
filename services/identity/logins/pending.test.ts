// What waits between a provider and an account: for how long, and for whom.
import { randomBytes } from 'node:crypto'
import { sql } from '@synnefo/lib/sql'
import { expect, test } from 'vitest'
import { openTestApi } from '../routes/open-test-api.ts'
import { createTestUser } from '../testing.ts'
import type { Claims } from './claims.ts'
import { HANDSHAKE_SECONDS, newHandshake, openHandshake, sealHandshake } from './handshakes.ts'
import { attachPending, keepPending, register, showPending } from './pending.ts'

const CLAIMS: Claims = {
  ...{ module: 'google', identifier: '1142', email: 'alice@example.test', firstName: 'Alice', lastName: 'Liddell' },
  ...{ affiliation: '', emailIsProven: true, groups: null, info: {} },
}
const ORIGIN = { address: '192.0.2.1', userAgent: '' }

test('an identity that nobody claims waits a week, and is then forgotten', async ({ onTestFinished }) => {
  const { db, identity, tasks } = await openTestApi(onTestFinished)
  const token = await db.transaction((tx) => keepPending(identity, tx, CLAIMS))
  const age = (interval: string) => db.run(sql`UPDATE identity.pending_logins SET created_at = now() - ${interval}::interval`)
  await age('6 days 23 hours')
  await tasks.settle()
  expect((await showPending(identity, token)).claims).toEqual(CLAIMS)
  await age('7 days 1 hour')
  await expect(showPending(identity, token)).rejects.toThrow(/not open any more/)
  await expect(register(identity, token, {}, ORIGIN)).rejects.toThrow(/not open any more/)
  await tasks.settle()
  expect(await db.any(sql`SELECT id FROM identity.pending_logins`)).toEqual([])
})

test('coming again makes a new token, and the old one ends', async ({ onTestFinished }) => {
  const { db, identity } = await openTestApi(onTestFinished)
  const [first, second] = [
    await db.transaction((tx) => keepPending(identity, tx, CLAIMS)),
    await db.transaction((tx) => keepPending(identity, tx, { ...CLAIMS, lastName: 'Hargreaves' })),
  ]
  await expect(showPending(identity, first)).rejects.toThrow(/not open any more/)
  expect((await showPending(identity, second)).claims.lastName).toBe('Hargreaves')
})

test.for([
  [{ ASTAKOS_ENABLE_LOCAL_ACCOUNT_MIGRATION: false }, /in the profile only/],
  [{ ASTAKOS_AUTH_PROVIDER_GOOGLE_ADD_POLICY: false }, /may not be given/],
] as const)('attaching is refused where the settings do not want it: %j', async ([settings, words], { onTestFinished }) => {
  const { db, identity } = await openTestApi(onTestFinished, { ASTAKOS_IM_MODULES: ['local', 'google'], ...settings })
  const alice = await createTestUser(identity)
  const token = await db.transaction((tx) => keepPending(identity, tx, CLAIMS))
  await expect(attachPending(identity, alice, token, ORIGIN)).rejects.toThrow(words)
})

test('of two who claim an identity at once, one gets it', async ({ onTestFinished }) => {
  const { db, identity } = await openTestApi(onTestFinished, { ASTAKOS_IM_MODULES: ['local', 'google'] })
  const people = [await createTestUser(identity), await createTestUser(identity)]
  const token = await db.transaction((tx) => keepPending(identity, tx, CLAIMS))
  const form = { email: 'alice@home.test', firstName: 'A', lastName: 'L' }
  const outcomes = await Promise.allSettled([
    ...people.map((person) => attachPending(identity, person, token, ORIGIN)),
    register(identity, token, form, ORIGIN),
  ])
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
  expect(await db.any(sql`SELECT id FROM identity.auth_providers WHERE identifier = '1142'`)).toHaveLength(1)
})

test('a hand-shake is for its module, its cloud and half an hour', async ({ onTestFinished }) => {
  const { identity } = await openTestApi(onTestFinished)
  const begun = newHandshake({ module: 'google', next: '/servers', person: null, switchFrom: null, key: null })
  expect(openHandshake(identity, 'google', sealHandshake(identity, begun))).toEqual(begun)
  const old = sealHandshake(identity, { ...begun, startedAt: begun.startedAt - HANDSHAKE_SECONDS - 1 })
  for (const sealed of [undefined, '', 'x', old, randomBytes(100).toString('base64url')]) {
    expect(() => openHandshake(identity, 'google', sealed)).toThrow(/not started in this browser/)
  }
  expect(() => openHandshake(identity, 'oidc', sealHandshake(identity, begun))).toThrow(/not started in this browser/)
  const elsewhere = (await openTestApi(onTestFinished)).identity
  expect(() => openHandshake(elsewhere, 'google', sealHandshake(identity, begun))).toThrow(/not started in this browser/)
})
