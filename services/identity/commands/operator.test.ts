// Commands for the operator of the host: superusers, clean-up, limits that are asked for on the terminal.
import { sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import { startSession } from '../sessions/sessions.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'
import { identityCommands } from './index.ts'
import { commandLine } from './testing.ts'

async function openCloud(finished: typeof onTestFinished) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db)
  const manage = commandLine(identity)
  const show = async (user: string) => JSON.parse((await manage(`user-show ${user} --output-format json`)).out)[0]
  return { db, identity, manage, show }
}

test('superusers that a database tool made get full accounts, and others are left alone', async ({ onTestFinished }) => {
  const { db, identity, manage, show } = await openCloud(onTestFinished)
  const alice = await createTestUser(identity)
  const before = await show(alice.uuid)
  await db.run(sql`INSERT INTO identity.users (uuid, email, is_superuser) VALUES ('root-uuid', 'root@example.test', true)`)
  expect(await manage('fix-superusers')).toEqual({
    status: 0,
    out: '',
    err: 'Fixed superuser root@example.test\nFixed 1 superusers.\n',
  })
  expect(await show('root-uuid')).toMatchObject({
    active: 'True',
    admin: 'True',
    groups: 'default, admin',
    providers: 'local:astakos',
    default_project: 'root-uuid',
  })
  expect((await manage('user-show root-uuid --quota')).out).toMatch(/cyclades\.vm\s+4/)
  expect((await manage('fix-superusers')).err).toBe('No superusers to fix.\n')
  expect(await show(alice.uuid)).toEqual(before)
})

test('an administrator is made from options or from answers', async ({ onTestFinished }) => {
  const { manage, show } = await openCloud(onTestFinished)
  const made = await manage('createsuperuser', 'Root@example.test\n\nOf the Cloud\n')
  expect(made).toMatchObject({ status: 0, err: 'E-mail address: First name: Last name: ' })
  expect(made.out).toMatch(/^Superuser created successfully with UUID: \S{36}\nPassword: \S{16}\n$/)
  expect(await show('root@example.test')).toMatchObject({ admin: 'True', active: 'True', 'last name': 'Of the Cloud' })
  expect((await manage("createsuperuser --noinput --username second@example.test --password 'a long one'")).out).not.toContain(
    'a long',
  )
  expect(await show('second@example.test')).toMatchObject({ admin: 'True', 'first name': 'Cloud' })
  expect((await manage('createsuperuser --noinput')).err).toBe('CommandError: Please give the e-mail address\n')
  expect((await manage('createsuperuser --noinput --email root@example.test')).status).toBe(1)
})

test('what has run out is removed, and the rest stays', async ({ onTestFinished }) => {
  const { db, identity, manage } = await openCloud(onTestFinished)
  const alice = await createTestUser(identity)
  const origin = { address: '127.0.0.1', userAgent: '', method: 'local' }
  for (const _ of [1, 2]) await db.transaction((tx) => startSession(identity, tx, alice, origin))
  await db.run(sql`
    UPDATE identity.sessions SET expires_at = now() - interval '1 minute' WHERE id = (SELECT min(id) FROM identity.sessions)`)
  expect((await manage('cleanup-full')).err).toContain('Removed 1 expired sessions.\n')
  expect((await manage('cleanup-full')).err).toContain('Removed 0 expired sessions.\n')
  expect(await db.any(sql`SELECT id FROM identity.sessions`)).toHaveLength(1)
})

test('default limits are asked for on the terminal, and an empty answer keeps them', async ({ onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  const limits = async () =>
    (await manage('resource-list --no-headers --output-format csv --unit-style none -o name,system_default,project_default')).out
      .trim()
      .split('\n')
  const before = await limits()
  const asked = await manage('resource-modify --default-quota-interactive', '5\n\n\n\n16GiB\n')
  expect(asked.status).toBe(0)
  expect(asked.err).toMatch(
    /^Resource 'cyclades\.vm' \(Number of virtual machines\)\nsystem default \(4; leave empty to keep\): Resource 'cyclades\.total_cpu'/,
  )
  const after = await limits()
  expect(after.filter((line) => !before.includes(line))).toEqual(['cyclades.vm,5,0', `cyclades.ram,${16 * 2 ** 30},0`])
  expect((await manage('resource-modify cyclades.cpu --project-default-interactive', '2\n')).status).toBe(0)
  expect(await limits()).toContain('cyclades.cpu,8,2')
  // One answer that makes no sense changes nothing.
  expect(await manage('resource-modify --system-default-interactive', '9\nmany\n')).toMatchObject({
    status: 1,
    err: expect.stringContaining("CommandError: 'many' is no quantity"),
  })
  expect(await limits()).toContain('cyclades.vm,5,0')
  expect((await manage('resource-modify --system-default 7')).err).toBe('CommandError: Please give the name of the resource\n')
})

test('every spelling of old guides sets the limit of personal projects to come', async ({ onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  const spellings = ['--system-default', '--default-quota', '--limit', '--base-default']
  for (const [index, spelling] of spellings.entries()) {
    expect((await manage(`resource-modify cyclades.vm ${spelling} ${index}`)).status).toBe(0)
    const { out } = await manage('resource-list --no-headers -o system_default --filter-by name=cyclades.vm')
    expect(out).toBe(`${index}\n`)
  }
})

test('every list has the same three forms, with and without headings', async ({ onTestFinished }) => {
  const { db, identity, manage } = await openCloud(onTestFinished)
  const alice = await createTestUser(identity)
  await db.transaction((tx) => startSession(identity, tx, alice, { address: '127.0.0.1', userAgent: '', method: 'local' }))
  const filled: string[] = []
  for (const { name } of identityCommands.filter((command) => command.name.endsWith('-list') && !command.hidden)) {
    const [pretty, csv, json, bare] = await Promise.all(
      ['pretty', 'csv', 'json', 'csv --no-headers'].map((format) => manage(`${name} --output-format ${format}`)),
    )
    for (const ran of [pretty, csv, json, bare]) expect([name, ran!.status, ran!.err]).toEqual([name, 0, ''])
    const rows = JSON.parse(json!.out) as Record<string, unknown>[]
    const headings = csv!.out.split('\n')[0]!.split(',')
    const [first, dashes] = pretty!.out.split('\n')
    expect([name, first!.trim().split(/ {2,}/)]).toEqual([name, headings])
    expect([name, dashes]).toEqual([name, expect.stringMatching(/^-+$/)])
    expect(bare!.out).toBe(csv!.out.slice(csv!.out.indexOf('\n') + 1))
    for (const row of rows) {
      expect([name, Object.keys(row)]).toEqual([name, headings])
      expect([name, Object.values(row).filter((value) => typeof value !== 'string')]).toEqual([name, []])
    }
    if (rows.length > 0) filled.push(name)
  }
  expect(filled).toEqual(
    expect.arrayContaining([
      'user-list',
      'group-list',
      'component-list',
      'service-list',
      'resource-list',
      'quota-list',
      'session-list',
    ]),
  )
})

test('quotas are listed by person, named by uuid or address, and by project', async ({ onTestFinished }) => {
  const { identity, manage } = await openCloud(onTestFinished)
  const [alice, bob] = [await createTestUser(identity), await createTestUser(identity)]
  const holders = async (words: string) => {
    const { out } = await manage(`quota-list ${words} --output-format csv --no-headers -o holder`)
    return [...new Set(out.trim().split('\n'))]
  }
  expect((await holders('')).sort()).toEqual([alice.uuid, bob.uuid].sort())
  for (const words of [`-u ${alice.uuid}`, `--user ${alice.email}`, `-p ${alice.uuid}`])
    expect(await holders(words)).toEqual([alice.uuid])
  expect((await manage('quota-list -u nobody@example.test')).status).toBe(1)
  expect((await manage(`quota-list --display-mails -u ${alice.uuid}`)).out).toMatch(/^\s*displayname\s+holder/)
})
