import { sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { quotasOf } from '../store/holdings.ts'
import { findUser } from '../store/users.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'
import { createUser } from './create.ts'
import { acceptUser, activateUser, deactivateUser, rejectUser, removeUser, sendVerification, verifyUser } from './lifecycle.ts'

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db, { settings })
  const newcomer = (email = 'Alice@Example.test') =>
    db.transaction((tx) => createUser(identity, tx, { email, firstName: 'Alice', lastName: 'Liddell', passwordHash: null }))
  return {
    db,
    identity,
    newcomer,
    mails: () => db.any<{ subject: string }>(sql`SELECT subject, recipient FROM identity.mails ORDER BY id`),
  }
}

test('without moderation a verified person is active, with a project of the same id and its quota', async ({
  onTestFinished,
}) => {
  const { db, identity, newcomer, mails } = await openCloud(onTestFinished)
  const { id, uuid, email } = await newcomer()
  expect(email).toBe('alice@example.test')
  expect(await db.transaction((tx) => verifyUser(identity, tx, id))).toBe('ACCEPTED')
  expect(await findUser(db, id)).toMatchObject({ isActive: true, acceptedPolicy: 'auto_moderation', defaultProject: uuid })
  const quotas = await quotasOf(db, uuid)
  expect(quotas.map(({ resource }) => resource)).toContain('pithos.diskspace')
  expect(quotas.find(({ resource }) => resource === 'cyclades.vm')).toMatchObject({
    project: uuid,
    limit: 4n,
    usage: 0n,
    projectLimit: 4n,
  })
  expect(await mails()).toEqual([{ subject: 'Welcome to Synnefo', recipient: email }])
})

test('with moderation a verified person waits for a moderator', async ({ onTestFinished }) => {
  const { db, identity, newcomer, mails } = await openCloud(onTestFinished, {
    ASTAKOS_MODERATION_ENABLED: true,
    ASTAKOS_RE_USER_EMAIL_PATTERNS: ['.*@known\\.test$'],
    ACCOUNT_NOTIFICATIONS_RECIPIENTS: ['desk@cloud.test'],
  })
  const { id } = await newcomer()
  expect(await db.transaction((tx) => verifyUser(identity, tx, id))).toBe('PENDING_MODERATION')
  expect(await findUser(db, id)).toMatchObject({ isActive: false, emailVerified: true })
  expect(await mails()).toEqual([{ subject: 'Synnefo account created (alice@example.test)', recipient: 'desk@cloud.test' }])
  await db.transaction((tx) => acceptUser(identity, tx, id, 'manual'))
  expect(await findUser(db, id)).toMatchObject({ isActive: true, acceptedPolicy: 'manual' })
  const known = await newcomer('bob@known.test')
  expect(await db.transaction((tx) => verifyUser(identity, tx, known.id))).toBe('ACCEPTED')
})

test('a rejected person may still be accepted, and only who was never let in can be removed', async ({ onTestFinished }) => {
  const { db, identity, newcomer } = await openCloud(onTestFinished, { ASTAKOS_MODERATION_ENABLED: true })
  const { id } = await newcomer()
  await db.transaction((tx) => verifyUser(identity, tx, id))
  await db.transaction((tx) => rejectUser(identity, tx, id, 'unknown to us'))
  expect(await findUser(db, id)).toMatchObject({ isRejected: true, rejectedReason: 'unknown to us', isActive: false })
  await db.transaction((tx) => acceptUser(identity, tx, id, 'manual'))
  expect(await findUser(db, id)).toMatchObject({ isRejected: false, isActive: true })
  await expect(db.transaction((tx) => removeUser(identity, tx, id))).rejects.toMatchObject({ kind: 'conflict' })
  const other = await newcomer('other@example.test')
  await db.transaction((tx) => removeUser(identity, tx, other.id))
  expect(await findUser(db, other.id)).toBeUndefined()
})

test('who is deactivated has limits of zero and no sessions, and has it all back afterwards', async ({ onTestFinished }) => {
  const { db, identity } = await openCloud(onTestFinished)
  const { id, uuid } = await createTestUser(identity)
  const limit = async () =>
    (
      await db.one<{ limit: bigint }>(sql`
    SELECT sum("limit") AS limit FROM identity.holdings WHERE resource = 'cyclades.vm' AND ${uuid} IN (substr(holder, 6), substr(holder, 9))`)
    ).limit
  expect(await limit()).toBe('8')
  await db.transaction((tx) => deactivateUser(identity, tx, id, 'left'))
  expect(await limit()).toBe('0')
  expect(await findUser(db, id)).toMatchObject({ isActive: false, deactivatedReason: 'left' })
  await db.transaction((tx) => activateUser(identity, tx, id))
  expect(await limit()).toBe('8')
  expect(await findUser(db, id)).toMatchObject({ isActive: true, deactivatedReason: '' })
})

test('a newer registration of an address takes the place of one that nobody verified, not of one that somebody did', async ({
  onTestFinished,
}) => {
  const { db, identity, newcomer } = await openCloud(onTestFinished)
  const first = await newcomer()
  const second = await newcomer()
  expect(await findUser(db, first.id)).toBeUndefined()
  await db.transaction((tx) => verifyUser(identity, tx, second.id))
  await expect(newcomer()).rejects.toMatchObject({ kind: 'conflict' })
})

test('steps that do not follow are refused', async ({ onTestFinished }) => {
  const { db, identity, newcomer } = await openCloud(onTestFinished, { ASTAKOS_MODERATION_ENABLED: true })
  const { id } = await newcomer()
  const refused = (work: typeof activateUser) =>
    expect(db.transaction((tx) => work(identity, tx, id))).rejects.toMatchObject({ kind: 'conflict' })
  await refused(activateUser)
  await refused((context, tx) => deactivateUser(context, tx, id, ''))
  await refused((context, tx) => rejectUser(context, tx, id, ''))
  await refused((context, tx) => acceptUser(context, tx, id, 'manual'))
  await db.transaction((tx) => verifyUser(identity, tx, id))
  await refused(verifyUser as never)
  await refused(sendVerification)
  await refused(activateUser)
  await db.transaction((tx) => acceptUser(identity, tx, id, 'manual'))
  await refused((context, tx) => acceptUser(context, tx, id, 'manual'))
  await refused(activateUser)
})
