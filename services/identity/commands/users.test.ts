// What operators type about people, groups and terms of service, and what is written.
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sql } from '@synnefo/lib/sql'
import { openTestDatabase, temporaryFolder } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { authenticate, migrations } from '../index.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { quotasOf } from '../store/holdings.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'
import { commandLine } from './testing.ts'

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db, { settings })
  return { db, identity, manage: commandLine(identity) }
}

/** Without what differs from run to run. */
const steady = (text: string, uuids: readonly string[]) =>
  uuids
    .reduce((written, uuid, index) => written.replaceAll(uuid, `00000000-0000-4000-8000-00000000000${index}`), text)
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '2026-01-31T12:00:00.000Z')

test('what the lists and records of people and groups look like', async ({ onTestFinished }) => {
  const { db, identity, manage } = await openCloud(onTestFinished)
  const alice = await createTestUser(identity, {
    email: 'alice@example.test',
    firstName: 'Alice',
    lastName: 'Liddell',
    roles: ['admin', 'cats'],
  })
  const bob = await createTestUser(identity, { email: 'bob@example.test', firstName: 'Bob', lastName: 'Builder' })
  await manage('user-add carol@example.test Carol Coder')
  const { uuid } = await db.one<{ uuid: string }>(sql`SELECT uuid FROM identity.users WHERE email = 'carol@example.test'`)
  const lines = [
    'user-list',
    'user-list --auth-providers --pending-verification',
    `user-show ${alice.id} --quota --projects`,
    'group-list',
  ]
  for (const line of lines) {
    for (const format of ['pretty', 'csv', 'json']) {
      const { status, out, err } = await manage(`${line} --output-format ${format}`)
      expect([line, status, err]).toEqual([line, 0, ''])
      expect(steady(out.replaceAll(String(alice.id), '1'), [alice.uuid, bob.uuid, uuid])).toMatchSnapshot(
        `${line.replace(String(alice.id), '1')}, ${format}`,
      )
    }
  }
})

test('the steps of one user-modify are taken in the order of the list', async ({ onTestFinished }) => {
  const { db, manage } = await openCloud(onTestFinished, { ASTAKOS_MODERATION_ENABLED: true })
  await manage('user-add dora@example.test Dora Explorer')
  const { status, out, err } = await manage(
    "user-modify dora@example.test --set-email dora2@example.test --renew-password --set-inactive --inactive-reason 'on a trip' --accept --verify --set-admin --level 2 --invitations 3 --add-group helpdesk --add-group nobodies --delete-group default --add-permission swim --delete-permission swim --sign-terms",
  )
  expect([status, err]).toEqual([
    0,
    `Account verified (PENDING_MODERATION)
Account accepted and activated
Account dora@example.test deactivated
Group named nobodies does not exist
E-mail address set to dora2@example.test
`,
  ])
  expect(out).toMatch(/^User's new password: \S{16}\n$/)
  const shown = JSON.parse((await manage('user-show dora2@example.test --output-format json')).out)[0]
  expect(shown).toMatchObject({
    status: 'Accepted/Inactive (on a trip) (manually accepted)',
    admin: 'True',
    groups: 'admin, helpdesk',
    permissions: '',
  })
  expect(await db.one(sql`SELECT level, invitations FROM identity.users WHERE email = 'dora2@example.test'`)).toEqual({
    level: 2,
    invitations: 3,
  })
})

test.for([
  ['--verify', 'Failed to verify: '],
  ['--reject', 'Failed to reject: '],
  ['--accept', 'Failed to accept: '],
  ['--set-active', 'Failed to activate: '],
  ['--delete --no-confirm', 'Failed to delete: '],
  ['--set-email new@example.test', 'Failed to set the e-mail address: '],
])('of an active account %s is refused in words, with status 1', async ([option, words], { onTestFinished }) => {
  const { identity, manage } = await openCloud(onTestFinished)
  const { id } = await createTestUser(identity)
  const refused = await manage(`user-modify ${id} ${option}`)
  expect(refused).toMatchObject({ status: 1, out: '' })
  expect(refused.err).toContain(`CommandError: ${words}`)
  expect((await manage('user-modify')).status).toBe(2)
})

test('limits of system projects are set in the words of older guides', async ({ onTestFinished }) => {
  const { db, identity, manage } = await openCloud(onTestFinished)
  const people = [await createTestUser(identity), await createTestUser(identity), await createTestUser(identity)]
  const limitOf = async (uuid: string, name: string) => (await quotasOf(db, uuid)).find(({ resource }) => resource === name)
  const [alice, bob, carol] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]]
  expect((await manage(`user-modify ${alice.id} --base-quota cyclades.vm 7 --base-quota cyclades.ram 3GiB`)).status).toBe(0)
  expect((await manage(`user-modify ${alice.id} --set-base-quota cyclades.cpu 5`)).status).toBe(0)
  expect(await limitOf(alice.uuid, 'cyclades.vm')).toMatchObject({ limit: 7n, projectLimit: 7n })
  expect(await limitOf(alice.uuid, 'cyclades.ram')).toMatchObject({ limit: 3n * 1024n ** 3n })
  expect(await limitOf(alice.uuid, 'cyclades.cpu')).toMatchObject({ limit: 5n })
  const all = await manage(`user-modify --all --exclude ${carol.uuid} --base-quota cyclades.vm 9`)
  expect(all).toEqual({ status: 0, out: '', err: 'Changed 2 system projects.\n' })
  expect((await limitOf(bob.uuid, 'cyclades.vm'))?.limit).toBe(9n)
  expect((await limitOf(carol.uuid, 'cyclades.vm'))?.limit).toBe(4n)
  expect((await manage('user-modify --all')).status).toBe(2)
  expect((await manage(`user-modify ${alice.id} --base-quota cyclades.dreams 1`)).status).toBe(1)
})

test('new terms are registered, everybody has to sign them, and an operator may sign for somebody', async ({
  onTestFinished,
}) => {
  const { identity, manage } = await openCloud(onTestFinished)
  const { id, token } = await createTestUser(identity)
  const file = join(await temporaryFolder(onTestFinished), 'terms.html')
  expect((await manage(`term-add ${file}`)).err).toBe(`CommandError: ${file} cannot be read (ENOENT)\n`)
  expect((await manage(`term-add ${dirname(file)}`)).err).toBe(`CommandError: ${dirname(file)} cannot be read (EISDIR)\n`)
  await writeFile(file, '<p>Be kind')
  expect(await manage(`term-add ${file}`)).toEqual({ status: 0, out: 'Created term id 1\n', err: '' })
  await expect(authenticate(identity, token)).rejects.toThrow('Pending approval terms')
  expect((await manage(`user-show ${id}`)).out).toMatch(/has_signed_terms +: False\n$/)
  expect((await manage(`user-modify ${id} --sign-terms`)).status).toBe(0)
  expect((await authenticate(identity, token)).tokenId).not.toBeNull()
  expect((await manage(`user-show ${id}`)).out).toMatch(/has_signed_terms +: True\ndate_signed_terms +: \S+\n$/)
  await manage('user-add new@example.test New Comer')
  expect((await manage('user-show new@example.test')).out).toMatch(/has_signed_terms +: False\n/)
})

test('verification mails are sent again to those who wait, and the others are named', async ({ onTestFinished }) => {
  const { db, identity, manage } = await openCloud(onTestFinished)
  const { id, email } = await createTestUser(identity)
  await manage('user-add new@example.test New Comer')
  const sent = await manage(`user-activation-send new@example.test ${id} nobody@example.test`)
  expect(sent).toEqual({
    status: 1,
    out: '',
    err: `Sending the verification mail to new@example.test: done
Sending the verification mail to ${id}: failed: ${email}: the address is verified already
Sending the verification mail to nobody@example.test: failed: Unknown user with id|email 'nobody@example.test'
`,
  })
  expect(await db.any(sql`SELECT recipient FROM identity.mails`)).toEqual([{ recipient: 'new@example.test' }])
  expect((await manage('user-activation-send')).status).not.toBe(0)
})

test('groups are made once', async ({ onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  expect(await manage('group-add chess')).toEqual({ status: 0, out: '', err: 'Created group chess\n' })
  expect(await manage('group-add chess')).toEqual({ status: 0, out: '', err: 'Group chess exists already\n' })
  expect((await manage('group-list --filter-by name=chess --output-format csv')).out).toMatch(
    /^id,name,users_count\n\d+,chess,0\n$/,
  )
})
