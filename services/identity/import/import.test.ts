import { pbkdf2Sync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { raw, sql } from '@synnefo/lib/sql'
import { type OnTestFinished, openTestDatabase, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { commandLine } from '../commands/testing.ts'
import { authenticate, checkPassword, migrations } from '../index.ts'
import { findUserByUuid } from '../store/users.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'

const TABLES = [
  `CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(255), first_name varchar(30), last_name varchar(30), email varchar(255),
    password varchar(128), is_staff boolean, is_active boolean, is_superuser boolean, last_login timestamp, date_joined timestamp)`,
  `CREATE TABLE im_astakosuser (user_ptr_id integer PRIMARY KEY, affiliation varchar(255), auth_token varchar(64), auth_token_created timestamp,
    auth_token_expires timestamp, uuid varchar(255) UNIQUE, level integer DEFAULT 4, invitations integer DEFAULT 0, is_verified boolean,
    has_signed_terms boolean, date_signed_terms timestamp, email_verified boolean, verified_at timestamp, moderated boolean,
    moderated_at timestamp, accepted_policy varchar(255), accepted_email varchar(255), is_rejected boolean, rejected_reason text,
    deactivated_reason text)`,
  `CREATE TABLE im_astakosuserauthprovider (id integer PRIMARY KEY, user_id integer, module varchar(255), identifier varchar(255),
    active boolean, auth_backend varchar(255), affiliation varchar(255), info_data text, created timestamp)`,
  'CREATE TABLE auth_group (id integer PRIMARY KEY, name varchar(80))',
  'CREATE TABLE auth_user_groups (id integer PRIMARY KEY, user_id integer, group_id integer)',
  'CREATE TABLE auth_permission (id integer PRIMARY KEY, name varchar(50), codename varchar(100))',
  'CREATE TABLE auth_user_user_permissions (id integer PRIMARY KEY, user_id integer, permission_id integer)',
  'CREATE TABLE im_project (id integer PRIMARY KEY, uuid varchar(255), realname varchar(255), is_base boolean, state integer)',
  'CREATE TABLE im_resource (id integer PRIMARY KEY, name varchar(255))',
  `CREATE TABLE im_projectresourcequota (id integer PRIMARY KEY, project_id integer, resource_id integer, project_capacity bigint,
    member_capacity bigint)`,
]

const PASSWORD = `pbkdf2_sha256$1000$NaCl4me$${pbkdf2Sync('can-we-fix-it', 'NaCl4me', 1000, 32, 'sha256').toString('base64')}`
const uuidOf = (id: number) => `0b1a2c3d-1111-4222-8333-${String(id).padStart(12, '0')}`

interface Person {
  email: string
  password?: string
  active?: boolean
  verified?: boolean
  moderated?: boolean
  rejected?: boolean
  superuser?: boolean
  uuid?: string | null
}

async function openOriginal(onTestFinished: OnTestFinished, sqlite = false) {
  let run: (text: string) => Promise<unknown>
  let database: string
  if (sqlite) {
    const path = join(await temporaryFolder(onTestFinished), 'astakos.db')
    const db = new DatabaseSync(path)
    onTestFinished(() => db.close())
    run = async (text) => db.exec(text)
    database = `sqlite:///${path}`
  } else {
    const db = await openTestDatabase(onTestFinished)
    run = (text) => db.run(sql`${raw(text)}`)
    database = db.url
  }
  for (const table of TABLES) await run(table)
  let people = 0
  async function add(person: Person) {
    people += 1
    const {
      email,
      password = PASSWORD,
      active = true,
      verified = true,
      moderated = true,
      rejected = false,
      superuser = false,
    } = person
    const uuid = person.uuid === undefined ? uuidOf(people) : person.uuid
    await run(`INSERT INTO auth_user VALUES (${people}, '${email}', 'First', 'Last ${people}', '${email}', '${password}', false, ${active},
      ${superuser}, '2020-01-02 03:04:05', '2014-05-06 07:08:09')`)
    await run(`INSERT INTO im_astakosuser VALUES (${people}, 'Lab', 'token+of/${people}==', '2020-01-01 00:00:00', '2099-01-01 00:00:00',
      ${uuid === null ? 'NULL' : `'${uuid}'`}, 3, 2, true, true, '2015-01-01 00:00:00', ${verified}, '2014-05-07 00:00:00', ${moderated},
      '2014-05-08 00:00:00', 'email', '${email}', ${rejected}, '${rejected ? 'a robot' : ''}', '${active ? '' : 'left us'}')`)
    await run(
      `INSERT INTO im_astakosuserauthprovider VALUES (${people}, ${people}, 'local', NULL, true, 'astakos', '', '', NULL)`,
    )
    return people
  }
  return { run, add, database }
}

async function open(onTestFinished: OnTestFinished, sqlite = false) {
  const db = await openTestDatabase(onTestFinished, [migrations])
  const identity = await openTestIdentity(onTestFinished, db, {})
  const original = await openOriginal(onTestFinished, sqlite)
  const manage = commandLine(identity)
  const bring = (more = '') => manage(`astakos-import --database ${original.database} ${more}`)
  const json = async (line: string) => JSON.parse((await manage(`${line} --output-format json`)).out)
  return { db, identity, original, manage, bring, json }
}

/** Limits the disk space of the first person's own project there, and of him in it. */
async function limitFirst(
  { db, original }: Pick<Awaited<ReturnType<typeof open>>, 'db' | 'original'>,
  { project, member }: { project: bigint; member: bigint },
) {
  await db.run(sql`
    INSERT INTO identity.resources (name, service_type, service_origin, system_default, project_default)
    VALUES ('pithos.diskspace', 'object-store', 'pithos_object-store', 5, 0) ON CONFLICT (name) DO NOTHING`)
  await original.run("INSERT INTO im_resource VALUES (1, 'pithos.diskspace')")
  await original.run(`INSERT INTO im_project VALUES (1, '${uuidOf(1)}', 'system:1', true, 1)`)
  await original.run(`INSERT INTO im_projectresourcequota VALUES (1, 1, 1, ${project}, ${member})`)
}

for (const sqlite of [false, true])
  test(`people come from ${sqlite ? 'SQLite' : 'PostgreSQL'} with ids, passwords, tokens, groups, states, times and limits`, async ({
    onTestFinished,
  }) => {
    const { db, identity, original, bring, json } = await open(onTestFinished, sqlite)
    await original.add({ email: 'Alice@Example.test', superuser: true })
    await original.add({ email: 'idle@example.test', active: false, password: '!' })
    await original.add({ email: 'new@example.test', active: false, moderated: false })
    await original.add({ email: 'robot@example.test', active: false, rejected: true })
    await original.add({ email: 'nobody@example.test', active: false, verified: false })
    await original.run(
      "INSERT INTO im_astakosuserauthprovider VALUES (90, 1, 'shibboleth', 'alice@uni', true, 'astakos', 'staff', '{\"a\": 1}', NULL)",
    )
    await original.run("INSERT INTO auth_group VALUES (1, 'cats'), (2, 'default')")
    await original.run('INSERT INTO auth_user_groups VALUES (1, 1, 1), (2, 1, 2)')
    await original.run("INSERT INTO auth_permission VALUES (1, 'Feed', 'feed')")
    await original.run('INSERT INTO auth_user_user_permissions VALUES (1, 1, 1)')
    await limitFirst({ db, original }, { project: 9_000_000_000n, member: 8_000_000_000n })

    const tried = await bring('--dry-run')
    expect(tried).toMatchObject({ status: 0, out: '', err: expect.stringContaining('To bring: 4 people') })
    expect(await db.any(sql`SELECT FROM identity.users`)).toHaveLength(0)
    const brought = await bring()
    expect(brought).toMatchObject({ status: 0, out: '' })
    expect(brought.err).toBe('Brought: 4 people. Unchanged: 0.\nLeft out: 1 registrations of addresses that nobody verified.\n')

    const alice = (await findUserByUuid(db, uuidOf(1)))!
    expect(alice).toMatchObject({ email: 'alice@example.test', affiliation: 'Lab', level: 3, invitations: 2 })
    expect(alice.joinedAt).toEqual(new Date('2014-05-06T07:08:09Z'))
    expect(alice.lastLoginAt).toEqual(new Date('2020-01-02T03:04:05Z'))
    expect(await checkPassword('can-we-fix-it', alice.passwordHash)).toMatchObject({ matches: true })
    expect((await authenticate(identity, 'token+of/1=='))?.userId).toBe(uuidOf(1))
    expect((await json(`user-show ${uuidOf(1)}`))[0]).toMatchObject({
      status: 'Accepted/Active (accepted policy: email)',
      'last name': 'Last 1',
      admin: 'True',
      groups: 'default, admin, cats',
      permissions: 'feed',
      providers: 'local:astakos, shibboleth:alice@uni',
      default_project: uuidOf(1),
    })
    const limits = await db.any(sql`
      SELECT holder, "limit" FROM identity.holdings WHERE resource = 'pithos.diskspace' AND holder LIKE ${`%${uuidOf(1)}`} ORDER BY holder`)
    expect(limits).toEqual([
      { holder: `project:${uuidOf(1)}`, limit: 9_000_000_000n },
      { holder: `user:${uuidOf(1)}`, limit: 8_000_000_000n },
    ])
    await expect(authenticate(identity, 'token+of/2==')).rejects.toThrow('User inactive')
    const states = await Promise.all([2, 3, 4].map(async (id) => (await json(`user-show ${uuidOf(id)}`))[0].status))
    expect(states).toEqual([expect.stringContaining('Accepted/Inactive (left us)'), 'Pending moderation', 'Rejected (a robot)'])
    expect(await db.any(sql`SELECT FROM identity.mails`)).toHaveLength(0)

    expect(await bring()).toMatchObject({ status: 0, out: '', err: expect.stringContaining('Brought: 0 people. Unchanged: 4.') })
  })

test('who changed there comes again; who changed here as well stays as he is and is told', async ({ onTestFinished }) => {
  const { db, original, manage, bring } = await open(onTestFinished)
  for (const name of ['there', 'both', 'here', 'left']) await original.add({ email: `${name}@example.test` })
  await bring()
  await manage(`user-modify ${uuidOf(2)} --set-inactive --inactive-reason moved`)
  await manage(`user-modify ${uuidOf(3)} --add-permission feed`)
  await original.run("UPDATE im_astakosuser SET auth_token = 'renewed' WHERE user_ptr_id IN (1, 2)")
  await original.run('UPDATE auth_user SET is_active = false WHERE id = 4')
  await original.run("UPDATE auth_user SET last_login = '2021-01-01 00:00:00'") // no change of the account
  await original.run("UPDATE im_astakosuser SET auth_token = 'other' WHERE user_ptr_id = 2")
  const again = await bring()
  expect(again.status).toBe(1)
  expect(again.out).toMatch(/both@example\.test .*changed here since/)
  expect(again.out.trim().split('\n')).toHaveLength(3)
  expect(again.err).toContain('Brought: 2 people. Unchanged: 1.')
  const active = await db.any(sql`SELECT is_active AS active FROM identity.users ORDER BY uuid`)
  expect(active).toEqual([true, false, true, false].map((each) => ({ active: each })))
  expect((await bring()).out).toBe(again.out)
})

test('a way to sign in that was taken away there goes here too', async ({ onTestFinished }) => {
  const { original, bring, json } = await open(onTestFinished)
  await original.add({ email: 'alice@example.test' })
  await original.run(
    "INSERT INTO im_astakosuserauthprovider VALUES (90, 1, 'shibboleth', 'alice@uni', true, 'astakos', '', '', NULL)",
  )
  await bring()
  expect((await json(`user-show ${uuidOf(1)}`))[0]).toMatchObject({ providers: 'local:astakos, shibboleth:alice@uni' })
  await original.run('UPDATE im_astakosuserauthprovider SET active = false WHERE id = 1')
  await original.run("UPDATE im_astakosuserauthprovider SET identifier = 'alice@new' WHERE id = 90")
  expect(await bring()).toMatchObject({ status: 0, err: expect.stringContaining('Brought: 1 people.') })
  expect((await json(`user-show ${uuidOf(1)}`))[0]).toMatchObject({ providers: 'shibboleth:alice@new' })
})

test('who is rejected there does not stay active here', async ({ onTestFinished }) => {
  const { db, original, bring } = await open(onTestFinished)
  await original.add({ email: 'alice@example.test' })
  await bring()
  await original.run('UPDATE auth_user SET is_active = false')
  await original.run("UPDATE im_astakosuser SET is_rejected = true, rejected_reason = 'a robot'")
  expect((await bring()).status).toBe(0)
  expect(await db.any(sql`SELECT is_active AS active FROM identity.users`)).toEqual([{ active: false }])
})

test('one person that the database refuses does not keep the others from coming', async ({ onTestFinished }) => {
  const { db, original, bring } = await open(onTestFinished)
  await original.add({ email: 'first@example.test' })
  await original.add({ email: 'second@example.test' })
  await limitFirst({ db, original }, { project: -1n, member: -1n })
  const told = await bring()
  expect(told.out).toMatch(/first@example\.test .*he was not brought: .*project_limits_member_capacity_check/)
  expect(told).toMatchObject({ status: 1, err: expect.stringContaining('Brought: 1 people.') })
})

test('what cannot be brought is told line by line', async ({ onTestFinished }) => {
  const { identity, original, bring, json } = await open(onTestFinished)
  const held = await createTestUser(identity, { email: 'held@example.test' })
  await original.add({ email: 'old@example.test', password: 'sha1$salt$0123' })
  await original.add({ email: 'held@example.test' })
  await original.add({ email: 'none@example.test', uuid: null })
  await original.add({ email: 'not an address' })
  await original.add({ email: 'by-hand@example.test', uuid: held.uuid })
  await original.run("INSERT INTO im_astakosuserauthprovider VALUES (90, 1, 'myspace', 'old', true, 'astakos', '', '', NULL)")
  await original.run("INSERT INTO im_project VALUES (5, 'a-project', 'lab.example.test', false, 1)")
  const tried = await bring('--dry-run')
  const told = await bring()
  expect(tried.out).toBe(told.out)
  expect(told.status).toBe(1)
  for (const line of [
    /old@example\.test .*kept by sha1, which is not known here: he sets a new one; the way to sign in myspace is not known/,
    new RegExp(`held@example\\.test .*belongs to another account here, ${held.uuid}`),
    /none@example\.test .*gave this person no uuid/,
    /not an address .*is not an e-mail address/,
    /by-hand@example\.test .*who was not brought: he stays as he is/,
    /project a-project .*lab\.example\.test and its members do not come/,
  ])
    expect(told.out).toMatch(line)
  expect((await json(`user-show ${uuidOf(1)}`))[0]).toMatchObject({ active: 'True' })
  expect((await bring()).out).toBe(told.out)
  expect((await bring('--user nobody')).out).toMatch(/nobody .*no such person/)
})

test('the database is named by an address, or by settings that hold it; mistakes are told', async ({ onTestFinished }) => {
  const { db, original, manage } = await open(onTestFinished)
  const folder = await temporaryFolder(onTestFinished)
  const [, user, name, socket, port] = /^postgresql:\/\/(.*?)@\/(.*)\?host=(.*)&port=(\d+)$/.exec(original.database)!
  const settings = `DATABASES = {
    'default': {
        # 'NAME': 'another',
        'ENGINE': 'django.db.backends.postgresql_psycopg2',
        'NAME': '${name}',
        'USER': "${user}", 'PASSWORD': 'p@ss/word',
        'HOST': '${decodeURIComponent(socket!)}',
        'PORT': ${port},
    }
}
`
  await writeFile(join(folder, 'database.conf'), settings)
  await writeFile(join(folder, 'other.conf'), 'DEBUG = True\n')
  expect(await manage(`astakos-import --database ${join(folder, 'database.conf')}`)).toMatchObject({ status: 0, out: '' })
  for (const [named, told] of [
    [join(folder, 'other.conf'), 'holds no address, and no setting DATABASES'],
    ['/no/such/file', 'neither an address'],
    ['postgresql://somebody:secret@host:port/name', 'that is no address of a database'],
    [db.url, 'no database of the people of the original: it has no table auth_user'],
  ])
    expect(await manage(`astakos-import --database ${named}`)).toMatchObject({ status: 1, err: expect.stringContaining(told!) })
  expect((await manage('astakos-import')).status).toBe(2)
})
