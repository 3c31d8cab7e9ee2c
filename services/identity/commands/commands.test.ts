import { sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { authenticate, migrations } from '../index.ts'
import { authenticateComponent } from '../registry/component-tokens.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'
import { checkPassword } from '../users/password-hash.ts'
import { identityCommands } from './index.ts'
import { commandLine } from './testing.ts'

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db, { settings })
  const manage = commandLine(identity)
  const json = async (line: string) => JSON.parse((await manage(`${line} --output-format json`)).out)
  return { db, identity, manage, json }
}

test('an account is made, verified, accepted and shown', async ({ onTestFinished }) => {
  const { manage, json } = await openCloud(onTestFinished, { ASTAKOS_MODERATION_ENABLED: true })
  const added = await manage("user-add Alice@Example.test Alice 'van Liddell' --admin -g cats -g dogs -p feed")
  expect(added).toMatchObject({ status: 0, err: '' })
  const [, uuid, password] = /^User created successfully with UUID: ([0-9a-f-]{36})\nPassword: (\S{16})\n$/.exec(added.out)!
  expect(password).toBeTruthy()
  expect((await json('user-show alice@example.test'))[0]).toMatchObject({
    uuid,
    status: 'Pending email verification',
    active: 'False',
  })
  expect(await manage(`user-modify ${uuid} --verify --accept`)).toEqual({
    status: 0,
    out: '',
    err: 'Account verified (PENDING_MODERATION)\nAccount accepted and activated\n',
  })
  expect((await json(`user-show ${uuid}`))[0]).toMatchObject({
    email: 'alice@example.test',
    'last name': 'van Liddell',
    status: 'Accepted/Active (manually accepted)',
    admin: 'True',
    active: 'True',
    groups: 'default, admin, cats, dogs',
    permissions: 'feed',
    providers: 'local:astakos',
    default_project: uuid,
  })
})

test('a person of an installation that is taken over keeps the uuid', async ({ onTestFinished }) => {
  const { manage, json } = await openCloud(onTestFinished)
  const uuid = '0b1a2c3d-1111-4222-8333-944455556666'
  const added = await manage(`user-add old@example.test Old Hand --uuid ${uuid} --password can-we-fix-it`)
  expect(added).toMatchObject({ status: 0, out: `User created successfully with UUID: ${uuid}\n` })
  await manage(`user-modify ${uuid} --verify`)
  expect((await json('user-show old@example.test'))[0]).toMatchObject({ uuid, default_project: uuid, active: 'True' })
  for (const [wrong, told] of [
    [uuid, 'already'],
    ['0B1A2C3D-1111-4222-8333-944455556667', 'small letters'],
    ['7', 'no uuid'],
  ])
    expect(await manage(`user-add other@example.test Other One --uuid ${wrong}`)).toMatchObject({
      status: 1,
      err: expect.stringContaining(told!),
    })
})

test('without moderation verifying is enough, and --accept beside it does no harm', async ({ onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  await manage('user-add bob@example.test Bob Builder --password "can-we-fix-it"')
  expect((await manage('user-modify bob@example.test --verify --accept')).err).toBe('Account verified (ACCEPTED)\n')
})

test('a refused step says which and why, and nothing of the rest is done', async ({ onTestFinished }) => {
  const { identity, manage, json } = await openCloud(onTestFinished)
  const { id } = await createTestUser(identity)
  const refused = await manage(`user-modify ${id} --set-admin --set-active`)
  expect(refused.status).toBe(1)
  expect(refused.err).toMatch(/^CommandError: Failed to activate: .* active already\n$/)
  expect((await json(`user-show ${id}`))[0].admin).toBe('False')
  expect(await manage('user-modify 4711 --verify')).toMatchObject({
    status: 1,
    err: "CommandError: Unknown user with id|email '4711'\n",
  })
})

test('people are listed by state, group and condition', async ({ onTestFinished }) => {
  const { identity, manage, json } = await openCloud(onTestFinished)
  const admin = await createTestUser(identity, {
    email: 'admin@example.test',
    firstName: 'Ad',
    lastName: 'Min',
    roles: ['admin'],
  })
  const bob = await createTestUser(identity, { email: 'bob@example.test' })
  await manage('user-add new@example.test New Comer')
  const names = async (line: string) => (await json(line)).map((row: { displayname: string }) => row.displayname)
  expect(await names('user-list')).toEqual(['admin@example.test', 'bob@example.test', 'new@example.test'])
  expect(await names('user-list --active')).toEqual(['admin@example.test', 'bob@example.test'])
  expect(await names('user-list --pending-verification')).toEqual(['new@example.test'])
  expect(await names('user-list --group admin --group nobodies')).toEqual(['admin@example.test'])
  expect(await names('user-list --filter-by email__contains=bob,is_active=yes')).toEqual(['bob@example.test'])
  expect((await json('user-list --auth-providers'))[0]).toEqual({
    id: String(admin.id),
    displayname: 'admin@example.test',
    realname: 'Ad Min',
    uuid: admin.uuid,
    active: 'True',
    admin: 'True',
    providers: 'local:astakos',
  })
  expect((await manage(`user-list --output-format csv --no-headers -o uuid,groups --filter-by id=${bob.id}`)).out).toBe(
    `${bob.uuid},default\n`,
  )
})

test('passwords are set, made up, and never told to the audit', async ({ onTestFinished }) => {
  const { db, identity, manage } = await openCloud(onTestFinished)
  const { id, token } = await createTestUser(identity, { password: 'the old one' })
  const works = async (password: string) => {
    const { hash } = await db.one<{ hash: string }>(sql`SELECT password_hash AS hash FROM identity.users WHERE id = ${id}`)
    return (await checkPassword(password, hash)).matches
  }
  expect((await manage(`user-modify ${id} --password short`)).status).toBe(1)
  expect((await manage(`user-modify ${id} --password 'the new one'`)).status).toBe(0)
  expect(await works('the new one')).toBe(true)
  await expect(authenticate(identity, token)).rejects.toThrow('Invalid X-Auth-Token')
  const { out } = await manage(`user-modify ${id} --renew-password`)
  expect(await works(/password: (\S+)/.exec(out)![1]!)).toBe(true)
  const rows = await db.any<{ text: string }>(sql`SELECT a::text AS text FROM identity.audit a`)
  expect(rows.length).toBeGreaterThan(1)
  expect(rows.filter(({ text }) => text.includes('the new one'))).toEqual([])
})

test('an account is deactivated with a reason, moved to another address, and comes back', async ({ onTestFinished }) => {
  const { identity, manage, json } = await openCloud(onTestFinished)
  const { id, email } = await createTestUser(identity)
  await createTestUser(identity, { email: 'taken@example.test' })
  expect((await manage(`user-modify ${id} --set-email elsewhere@example.test`)).status).toBe(1)
  expect((await manage(`user-modify ${id} --set-inactive --inactive-reason 'gone fishing'`)).err).toBe(
    `Account ${email} deactivated\n`,
  )
  expect((await json(`user-show ${id}`))[0].status).toBe('Accepted/Inactive (gone fishing) (manually accepted)')
  expect((await manage(`user-modify ${id} --set-email taken@example.test`)).err).toMatch(/belongs to another account/)
  expect((await manage(`user-modify ${id} --set-email Elsewhere@example.test`)).status).toBe(0)
  expect((await manage('user-modify elsewhere@example.test --set-active')).status).toBe(0)
})

test('only who was never let in is deleted, and only when it is meant', async ({ onTestFinished }) => {
  const { identity, manage } = await openCloud(onTestFinished)
  const { id } = await createTestUser(identity)
  await manage('user-add new@example.test New Comer')
  expect(await manage('user-modify new@example.test --delete')).toMatchObject({
    status: 1,
    err: 'Are you sure you want to delete the account new@example.test? [Y/N] Aborting deletion\n',
  })
  expect((await manage('user-modify new@example.test --delete -f')).status).toBe(0)
  expect((await manage('user-show new@example.test')).status).toBe(1)
  expect((await manage(`user-modify ${id} --delete --no-confirm`)).err).toMatch(/^CommandError: Failed to delete/)
})

test('a new token stands alone on a line and works', async ({ onTestFinished }) => {
  const { db, identity, manage } = await openCloud(onTestFinished)
  const { id, uuid, email } = await createTestUser(identity)
  for (const user of [id, uuid, email]) {
    const { status, out, err } = await manage(`token-add ${user} --name robot --expires-in 2`)
    expect([status, err]).toEqual([0, ''])
    expect(out).toMatch(/^[\w-]{43}\n$/)
    expect((await authenticate(identity, out.trim())).userId).toBe(uuid)
  }
  const [token] = await db.any<{ name: string; days: number }>(
    sql`SELECT name, round(extract(epoch FROM expires_at - now()) / 86400)::int AS days FROM identity.tokens WHERE NOT is_classic`,
  )
  expect(token).toEqual({ name: 'robot', days: 2 })
  await manage('user-add new@example.test New Comer')
  expect(await manage('token-add new@example.test')).toMatchObject({
    status: 1,
    out: '',
    err: 'CommandError: new@example.test is not active\n',
  })
  expect((await manage(`token-add ${id} --expires-in 0`)).status).toBe(1)
  const scoped = await manage(`token-add ${id} --scope compute:read --scope object-store/backups`)
  expect((await authenticate(identity, scoped.out.trim())).scopes).toEqual([
    { service: 'compute', readOnly: true },
    { service: 'object-store', readOnly: false, container: 'backups' },
  ])
  expect(await manage(`token-add ${id} --scope kitchen`)).toMatchObject({ status: 1, out: '' })
})

test('default limits are shown with units and changed for projects to come', async ({ onTestFinished }) => {
  const { identity, manage, json } = await openCloud(onTestFinished)
  const row = async (name: string) => (await json(`resource-list --unit-style gb --filter-by name=${name}`))[0]
  expect(await row('cyclades.ram')).toMatchObject({
    system_default: '8.00 GB',
    project_default: '0.000 GB',
    api_visible: 'True',
    ui_visible: 'True',
  })
  expect((await manage('resource-modify cyclades.ram --system-default 3GiB --project-default inf --api-visible no')).err).toBe(
    'Also setting ui_visible to False\n',
  )
  expect(await row('cyclades.ram')).toMatchObject({
    system_default: '3.00 GB',
    project_default: 'inf',
    api_visible: 'False',
    ui_visible: 'False',
  })
  expect((await manage('resource-modify cyclades.ram --ui-visible yes')).err).toBe('Also setting api_visible to True\n')
  expect((await manage('resource-modify cyclades.vm --limit 7')).status).toBe(0)
  const { caller } = await createTestUser(identity)
  const { out } = await manage(`user-show ${caller.userId} --quota --projects`)
  expect(out).toMatch(/cyclades\.vm\s+7\s+0/)
  expect(out).toMatch(/cyclades\.ram\s+3072\.0 MB\s+0\.000 MB/)
  expect(out).toMatch(new RegExp(`${caller.userId}\\s+system:${caller.userId}\\s+accepted`))
  expect((await manage('resource-modify cyclades.dreams --limit 7')).err).toBe(
    'CommandError: Resource cyclades.dreams does not exist\n',
  )
  expect((await manage('resource-modify cyclades.vm --limit many')).status).toBe(1)
  expect((await manage('resource-modify cyclades.vm')).status).toBe(1)
})

test('components are listed with addresses, and with tokens that work when asked for', async ({ onTestFinished }) => {
  const { identity, manage, json } = await openCloud(onTestFinished)
  expect((await manage('component-list -o name,base_url,ui_url --output-format csv')).out).toBe(
    `name,base_url,ui_url
astakos,http://cloud.test/astakos,http://cloud.test/astakos/ui
cyclades,http://cloud.test/cyclades,http://cloud.test/cyclades/ui
pithos,http://cloud.test/pithos,http://cloud.test/pithos/ui
`,
  )
  const [row] = await json('component-list -o name,token --filter-by name=pithos')
  expect((await authenticateComponent(identity, row.token)).name).toBe('pithos')
  expect((await json('component-list'))[0].token).toBeUndefined()
})

test('services are listed with their types', async ({ onTestFinished }) => {
  const { json } = await openCloud(onTestFinished)
  const services = await json('service-list --filter-by component=pithos')
  const service = (name: string, type: string) => ({ id: expect.any(String), name, component: 'pithos', type })
  expect(services).toEqual([
    service('pithos_object-store', 'object-store'),
    service('pithos_public', 'pithos_public'),
    service('pithos_ui', 'pithos_ui'),
  ])
  expect(await json('service-list')).toHaveLength(13)
})

test('every list shows its fields and filters', async ({ onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  for (const { name } of identityCommands.filter((command) => command.name.endsWith('-list'))) {
    const fields = await manage(`${name} --list-fields --no-headers`)
    const all = fields.out
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s/)[0])
    expect((await manage(`${name} -o ${all.join(',')}`)).status).toBe(0)
    const filters = (await manage(`${name} --list-filters --no-headers`)).out
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s/)[0])
    for (const filter of filters) expect((await manage(`${name} --filter-by ${filter}__isnull=no`)).status).toBe(0)
  }
})
