// What operators see of the ledger and do about it. The output is read by scripts: it is compared with what is written
// here, in all its forms.
import { type Db, sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import { issueCommission, pendingCommissions } from '../quota/commissions.ts'
import { createTestUser, openTestIdentity, type TestUser } from '../testing.ts'
import { commandLine } from './testing.ts'

const GIB = 2n ** 30n

async function openCloud(finished: typeof onTestFinished) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db)
  const limits = { 'cyclades.vm': 3n, 'cyclades.ram': 4n * GIB }
  const alice = await named(db, await createTestUser(identity, { email: 'alice@example.test', limits }), 'a')
  const bob = await named(db, await createTestUser(identity, { email: 'bob@example.test', limits }), 'b')
  const run = commandLine(identity)
  /** Without times, which differ each time. */
  async function manage(line: string) {
    const { status, out, err } = await run(line)
    return { status, out: out.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'YYYY-MM-DDTHH:MM:SS.sssZ'), err }
  }
  async function take(user: TestUser, resource: string, quantity: bigint, options: { pending?: boolean; force?: boolean } = {}) {
    const { pending = false, force = false } = options
    const provisions = [
      { holder: `user:${user.uuid}` as const, source: `project:${user.uuid}` as const, resource, quantity },
      { holder: `project:${user.uuid}` as const, source: null, resource, quantity },
    ]
    const request = { provisions, name: `${quantity} of ${resource}`, autoAccept: !pending, force, component: 'cyclades' }
    return db.transaction((tx) => issueCommission(tx, request))
  }
  return { db, identity, alice, bob, manage, take }
}

/** Gives a person an id that is the same each time, and so a place in every list. */
async function named(db: Db, user: TestUser, letter: string): Promise<TestUser> {
  const uuid = user.uuid.replaceAll(/[0-9a-f]/g, letter)
  await db.run(sql`UPDATE identity.users SET uuid = ${uuid} WHERE uuid = ${user.uuid}`)
  await db.run(sql`UPDATE identity.projects SET uuid = ${uuid} WHERE uuid = ${user.uuid}`)
  await db.run(sql`
    UPDATE identity.holdings SET holder = replace(holder, ${user.uuid}, ${uuid}), source = replace(source, ${user.uuid}, ${uuid})`)
  return { ...user, uuid }
}

test('quotas are listed with units, by person, project, resource, limit and usage', async ({ onTestFinished }) => {
  const { alice, bob, manage, take } = await openCloud(onTestFinished)
  await take(alice, 'cyclades.vm', 2n)
  await take(alice, 'cyclades.ram', 3n * GIB)
  await take(bob, 'cyclades.vm', 5n, { force: true })
  for (const line of [
    `quota-list --filter-by user=${alice.uuid}`,
    `quota-list --filter-by source=${alice.uuid},usage>=2GiB --unit-style gb`,
    'quota-list --filter-by resource=cyclades.vm,usage>=2 --display-mails',
    'quota-list --displayname --overlimit --output-format json',
    'quota-list --filter-by limit=inf,resource=pithos.diskspace --with-custom=True',
    'quota-list --filter-by usage>4 -o holder,usage --output-format csv --no-headers',
    'quota-list --list-filters',
    'quota-list --filter-by usage>many',
  ]) {
    expect(await manage(line), line.replaceAll(alice.uuid, '<alice>')).toMatchSnapshot()
  }
})

test('people who were not accepted are left out of the list', async ({ onTestFinished }) => {
  const { db, alice, bob, manage } = await openCloud(onTestFinished)
  await db.run(sql`UPDATE identity.users SET is_active = false, is_rejected = true WHERE id = ${alice.id}`)
  expect((await manage('quota-list --filter-by resource=cyclades.vm -o holder --no-headers')).out).toBe(`${bob.uuid}\n`)
})

test('limits that differ from what projects grant are told and repaired, and so are records that nothing explains', async ({
  onTestFinished,
}) => {
  const { db, alice, manage, take } = await openCloud(onTestFinished)
  const verify = async (options = '') => expect(await manage(`quota-verify ${options}`.trim())).toMatchSnapshot()
  await verify()
  await take(alice, 'cyclades.vm', 1n)
  await db.run(sql`UPDATE identity.holdings SET "limit" = 99 WHERE holder = ${`user:${alice.uuid}`} AND resource = 'cyclades.vm'`)
  await db.run(sql`DELETE FROM identity.holdings WHERE holder = ${`project:${alice.uuid}`} AND resource = 'cyclades.cpu'`)
  await db.run(sql`
    INSERT INTO identity.holdings (holder, source, resource, "limit", usage_min, usage_max)
    VALUES ('user:ghost', 'project:ghost', 'cyclades.vm', 1, 0, 0), ('project:ghost', '', 'cyclades.vm', 1, 0, 1)`)
  await verify()
  await verify('--include-unexpected-holdings --output-format csv')
  await verify('--include-unexpected-holdings --fix')
  await verify()
  await verify('--include-unexpected-holdings')
  const used = await db.one(sql`
    SELECT usage_max AS used FROM identity.holdings WHERE holder = ${`user:${alice.uuid}`} AND resource = 'cyclades.vm'`)
  expect(used).toEqual({ used: 1n })
})

test('the older name of quota-verify --fix still works and is not listed', async ({ onTestFinished }) => {
  const { db, alice, manage } = await openCloud(onTestFinished)
  await db.run(sql`UPDATE identity.holdings SET "limit" = 99 WHERE holder = ${`user:${alice.uuid}`} AND resource = 'cyclades.vm'`)
  expect((await manage('quota --sync')).err).toMatch(/^Wrote the limits of 1 projects/)
  expect((await manage('quota-verify')).err).toBe('Everything in sync.\n')
  expect((await manage('help')).out).not.toMatch(/^ *quota /m)
})

test('pending commissions are listed, shown and resolved by hand', async ({ onTestFinished }) => {
  const { db, alice, manage, take } = await openCloud(onTestFinished)
  const first = await take(alice, 'cyclades.vm', 1n, { pending: true })
  const second = await take(alice, 'cyclades.ram', GIB, { pending: true })
  await db.run(sql`UPDATE identity.commissions SET issued_at = now() - interval '1 hour' WHERE serial = ${first}`)
  for (const line of [
    'commission-list',
    'commission-list --overdue 1800 --output-format json',
    'commission-list --filter-by clientkey=pithos',
    `commission-show ${first}`,
    `commission-show ${second} --output-format json`,
    'commission-show 99',
    `commission-resolve ${first}`,
    `commission-resolve ${first} --accept --reject`,
    `commission-resolve ${first} --accept`,
    `commission-resolve ${first} --accept`,
    `commission-resolve ${second} --reject`,
    'commission-resolve -1 --reject',
    'commission-list',
  ]) {
    expect(await manage(line), line).toMatchSnapshot()
  }
  expect(await pendingCommissions(db, 'cyclades')).toEqual([])
  const audit = await db.any(
    sql`SELECT action, target, details FROM identity.audit WHERE action = 'commission-resolve' ORDER BY id`,
  )
  expect(audit).toEqual([
    { action: 'commission-resolve', target: `commission:${first}`, details: { step: 'accept' } },
    { action: 'commission-resolve', target: `commission:${second}`, details: { step: 'reject' } },
  ])
})

test('what the ledger counts of applications is compared with those that wait, and made good', async ({ onTestFinished }) => {
  const { db, alice, bob, manage, take } = await openCloud(onTestFinished)
  const PENDING_APP = 'astakos.pending_app'
  const reconcile = async (options = '') => {
    const line = `reconcile-resources-astakos ${options}`.trim()
    expect(await manage(line), line.replaceAll(alice.uuid, '<alice>').replaceAll(bob.uuid, '<bob>')).toMatchSnapshot()
  }
  await reconcile()
  await db.run(sql`
    WITH p AS (
      INSERT INTO identity.projects (uuid, realname, end_date, join_policy, leave_policy, max_members, state)
      VALUES ('new', 'new', 'infinity', 'auto', 'auto', 9, 'uninitialized') RETURNING id
    )
    INSERT INTO identity.applications (project_id, applicant_id) SELECT p.id, ${alice.id} FROM p`)
  await take(bob, PENDING_APP, 2n, { force: true })
  await reconcile()
  await reconcile(`--user ${alice.uuid} --output-format csv`)
  await reconcile(`--project ${bob.uuid} --fix`)
  await db.run(sql`UPDATE identity.holdings SET "limit" = 0 WHERE resource = ${PENDING_APP}`)
  await reconcile('--fix')
  await reconcile('--fix --force')
  await reconcile()
  await take(bob, PENDING_APP, 1n, { force: true, pending: true })
  await reconcile()
})
