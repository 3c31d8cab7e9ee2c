import { type Db, sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { migrations } from './index.ts'
import { countAgainst, forgive, isWithin, type Limit } from './throttle.ts'

const LIMIT: Limit = { key: ['door', 'alice'], atMost: 2, windowSeconds: 60 }

/** Seconds to wait, or 0 when the attempt was allowed. */
async function attempt(db: Db, limit = LIMIT): Promise<number> {
  try {
    await countAgainst(db, [limit])
    return 0
  } catch (error) {
    return Number((error as { headers: Record<string, string> }).headers['Retry-After'])
  }
}

/** As if this much time had passed. */
const pass = (db: Db, seconds: number) =>
  db.run(sql`UPDATE identity.attempts SET window_ends_at = window_ends_at - ${seconds} * interval '1 second'`)

test('who goes on guessing waits twice as long each time, up to an hour, and a quiet day forgets', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished, [migrations])
  const waits: number[] = []
  for (let round = 0; round < 9; round += 1) {
    expect([await attempt(db), await attempt(db)]).toEqual([0, 0])
    const wait = await attempt(db)
    waits.push(Math.round(wait / 10) * 10)
    expect(await attempt(db)).toBeLessThanOrEqual(wait) // asking again does not prolong it
    await pass(db, wait)
  }
  expect(waits).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
  await pass(db, 86_400)
  expect([await attempt(db), await attempt(db)]).toEqual([0, 0])
  expect(await attempt(db)).toBeLessThanOrEqual(60)
})

test('of many at once no more than the limit get through', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished, [migrations])
  const waits = await Promise.all(Array.from({ length: 20 }, () => attempt(db)))
  expect(waits.filter((wait) => wait === 0)).toHaveLength(2)
})

test('a success forgets what was counted against the account, but not against the address', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished, [migrations])
  const own = LIMIT
  const address: Limit = { key: ['door from', '192.0.2.1'], atMost: 3, windowSeconds: 60, shared: true }
  await countAgainst(db, [own, address])
  await countAgainst(db, [own, address])
  await forgive(db, [own, address])
  expect(await attempt(db, own)).toBe(0)
  expect(await attempt(db, own)).toBe(0)
  expect([await attempt(db, address), await attempt(db, address)]).toEqual([0, 0])
  expect(await attempt(db, address)).toBeGreaterThan(0)
})

test('a limit on uses, not guesses, does not make anybody wait longer each time', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished, [migrations])
  for (let round = 0; round < 3; round += 1) {
    const uses = { ...LIMIT, isRate: true }
    expect([await attempt(db, uses), await attempt(db, uses)]).toEqual([0, 0])
    expect(await attempt(db, uses)).toBeLessThanOrEqual(60)
    await pass(db, 60)
  }
})

test('what is only counted never waits longer than its window', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished, [migrations])
  for (let round = 0; round < 3; round += 1) {
    expect([await isWithin(db, LIMIT), await isWithin(db, LIMIT), await isWithin(db, LIMIT)]).toEqual([true, true, false])
    await pass(db, 60)
  }
})

test.for([
  ['2001:db8:0:7::1', '2001:db8:0:7:ffff:ffff:ffff:ffff', true],
  ['2001:db8:0:7::1', '2001:0DB8:0000:0007::2', true],
  ['2001:db8:0:7::1', '2001:db8:0:8::1', false],
  ['2001:db8::7', '2001:db8:0:0:1::', true],
  ['fe80::1%eth0', 'fe80::2', true],
  ['::1', '::2', true],
  ['::ffff:192.0.2.1', '192.0.2.1', true],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ['192.0.2.1', '192.0.2.2', false],
] as const)('attempts from %s and from %s are counted together: %s', async ([one, other, together], { onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished, [migrations])
  const from = (address: string): Limit => ({ key: ['door from', address], atMost: 1, windowSeconds: 60 })
  expect(await isWithin(db, from(one))).toBe(true)
  expect(await isWithin(db, from(other))).toBe(!together)
})
