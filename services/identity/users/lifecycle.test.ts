import { sql, type Tx } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { type Identity, migrations } from '../index.ts'
import { setDefaultProject } from '../projects/default-project.ts'
import { createSystemProject } from '../projects/system-projects.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { quotasOf } from '../store/holdings.ts'
import { findUser } from '../store/users.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'
import { refusalOf, stageOf, USER_STAGES, USER_STEPS, type UserStage, type UserStep } from '../wire/user-lifecycle.ts'
import { createUser } from './create.ts'
import { requestEmailChange, setEmail } from './email-change.ts'
import { invite } from './invitations.ts'
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

type Step = (identity: Identity, tx: Tx, id: bigint) => Promise<unknown>

/** Where each step leads from where it is allowed. */
const STEPS: Record<UserStep, { take: Step; leadsTo?: (from: UserStage) => UserStage | 'gone' }> = {
  sendVerification: { take: sendVerification },
  verify: { take: verifyUser, leadsTo: () => 'pending' },
  accept: { take: (identity, tx, id) => acceptUser(identity, tx, id, 'manual'), leadsTo: () => 'active' },
  reject: { take: (identity, tx, id) => rejectUser(identity, tx, id, 'unknown to us'), leadsTo: () => 'rejected' },
  activate: { take: activateUser, leadsTo: () => 'active' },
  deactivate: { take: (identity, tx, id) => deactivateUser(identity, tx, id, 'left'), leadsTo: () => 'inactive' },
  setDefaultProject: {
    take: async (identity, tx, id) => setDefaultProject(identity, tx, { id }, (await findUser(tx, id))!.uuid),
  },
  requestEmailChange: { take: (identity, tx, id) => requestEmailChange(identity, tx, id, 'new@example.test') },
  setEmail: { take: (identity, tx, id) => setEmail(identity, tx, id, 'new@example.test') },
  remove: { take: removeUser, leadsTo: () => 'gone' },
}

/** How an account comes to each stage. */
const WAY_TO: Record<UserStage, readonly UserStep[]> = {
  unverified: [],
  pending: ['verify'],
  rejected: ['verify', 'reject'],
  active: ['verify', 'accept'],
  inactive: ['verify', 'accept', 'deactivate'],
}

test.for(USER_STAGES)('from %s exactly the steps of the table can be taken', async (from, { onTestFinished }) => {
  const { db, identity, newcomer } = await openCloud(onTestFinished, {
    ASTAKOS_MODERATION_ENABLED: true,
    ASTAKOS_EMAILCHANGE_ENABLED: true,
  })
  for (const step of USER_STEPS) {
    const { id, email } = await newcomer(`${step.toLowerCase()}@example.test`)
    const take = (each: UserStep) => db.transaction((tx) => STEPS[each].take(identity, tx, id))
    const stage = async () => {
      const user = await findUser(db, id)
      return user ? stageOf(user) : 'gone'
    }
    for (const before of WAY_TO[from]) await take(before)
    expect(await stage()).toBe(from)
    const refusal = refusalOf(step, from)
    if (refusal) {
      const kind = step === 'setDefaultProject' ? 'badMethod' : 'conflict'
      await expect(take(step), step).rejects.toMatchObject({ kind, message: `${email}: ${refusal}` })
      expect(await stage(), step).toBe(from)
    } else {
      await take(step)
      expect(await stage(), step).toBe(STEPS[step].leadsTo?.(from) ?? from)
    }
    if (await findUser(db, id))
      await db.run(sql`UPDATE identity.users SET email = ${`${step.toLowerCase()}-done@example.test`} WHERE id = ${id}`)
  }
})

test('every line of the pre-accept rules lets in by its name, in order', async ({ onTestFinished }) => {
  const { db, identity, newcomer } = await openCloud(onTestFinished, {
    ASTAKOS_MODERATION_ENABLED: true,
    ASTAKOS_RE_USER_EMAIL_PATTERNS: ['.*@known\\.test$'],
    ASTAKOS_INVITATIONS_ENABLED: true,
    ASTAKOS_AUTH_PROVIDER_LOCAL_AUTOMODERATE_POLICY: false,
  })
  const host = await createTestUser(identity)
  await db.run(sql`UPDATE identity.users SET invitations = 5, level = 1 WHERE id = ${host.id}`)
  const verify = async (email: string) => {
    const { id } = await newcomer(email)
    await db.transaction((tx) => verifyUser(identity, tx, id))
    return (await findUser(db, id))!
  }
  expect(await verify('a@known.test')).toMatchObject({ acceptedPolicy: 'email', isActive: true })
  expect(await verify('not@known.test.example')).toMatchObject({ acceptedPolicy: null, isActive: false, moderated: false })
  await invite(identity, host.id, { email: 'Guest@example.test', realname: 'A Guest' }, { address: '', userAgent: '' })
  expect(await verify('guest@example.test')).toMatchObject({
    acceptedPolicy: 'invitation',
    isActive: true,
    level: 2,
    invitations: 0,
  })
  expect(await verify('stranger@example.test')).toMatchObject({ isActive: false })
  const open: Identity = {
    ...identity,
    settings: { ...identity.settings, ASTAKOS_AUTH_PROVIDER_LOCAL_AUTOMODERATE_POLICY: true },
  }
  const { id } = await newcomer('by-provider@example.test')
  await db.transaction((tx) => verifyUser(open, tx, id))
  expect(await findUser(db, id)).toMatchObject({ acceptedPolicy: 'auth_provider_local', isActive: true })
  // Somebody who was let in before and whose address is verified anew keeps the rule by which he was.
  await db.run(sql`UPDATE identity.users SET email_verified = false, is_active = false WHERE id = ${id}`)
  await db.transaction((tx) => verifyUser(identity, tx, id))
  expect(await findUser(db, id)).toMatchObject({ acceptedPolicy: 'auth_provider_local', isActive: true })
})

test('what was decided about is kept as it was, without secrets, and the first acceptance is remembered', async ({
  onTestFinished,
}) => {
  const { db, identity, newcomer } = await openCloud(onTestFinished, { ASTAKOS_MODERATION_ENABLED: true })
  const { id } = await newcomer()
  await db.run(sql`UPDATE identity.users SET password_hash = 'secret hash' WHERE id = ${id}`)
  await db.transaction((tx) => verifyUser(identity, tx, id))
  await db.transaction((tx) => acceptUser(identity, tx, id, 'manual'))
  const { data } = await db.one<{ data: Record<string, unknown> }>(
    sql`SELECT moderated_data AS data FROM identity.users WHERE id = ${id}`,
  )
  expect(data).toMatchObject({ email: 'alice@example.test', moderated: false })
  expect(JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain('secret')
  expect(await findUser(db, id)).toMatchObject({ acceptedEmail: 'alice@example.test', acceptedPolicy: 'manual' })
})

test('who is removed takes the project along that was made for him', async ({ onTestFinished }) => {
  const { db, identity, newcomer } = await openCloud(onTestFinished, { ASTAKOS_MODERATION_ENABLED: true })
  const { id, uuid } = await newcomer()
  await db.transaction((tx) => verifyUser(identity, tx, id))
  await db.transaction((tx) => createSystemProject(tx, { id, uuid }))
  await db.transaction((tx) => removeUser(identity, tx, id))
  expect(await db.any(sql`SELECT id FROM identity.projects WHERE uuid = ${uuid}`)).toEqual([])
  expect(await db.any(sql`SELECT id FROM identity.holdings WHERE holder LIKE '%' || ${uuid}`)).toEqual([])
})
