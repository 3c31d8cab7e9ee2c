import { Fault } from '@synnefo/lib/fault'
import { type Db, sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import fc from 'fast-check'
import { expect, type onTestFinished, test } from 'vitest'
import { acceptCommission, issueCommission, migrations, type Provision, pendingCommissions, rejectCommission } from '../index.ts'
import { createTestUser, openTestIdentity, type TestUser } from '../testing.ts'
import { INFINITE } from './arithmetic.ts'
import { resolveCommissions } from './commissions.ts'

const VM = 'cyclades.vm'

async function openLedger(finished: typeof onTestFinished, limits: Record<string, bigint> = { [VM]: 3n }) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db)
  return { db, identity, alice: await createTestUser(identity, { limits }) }
}

/** What a person's server costs: the person's record and the one of the project. */
function both(user: TestUser, quantity: bigint, resource = VM): Provision[] {
  return [
    { holder: `user:${user.uuid}`, source: `project:${user.uuid}`, resource, quantity },
    { holder: `project:${user.uuid}`, source: null, resource, quantity },
  ]
}

function holdings(db: Db, user: TestUser, resource = VM) {
  return db.any<{ min: bigint; max: bigint }>(sql`
    SELECT usage_min AS min, usage_max AS max FROM identity.holdings
    WHERE holder IN (${`user:${user.uuid}`}, ${`project:${user.uuid}`}) AND resource = ${resource} ORDER BY holder`)
}

const issue = (db: Db, request: Parameters<typeof issueCommission>[1]) => db.transaction((tx) => issueCommission(tx, request))
const accept = (db: Db, serial: bigint) => db.transaction((tx) => acceptCommission(tx, serial))
const reject = (db: Db, serial: bigint) => db.transaction((tx) => rejectCommission(tx, serial))
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as Fault,
  )

test('an issued commission is pending until it is accepted', async ({ onTestFinished }) => {
  const { db, alice } = await openLedger(onTestFinished)
  const serial = await issue(db, { provisions: both(alice, 2n), component: 'cyclades' })
  expect(await holdings(db, alice)).toEqual(Array(2).fill({ min: 0n, max: 2n }))
  expect(await pendingCommissions(db, 'cyclades')).toEqual([serial])
  await accept(db, serial)
  expect(await holdings(db, alice)).toEqual(Array(2).fill({ min: 2n, max: 2n }))
  expect(await pendingCommissions(db, 'cyclades')).toEqual([])
  expect((await refusal(accept(db, serial)))?.kind).toBe('itemNotFound')
  expect((await refusal(reject(db, serial)))?.kind).toBe('itemNotFound')
})

test('a rejected commission leaves no trace but its log', async ({ onTestFinished }) => {
  const { db, alice } = await openLedger(onTestFinished)
  const serial = await issue(db, { provisions: both(alice, 2n), name: 'a server' })
  await reject(db, serial)
  expect(await holdings(db, alice)).toEqual(Array(2).fill({ min: 0n, max: 0n }))
  const log = await db.any(sql`SELECT reason, delta, usage_max FROM identity.provision_log WHERE serial = ${serial}`)
  expect(log).toEqual(Array(2).fill({ reason: 'REJECT:a server', delta: 2n, usage_max: 0n }))
})

test('a commission that does not fit is refused as a whole, with the numbers', async ({ onTestFinished }) => {
  const { db, alice } = await openLedger(onTestFinished, { [VM]: 3n, 'cyclades.cpu': 10n })
  await accept(db, await issue(db, { provisions: both(alice, 2n) }))
  const fault = await refusal(issue(db, { provisions: [...both(alice, 1n, 'cyclades.cpu'), ...both(alice, 2n)] }))
  expect(fault).toBeInstanceOf(Fault)
  expect(fault?.kind).toBe('overLimit')
  expect(fault?.message).toBe(`user:${alice.uuid} has not enough capacity of cyclades.vm.`)
  expect(fault?.data).toEqual({ name: 'NoCapacityError', limit: 3n, usage: 2n, provision: both(alice, 2n)[0] })
  expect(await holdings(db, alice, 'cyclades.cpu')).toEqual(Array(2).fill({ min: 0n, max: 0n }))
})

test('force sets limits aside, but nobody gives back what is not held', async ({ onTestFinished }) => {
  const { db, alice } = await openLedger(onTestFinished)
  await accept(db, await issue(db, { provisions: both(alice, 5n), force: true }))
  const fault = await refusal(issue(db, { provisions: both(alice, -6n), force: true }))
  expect(fault?.data).toMatchObject({ name: 'NoQuantityError', limit: 0n, usage: 5n })
  await accept(db, await issue(db, { provisions: both(alice, -5n) }))
  expect(await holdings(db, alice)).toEqual(Array(2).fill({ min: 0n, max: 0n }))
})

test('a holding that does not exist is named', async ({ onTestFinished }) => {
  const { db, alice } = await openLedger(onTestFinished)
  const fault = await refusal(issue(db, { provisions: both(alice, 1n, 'cyclades.dreams') }))
  expect(fault?.kind).toBe('itemNotFound')
  expect(fault?.data).toMatchObject({ name: 'NoHoldingError', provision: { resource: 'cyclades.dreams' } })
})

test('provisions of one record count together, and nothing counts as nothing', async ({ onTestFinished }) => {
  const { db, alice } = await openLedger(onTestFinished)
  const [first] = both(alice, 2n)
  expect((await refusal(issue(db, { provisions: [first!, first!] })))?.kind).toBe('overLimit')
  await issue(db, { provisions: both(alice, 4n), force: true })
  await issue(db, { provisions: both(alice, 0n) })
})

test('an unlimited resource counts up to the largest number and no further', async ({ onTestFinished }) => {
  const { db, alice } = await openLedger(onTestFinished, { [VM]: INFINITE })
  await accept(db, await issue(db, { provisions: both(alice, INFINITE) }))
  expect((await refusal(issue(db, { provisions: both(alice, 1n), force: true })))?.kind).toBe('overLimit')
})

test('quantities that together go beyond 64 bits are refused by name', async ({ onTestFinished }) => {
  const { db, alice } = await openLedger(onTestFinished, { [VM]: INFINITE })
  const [first] = both(alice, INFINITE)
  const message = expect.stringContaining(`The quantity of ${VM} for user:${alice.uuid}`)
  for (const sign of [1n, -1n]) {
    const huge = { ...first!, quantity: sign * INFINITE }
    expect(await refusal(issue(db, { provisions: [huge, huge] }))).toMatchObject({ kind: 'badRequest', message })
    expect(await refusal(issue(db, { provisions: [{ ...huge, quantity: huge.quantity * 2n }] }))).toMatchObject({
      kind: 'badRequest',
      message,
    })
  }
})

test('a quantity moves from one project to another, and from one person to another, in one commission', async ({
  onTestFinished,
}) => {
  const { db, identity, alice } = await openLedger(onTestFinished)
  const bob = await createTestUser(identity, { limits: { [VM]: 2n } })
  await accept(db, await issue(db, { provisions: both(alice, 3n) }))
  const move = (quantity: bigint) => [...both(alice, -quantity), ...both(bob, quantity)]
  expect((await refusal(issue(db, { provisions: move(3n) })))?.kind).toBe('overLimit')
  const serial = await issue(db, { provisions: move(2n) })
  expect(await holdings(db, alice)).toEqual(Array(2).fill({ min: 1n, max: 3n }))
  expect(await holdings(db, bob)).toEqual(Array(2).fill({ min: 0n, max: 2n }))
  await accept(db, serial)
  expect(await holdings(db, alice)).toEqual(Array(2).fill({ min: 1n, max: 1n }))
  expect(await holdings(db, bob)).toEqual(Array(2).fill({ min: 2n, max: 2n }))
})

test('a pending commission whose holding is gone cannot be resolved, and nothing follows from it', async ({ onTestFinished }) => {
  const { db, alice } = await openLedger(onTestFinished)
  const good = await issue(db, { provisions: both(alice, 1n) })
  const broken = await issue(db, { provisions: both(alice, 1n, 'cyclades.cpu') })
  await db.run(sql`DELETE FROM identity.holdings WHERE holder = ${`project:${alice.uuid}`} AND resource = 'cyclades.cpu'`)
  const failure = await refusal(db.transaction((tx) => resolveCommissions(tx, { accept: [good, broken] })))
  expect(failure).not.toBeInstanceOf(Fault)
  expect(failure?.message).toMatch(`commission ${broken} names holdings that do not exist`)
  expect(await holdings(db, alice)).toEqual(Array(2).fill({ min: 0n, max: 1n }))
  expect(await pendingCommissions(db, 'astakos')).toEqual([good, broken])
})

test('orders that are settled together are decided in the order in which they came', async ({ onTestFinished }) => {
  const { db, identity, alice } = await openLedger(onTestFinished)
  const first = await issue(db, { provisions: both(alice, 2n) })
  const outcomes = await Promise.allSettled([
    identity.ledger.issue({ provisions: both(alice, 2n) }),
    identity.ledger.issue({ provisions: both(alice, 1n) }),
    identity.ledger.resolve({ reject: [first] }),
    identity.ledger.issue({ provisions: both(alice, 2n), autoAccept: true }),
    identity.ledger.issue({ provisions: both(alice, 1n) }),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
  const [, second, , fourth] = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined))
  expect([first, second, fourth]).toEqual([first, first + 1n, first + 2n])
  expect(await holdings(db, alice)).toEqual(Array(2).fill({ min: 2n, max: 3n }))
})

test('accepted as it is issued, a commission is never pending', async ({ onTestFinished }) => {
  const { db, alice } = await openLedger(onTestFinished)
  const before = await issue(db, { provisions: both(alice, 1n) })
  const serial = await issue(db, { provisions: both(alice, 1n), autoAccept: true })
  expect(serial).toBeGreaterThan(before)
  expect(await holdings(db, alice)).toEqual(Array(2).fill({ min: 1n, max: 2n }))
  expect(await pendingCommissions(db, 'astakos')).toEqual([before])
})

test('under any concurrency no limit is exceeded, sums agree and nothing stays pending', async ({ onTestFinished }) => {
  const LIMIT = 20n
  const { db, identity, alice } = await openLedger(onTestFinished, { [VM]: LIMIT, 'cyclades.cpu': LIMIT })
  const bob = await createTestUser(identity, { limits: { [VM]: LIMIT, 'cyclades.cpu': LIMIT } })
  const resources = [VM, 'cyclades.cpu']
  const request = fc.record({
    who: fc.constantFrom(alice, bob),
    quantities: fc.array(fc.tuple(fc.constantFrom(...resources), fc.bigInt({ min: -6n, max: 9n })), {
      minLength: 1,
      maxLength: 4,
    }),
    shuffled: fc.boolean(),
    outcome: fc.constantFrom('accept', 'reject', 'both', 'rolled back'),
  })
  const used = new Map<string, bigint>()
  const keyOf = (user: TestUser, resource: string) => `${user.uuid} ${resource}`

  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 24 }), async (requests) => {
      await Promise.all(
        requests.map(async ({ who, quantities, shuffled, outcome }) => {
          const provisions = quantities.flatMap(([resource, quantity]) => both(who, quantity, resource))
          if (shuffled) provisions.reverse()
          const lost = new Error('rolled back')
          const issued = await db
            .transaction(async (tx) => {
              const serial = await issueCommission(tx, { provisions })
              if (outcome === 'rolled back') throw lost
              return serial
            })
            .catch((error: unknown) => {
              if (error !== lost && !(error instanceof Fault && error.kind === 'overLimit')) throw error
              return undefined
            })
          if (issued === undefined) return
          const steps = outcome === 'both' ? [accept, reject] : [outcome === 'accept' ? accept : reject]
          const results = await Promise.allSettled(steps.map((step) => step(db, issued)))
          expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
          if (steps[0] !== accept || results[0]!.status === 'rejected') return
          for (const [resource, quantity] of quantities) {
            used.set(keyOf(who, resource), (used.get(keyOf(who, resource)) ?? 0n) + quantity)
          }
        }),
      )
      for (const user of [alice, bob]) {
        for (const resource of resources) {
          const total = used.get(keyOf(user, resource)) ?? 0n
          expect(total).toBeLessThanOrEqual(LIMIT)
          expect(await holdings(db, user, resource)).toEqual(Array(2).fill({ min: total, max: total }))
        }
      }
      expect(await pendingCommissions(db, 'astakos')).toEqual([])
    }),
    { numRuns: 60 },
  )
})
