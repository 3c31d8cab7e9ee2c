import { writeFile } from 'node:fs/promises'
import { hashBlock, openFiles } from '@synnefo/engine-blocks'
import { silentLog } from '@synnefo/lib/log'
import { sql } from '@synnefo/lib/sql'
import { openTasks } from '@synnefo/lib/tasks'
import { type OnTestFinished, randomContent, temporaryFolder } from '@synnefo/lib/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commandLine } from '../commands/testing.ts'
import { holdMap, objectAt } from '../index.ts'
import { foldStatistics } from '../tasks/index.ts'
import { nameAt, scrubBlocks } from '../tasks/scrub-blocks.ts'
import { openAlice, put, TEXT } from '../tests/alice.ts'
import { fsck } from './fsck.ts'
import { nothingScrubbed, scrub } from './scrub.ts'

const BLOCK = 128 * 1024
const DAY_MS = 24 * 3600_000

async function openCloud(onTestFinished: OnTestFinished) {
  const blocks = await openFiles({ folder: await temporaryFolder(onTestFinished) })
  const opened = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK }, blocks })
  /** A bit of the block turns over on the disk. */
  async function rot(data: Buffer) {
    const hash = await hashBlock(data)
    const rotten = Buffer.from(data)
    rotten[7]! ^= 1
    await writeFile(blocks.pathOf(hash), rotten)
    return hash
  }
  return { ...opened, blocks, rot, manage: commandLine(opened.cloud) }
}

test('a store that is used as it should be has no problems', async ({ onTestFinished }) => {
  const { cloud, alice, manage } = await openCloud(onTestFinished)
  await put(alice, 'large', randomContent(3 * BLOCK), { 'X-Object-Meta-Colour': 'red' })
  await put(alice, 'zeros', Buffer.alloc(2 * BLOCK))
  await put(alice, 'small', 'small')
  await put(alice, 'empty', '')
  await alice.send('COPY', 'pithos/large', { headers: { Destination: '/pithos/copy' } })
  await alice.send('MOVE', 'pithos/small', { headers: { Destination: '/pithos/moved' } })
  await alice.send('DELETE', 'pithos/large')
  await cloud.db.run(sql`SELECT 1`)
  for (const options of ['', '--verify-data', `--account ${alice.userId}`, '--fix'])
    expect(await manage(`pithos-fsck ${options}`)).toMatchObject({
      status: 0,
      out: '',
      err: expect.stringContaining('No problems'),
    })
})

test('a block that rots on the disk goes into quarantine, is told with everything that needs it, and heals by an upload', async ({
  onTestFinished,
}) => {
  const { cloud, alice, blocks, rot, manage } = await openCloud(onTestFinished)
  const [good, bad] = [randomContent(BLOCK), randomContent(BLOCK)]
  const data = Buffer.concat([good, bad])
  await put(alice, 'a', data)
  await alice.send('COPY', 'pithos/a', { headers: { Destination: '/pithos/b' } })
  await alice.send('DELETE', 'pithos/a')
  const { mapId } = (await objectAt(cloud.db, undefined, { account: alice.userId, container: 'pithos', name: 'b' }))!
  await cloud.db.transaction((tx) => holdMap(tx, mapId!, 'volume:17'))
  const hash = await rot(bad)
  expect((await manage('pithos-fsck')).status).toBe(0) // it is there
  const found = await manage.json('pithos-fsck --verify-data')
  expect(found).toHaveLength(3)
  for (const row of found) expect(row).toMatchObject({ Problem: 'damaged block', What: `block ${hash}` })
  expect(found.map((row) => row['Needed by']).sort()).toEqual([
    expect.stringMatching(`^object ${alice.userId}/pithos/a version \\d+ \\(past\\)$`),
    expect.stringMatching(`^object ${alice.userId}/pithos/b version \\d+$`),
    'volume:17',
  ])
  expect(await Array.fromAsync(blocks.quarantined())).toMatchObject([{ hash }])
  expect(await manage(`pithos-fsck --account ${alice.userId}`)).toMatchObject({ status: 1 })
  const noted = await cloud.db.any(sql`SELECT target FROM identity.audit WHERE action = 'block-damage'`)
  expect(noted).toEqual([{ target: `block:${hash}` }])

  // The owner sends the file again: the cloud asks for the block that it lost, although he has the object.
  const body = JSON.stringify({ bytes: data.length, hashes: [await hashBlock(good), hash] })
  const listed = () => alice.send('PUT', 'pithos/b?format=json&hashmap', { headers: TEXT, body })
  expect((await listed()).json()).toEqual([hash])
  await alice.send('POST', 'pithos?update', { headers: { 'Content-Type': 'application/octet-stream' }, body: bad })
  expect((await listed()).status).toBe(201)
  expect((await alice.send('GET', 'pithos/b')).body.equals(data)).toBe(true)
  expect(await manage('pithos-fsck --verify-data')).toMatchObject({
    status: 0,
    err: expect.stringContaining('1 damaged blocks are whole again'),
  })
})

test('blocks that are missing are told, also when the whole store is', async ({ onTestFinished }) => {
  const { cloud, alice, blocks, manage } = await openCloud(onTestFinished)
  const bob = await cloud.user()
  await bob.send('PUT', 'pithos')
  await put(alice, 'hers', randomContent(2 * BLOCK))
  await put(bob, 'his', randomContent(BLOCK))
  for await (const { hash } of blocks.list()) await blocks.remove(hash)
  expect(await manage.json('pithos-fsck')).toHaveLength(3)
  const his = await manage.json(`pithos-fsck --account ${bob.userId}`)
  expect(his).toMatchObject([{ Problem: 'missing block', 'Needed by': expect.stringContaining('pithos/his') }])
})

test('content in a row that does not match its name is kept apart, and heals by an upload', async ({ onTestFinished }) => {
  const { cloud, alice, manage } = await openCloud(onTestFinished)
  await put(alice, 'small', 'precious')
  await cloud.db.run(sql`UPDATE object_store.maps SET content = 'Precious'`)
  const [row] = await manage.json('pithos-fsck --verify-data')
  expect(row).toMatchObject({ Problem: 'damaged block', 'Needed by': expect.stringContaining('pithos/small') })
  const read = await alice.send('GET', 'pithos/small').then(
    ({ text }) => text,
    () => 'broken off',
  )
  expect(read).not.toContain('recious')
  await put(alice, 'small', 'precious')
  expect((await alice.send('GET', 'pithos/small')).text).toBe('precious')
  expect((await manage('pithos-fsck --verify-data')).status).toBe(0)
})

test('maps, references, names and figures that do not fit are told, and what can be is mended', async ({ onTestFinished }) => {
  const { cloud, alice, manage } = await openCloud(onTestFinished)
  const { db } = cloud
  await put(alice, 'a', randomContent(2 * BLOCK), { 'X-Object-Meta-Colour': 'red' })
  await put(alice, 'b', randomContent(2 * BLOCK))
  await put(alice, 'c', 'c')
  const problems = async () => (await fsck(cloud.store, {})).problems.map(({ problem }) => problem).sort()
  expect(await problems()).toEqual([])
  await db.run(sql`DELETE FROM object_store.map_blocks WHERE ctid IN (SELECT ctid FROM object_store.map_blocks LIMIT 1)`)
  await db.run(sql`INSERT INTO object_store.map_blocks VALUES (sha256('x'), 4711)`)
  await db.run(sql`UPDATE object_store.maps SET hashes = substring(hashes FROM 33) || substring(hashes FOR 32)
    WHERE length(hashes) > 32 AND id = (SELECT max(id) FROM object_store.maps WHERE length(hashes) > 32)`)
  await db.run(sql`UPDATE object_store.versions SET size_bytes = 2 WHERE name = 'c'`)
  await db.run(
    sql`INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes, keys)
    SELECT id, 1, 5, 0, 0, '{"X-Object-Meta-Size": 1}' FROM object_store.containers WHERE name = 'pithos'`,
  )
  expect(await problems()).toEqual([
    'missing references',
    'references of no map',
    'root does not match the blocks',
    'size differs from map',
    'statistics',
  ])
  const fixed = await manage('pithos-fsck --fix')
  expect(fixed).toMatchObject({ status: 1, err: expect.stringMatching(/Fixed statistics of .*\/pithos\./) })
  expect(await problems()).toEqual(['root does not match the blocks', 'size differs from map'])
  await db.run(sql`UPDATE object_store.versions SET size_bytes = 1 WHERE name = 'c'`)
  await db.run(sql`UPDATE object_store.versions SET id = nextval('object_store.version_ids') WHERE name = 'b'`)
  await db.run(sql`
    INSERT INTO object_store.versions (container_id, name, state, uuid, size_bytes, content_type, modified_by)
    SELECT container_id, name, 'history', gen_random_uuid(), 0, '', '' FROM object_store.versions WHERE name = 'a'`)
  expect(await problems()).toContain('current version is not the latest')
})

test('figures are mended while people write and figures are folded', async ({ onTestFinished }) => {
  const { cloud, alice } = await openCloud(onTestFinished)
  const { db, store } = cloud
  const tasks = openTasks(db, silentLog, [foldStatistics], { objectStore: store })
  const action = fc.record({
    kind: fc.constantFrom('put', 'delete', 'spoil', 'fold', 'fix'),
    name: fc.constantFrom('a', 'b', 'c'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 8, maxLength: 20 }), async (actions) => {
      await Promise.all(
        actions.map(async ({ kind, name }) => {
          if (kind === 'put') await put(alice, name, randomContent(20), { 'X-Object-Meta-Colour': name })
          else if (kind === 'delete') await alice.send('DELETE', `pithos/${name}`)
          else if (kind === 'fold') await tasks.runOnce(foldStatistics.name)
          else if (kind === 'fix') await fsck(store, { fix: true })
          else
            await db.run(sql`
              INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes)
              SELECT id, 3, 4, 5, 6 FROM object_store.containers`)
        }),
      )
      await fsck(store, { fix: true })
      expect((await fsck(store, {})).problems).toEqual([])
    }),
    { numRuns: 8 },
  )
})

test('the scrub reads every block once in its time, wherever it was interrupted', async ({ onTestFinished }) => {
  const { cloud, alice, blocks, rot } = await openCloud(onTestFinished)
  const { db, store } = cloud
  const tasks = openTasks(db, silentLog, [scrubBlocks], { objectStore: store })
  const pieces = Array.from({ length: 8 }, () => randomContent(BLOCK))
  await put(alice, 'o', Buffer.concat(pieces))
  for (const piece of pieces) await rot(piece)
  expect(await tasks.runOnce(scrubBlocks.name)).toMatchObject({ verified: 0, damaged: 0 })
  const hashes = await Array.fromAsync(blocks.list(), ({ hash }) => hash)
  let damaged = 0
  for (const day of [3, 10, 17, 29]) {
    const { beganAt } = await db.one<{ beganAt: Date }>(
      sql`UPDATE object_store.walks SET began_at = now() - make_interval(days => ${day}) RETURNING began_at AS "beganAt"`,
    )
    const due = () => hashes.filter((hash) => hash <= nameAt((Date.now() - beganAt.getTime()) / (30 * DAY_MS))).length
    const atLeast = due()
    damaged += (await tasks.runOnce(scrubBlocks.name))!['damaged']!
    expect(damaged).toBeGreaterThanOrEqual(atLeast)
    expect(damaged).toBeLessThanOrEqual(due())
  }
  await db.run(sql`UPDATE object_store.walks SET began_at = now() - interval '31 days'`)
  damaged += (await tasks.runOnce(scrubBlocks.name))!['damaged']!
  expect(damaged).toBe(8)
  await put(alice, 'o', Buffer.concat(pieces))
  expect(await tasks.runOnce(scrubBlocks.name)).toMatchObject({ healed: 8, verified: 0 })
  await tasks.settle()
})

test('a scrub stops where it is told to and goes on there', async ({ onTestFinished }) => {
  const { cloud, alice } = await openCloud(onTestFinished)
  await put(alice, 'o', randomContent(100 * BLOCK))
  const report = nothingScrubbed()
  let position = ''
  const goOn = async (at: string) => {
    position = at
    return false
  }
  let turns = 1
  while (!(await scrub(cloud.store, report, { after: position, goOn }))) turns += 1
  expect(turns).toBeGreaterThan(1)
  expect(report).toMatchObject({ verified: 100, damaged: 0, missing: 0 })
})
