import { acceptCommission, describeCommission, issueCommission } from '@synnefo/identity'
import { sql } from '@synnefo/lib/sql'
import { randomContent } from '@synnefo/lib/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DISKSPACE } from '../quota.ts'
import { openAlice, put, TEXT } from '../tests/alice.ts'
import { compareDiskspace } from '../upkeep/reconcile.ts'
import { commandLine } from './testing.ts'

const BLOCK = 128 * 1024

test('an object is shown by its place and by its uuid, with everything that is on record', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK } })
  const manage = commandLine(cloud)
  const bob = await cloud.user()
  const sharing = { 'X-Object-Sharing': `read=${bob.userId}`, 'X-Object-Public': 'true', 'X-Object-Meta-Quality': 'AAA' }
  await put(alice, 'a%20file', randomContent(BLOCK + 1), sharing)
  const place = `${alice.userId} pithos 'a file'`
  const [shown] = await manage.json(`file-show ${place}`)
  const head = (await alice.send('HEAD', 'pithos/a%20file')).headers
  expect(shown).toMatchObject({
    name: `${alice.userId}/pithos/a file`,
    bytes: String(BLOCK + 1),
    type: 'text/plain',
    hash: head['x-object-hash'],
    version: head['x-object-version'],
    version_timestamp: expect.stringMatching(/^\d+\.\d+$/),
    modified_by: alice.userId,
    uuid: head['x-object-uuid'],
    available: '1',
    is_snapshot: 'False',
    'X-Object-Meta-Quality': 'AAA',
    permissions: `${alice.userId}/pithos/a file: read=${bob.userId}`,
    'X-Object-Public': head['x-object-public'],
  })
  for (const key of ['modified', 'checksum', 'map_check_timestamp', 'mapfile']) expect(shown).toHaveProperty(key)
  expect(await manage.json(`file-show ${shown!['uuid']}`)).toEqual([shown])
  const [listed] = await manage.json(`file-show ${place} --hashmap`)
  expect(listed!['hashmap']!.split(', ')).toHaveLength(2)
  await alice.send('POST', 'pithos/a%20file?update', { headers: { 'X-Object-Meta-Quality': 'B' } })
  const [old] = await manage.json(`file-show ${place} --obj-version ${shown!['version']}`)
  expect(old).toMatchObject({ version: shown!['version'], 'X-Object-Meta-Quality': 'AAA', mapfile: shown!['mapfile'] })
  expect(old).not.toHaveProperty('permissions')
  expect((await manage.json(`file-show ${place} --domain plankton`))[0]).not.toHaveProperty('X-Object-Meta-Quality')
  for (const wrong of [
    alice.userId,
    'no-uuid',
    `${alice.userId} pithos`,
    `${alice.userId} pithos gone`,
    `${alice.userId} gone 'a file'`,
    `${place} --obj-version 99999`,
    `${place} --obj-version x`,
    `${place} more`,
  ])
    expect([wrong, await manage(`file-show ${wrong}`)]).toMatchObject([wrong, { status: 1, out: '' }])
})

test('commissions that nobody resolved are accepted when their change is on record, and rejected otherwise', async ({
  onTestFinished,
}) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const manage = commandLine(cloud)
  const { db } = cloud
  const issue = () =>
    db.transaction((tx) =>
      issueCommission(tx, {
        component: 'pithos',
        provisions: [
          { holder: `user:${alice.userId}`, source: `project:${alice.userId}`, resource: DISKSPACE, quantity: 7n },
          { holder: `project:${alice.userId}`, source: null, resource: DISKSPACE, quantity: 7n },
        ],
      }),
    )
  expect((await manage('reconcile-commissions-pithos')).err).toBe('No unresolved commissions were found.\n')
  const [recorded, lost, settled] = [await issue(), await issue(), await issue()]
  await db.run(sql`INSERT INTO object_store.commission_serials VALUES (${recorded}), (${settled})`)
  await db.transaction((tx) => acceptCommission(tx, settled))
  expect((await manage('reconcile-commissions-pithos --fix')).err).toContain('No unresolved') // under way perhaps
  await db.run(sql`UPDATE identity.commissions SET issued_at = issued_at - interval '2 minutes'`)
  const young = await issue()
  expect((await manage('reconcile-commissions-pithos')).err).toBe(`Unresolved commissions: ${recorded}, ${lost}\n`)
  expect((await manage(`reconcile-resources-pithos --user ${alice.userId}`)).err).toContain('reconcile-commissions-pithos')
  const fixed = await manage('reconcile-commissions-pithos --fix')
  expect(fixed).toMatchObject({ status: 0, err: expect.stringContaining(`Accepted commissions: ${recorded}\n`) })
  expect(fixed.err).toContain(`Rejected commissions: ${lost}\n`)
  expect(await describeCommission(db, lost)).toBeUndefined()
  expect(await describeCommission(db, young)).toBeDefined()
  expect(await db.any(sql`SELECT * FROM object_store.commission_serials`)).toEqual([])
})

test('usage that is counted wrongly is shown and mended, within limits unless forced', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const manage = commandLine(cloud)
  const { db } = cloud
  await put(alice, 'o', 'twelve bytes')
  const user = alice.userId
  expect(await manage('reconcile-resources-pithos')).toMatchObject({ status: 0, out: '', err: 'Everything in sync.\n' })
  await db.run(sql`UPDATE identity.holdings SET usage_min = 5, usage_max = 5 WHERE resource = ${DISKSPACE} AND usage_max = 12`)
  const row = { Resource: DISKSPACE, Database: '12', Quotaholder: '5', Holder: user }
  expect(await manage.json('reconcile-resources-pithos')).toEqual([
    { ...row, Type: 'user', Source: user },
    { ...row, Type: 'project', Source: '' },
  ])
  expect(await manage.json(`reconcile-resources-pithos --user ${user}`)).toHaveLength(1)
  expect(await manage.json(`reconcile-resources-pithos --project ${user}`)).toHaveLength(2)
  await db.run(sql`UPDATE identity.holdings SET "limit" = 10 WHERE resource = ${DISKSPACE} AND usage_max = 5`)
  expect(await manage('reconcile-resources-pithos --fix')).toMatchObject({ status: 1, err: expect.stringContaining('--force') })
  expect(await manage.json('reconcile-resources-pithos')).toHaveLength(2)
  expect(await manage('reconcile-resources-pithos --fix --force')).toMatchObject({
    status: 0,
    err: expect.stringContaining('Fixed 2 records.'),
  })
  expect((await manage('reconcile-resources-pithos')).err).toBe('Everything in sync.\n')
  await db.run(sql`DELETE FROM identity.holdings WHERE resource = ${DISKSPACE} AND usage_max = 12`)
  expect((await manage('reconcile-resources-pithos')).err).toContain(`No holdings for user ${user} in project ${user}`)
  for (const [option, message] of [
    ['--user nobody', "User 'nobody' does not exist in the database"],
    [`--user ${user}`, 'does not exist in the quota service'],
    ['--project nowhere', "Project 'nowhere' does not exist in the quota service"],
  ])
    expect(await manage(`reconcile-resources-pithos ${option}`)).toMatchObject({
      status: 0,
      err: expect.stringContaining(message!),
    })
})

test.each([true, false])('whatever people do, the quota service counts what there is (free history: %s)', async (free) => {
  const finished: (() => unknown)[] = []
  const { cloud, alice } = await openAlice((work) => void finished.push(work), {
    settings: { PITHOS_BACKEND_FREE_VERSIONING: free },
  })
  await alice.send('PUT', 'plain', { headers: { 'X-Container-Policy-Versioning': 'none' } })
  const container = fc.constantFrom('pithos', 'plain')
  const path = fc.record({ container, name: fc.constantFrom('a', 'd/b', 'd/c') })
  const action = fc.record({
    kind: fc.constantFrom('put', 'post', 'copy', 'move', 'delete', 'purge', 'empty', 'purge all'),
    path,
    to: path,
    size: fc.nat({ max: 100 }),
  })
  const until = () => Math.ceil(Date.now() / 1000) + 1
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 30 }), async (actions) => {
      await Promise.all(
        actions.map(({ kind, path: at, to, size }) => {
          const target = `${at.container}/${at.name}`
          const headers = { Destination: `/${to.container}/${to.name}` }
          if (kind === 'put') return alice.send('PUT', target, { headers: TEXT, body: Buffer.alloc(size, 'x') })
          if (kind === 'post') return alice.send('POST', `${target}?update`, { headers: { 'X-Object-Meta-A': String(size) } })
          if (kind === 'copy' || kind === 'move') return alice.send(kind.toUpperCase(), target, { headers })
          if (kind === 'delete') return alice.send('DELETE', target)
          if (kind === 'purge') return alice.send('DELETE', `${target}?until=${until()}`)
          if (kind === 'empty') return alice.send('DELETE', `${at.container}?delimiter=/`)
          return alice.send('DELETE', `${at.container}?until=${until()}`)
        }),
      )
      expect(await compareDiskspace(cloud.db, cloud.store)).toEqual({ differences: [], unknown: [], pending: [] })
    }),
    { numRuns: 8 },
  )
  for (const work of finished.reverse()) await work()
})

test('what is stored is told apart: for one alone, and shared with others', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK } })
  const manage = commandLine(cloud)
  const bob = await cloud.user()
  await bob.send('PUT', 'pithos')
  const [ours, hers] = [randomContent(BLOCK), Buffer.concat([randomContent(BLOCK), Buffer.from('tail')])]
  await put(alice, 'ours', ours)
  await put(bob, 'ours', ours)
  await put(alice, 'hers', hers)
  await put(alice, 'hers', Buffer.concat([hers.subarray(0, BLOCK), Buffer.alloc(BLOCK)]))
  await alice.send('COPY', 'pithos/hers', { headers: { Destination: '/pithos/copy' } })
  await put(alice, 'small', 'a row')
  const of = async (line: string) => Object.fromEntries((await manage.json(line)).map((row) => [row['Holder'], row]))
  const rows = await of('pithos-usage')
  expect(rows[alice.userId]).toEqual({
    Type: 'user',
    Holder: alice.userId,
    Objects: '4',
    Logical: String(BLOCK + 4 * BLOCK + 5),
    'Past versions': '1',
    History: String(BLOCK + 4),
    Unique: String(BLOCK + 4 + 5),
    Shared: String(BLOCK),
  })
  expect(rows[bob.userId]).toMatchObject({ Objects: '1', Logical: String(BLOCK), Unique: '0', Shared: String(BLOCK) })
  expect((await of('pithos-usage --project'))[bob.userId]).toMatchObject({ Type: 'project', Shared: String(BLOCK) })
  expect(await manage.json(`pithos-usage --user ${bob.userId}`)).toHaveLength(1)
  expect(await manage.json('pithos-usage --user --project')).toHaveLength(4)
})

test('what is asked about somebody of whom nothing is known is refused', async ({ onTestFinished }) => {
  const { cloud } = await openAlice(onTestFinished)
  const manage = commandLine(cloud)
  expect(await manage('pithos-usage nobody')).toMatchObject({ status: 1, err: expect.stringContaining("for 'nobody'") })
  expect(await manage('pithos-fsck --account nobody')).toMatchObject({
    status: 1,
    err: expect.stringContaining("no account 'nobody'"),
  })
})

test('the definition of the service can be imported on an identity host', async ({ onTestFinished }) => {
  const { cloud } = await openAlice(onTestFinished)
  const { status, out } = await commandLine(cloud)('service-export-pithos')
  expect(status).toBe(0)
  const { 'pithos_object-store': service } = JSON.parse(out)
  expect(service).toMatchObject({ type: 'object-store', component: 'pithos', prefix: 'object-store', public: true })
  expect(service.endpoints[0].publicURL).toBe('http://cloud.test/pithos/object-store/v1')
  expect(service.resources.diskspace).toMatchObject({ name: 'pithos.diskspace', unit: 'bytes' })
  expect(out).toContain('\n    "pithos_object-store"')
})
