import { utimes } from 'node:fs/promises'
import { type Blocks, hashBlock, openFiles, openSimulated } from '@synnefo/engine-blocks'
import { silentLog } from '@synnefo/lib/log'
import { sql } from '@synnefo/lib/sql'
import { openTasks } from '@synnefo/lib/tasks'
import { type OnTestFinished, randomContent, temporaryFolder } from '@synnefo/lib/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commandLine } from '../commands/testing.ts'
import { holdMap, objectAt, openMap, releaseMap } from '../index.ts'
import { keepReceived } from '../maps.ts'
import { collectGarbage } from '../tasks/collect-garbage.ts'
import type { TestClient } from '../testing.ts'
import { openAlice, put, TEXT } from '../tests/alice.ts'
import { collect } from './collect.ts'

const BLOCK = 128 * 1024
const SMALL_BLOCKS = { settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK } }
const HOUR = 3600

async function openCloud(onTestFinished: OnTestFinished, { crossed }: { crossed?: Crossing } = {}) {
  const files = await openFiles({ folder: await temporaryFolder(onTestFinished) })
  const blocks = crossed ? crossedBy(files, crossed) : files
  const { cloud, alice } = await openAlice(onTestFinished, { ...SMALL_BLOCKS, blocks })
  /** As if everything had been there for long. */
  async function grow(days: number) {
    const then = new Date(Date.now() - days * 24 * HOUR * 1000)
    for await (const { hash } of files.list()) await utimes(files.pathOf(hash), then, then)
    const ago = sql`make_interval(days => ${days})`
    await cloud.db.run(sql`UPDATE object_store.maps SET created_at = created_at - ${ago}`)
    await cloud.db.run(sql`UPDATE object_store.pins SET expires_at = expires_at - ${ago}`)
  }
  return { cloud, alice, files, grow }
}

/** Something that happens right before or after a call of the collector to the blocks. */
type Step = `${'before' | 'after'} ${'setAside' | 'discard' | 'bringBack'}`
interface Crossing {
  step: Step
  happens(): Promise<void>
}

/** Blocks in whose calls something happens, once. */
function crossedBy(blocks: Blocks, crossing: Crossing): Blocks {
  let pending = true
  async function cross(step: Step) {
    if (!pending || step !== crossing.step) return
    pending = false
    await crossing.happens()
  }
  return {
    ...blocks,
    async setAside(hash) {
      await cross('before setAside')
      await blocks.setAside(hash)
      await cross('after setAside')
    },
    async discard(copy) {
      await cross('before discard')
      await blocks.discard(copy)
      await cross('after discard')
    },
    async bringBack(copy) {
      await cross('before bringBack')
      await blocks.bringBack(copy)
      await cross('after bringBack')
    },
  }
}

const purge = (who: TestClient, name: string) => who.send('DELETE', `pithos/${name}?until=${Math.ceil(Date.now() / 1000) + 1}`)

async function putHashes(who: TestClient, name: string, data: Buffer) {
  const hashes: string[] = []
  for (let at = 0; at < data.length; at += BLOCK) hashes.push(await hashBlock(data.subarray(at, at + BLOCK)))
  const body = JSON.stringify({ bytes: data.length, hashes })
  return who.send('PUT', `pithos/${name}?format=json&hashmap`, { headers: TEXT, body })
}

const sendBlock = (who: TestClient, block: Uint8Array) =>
  who.send('POST', 'pithos?update', { headers: { 'Content-Type': 'application/octet-stream' }, body: block })

test('what nobody needs goes, after the grace period and in two steps', async ({ onTestFinished }) => {
  const { cloud, alice, files, grow } = await openCloud(onTestFinished)
  const { store } = cloud
  const [kept, gone] = [randomContent(2 * BLOCK), Buffer.concat([randomContent(BLOCK), Buffer.from('tail')])]
  await put(alice, 'kept', kept)
  await put(alice, 'small', 'in a row')
  await put(alice, 'gone', gone)
  await purge(alice, 'gone')
  await purge(alice, 'small')
  expect(await collect(store, { graceSeconds: HOUR })).toMatchObject({ maps: 0, blocks: 0, setAside: 0 })
  await grow(3)
  const first = await collect(store, { graceSeconds: HOUR })
  expect(first).toMatchObject({ maps: 2, blocks: 0, bytes: 'in a row'.length, setAside: 2 })
  expect((await files.usage()).blocks).toBe(2)
  expect(await collect(store, { graceSeconds: HOUR })).toMatchObject({ blocks: 0, broughtBack: 0 })
  expect(await collect(store, { graceSeconds: 0 })).toMatchObject({ blocks: 2, bytes: BLOCK + 4 })
  expect(await Array.fromAsync(files.aside())).toEqual([])
  expect((await alice.send('GET', 'pithos/kept')).body.equals(kept)).toBe(true)
  expect(await cloud.db.one(sql`SELECT count(*)::int AS n FROM object_store.map_blocks`)).toEqual({ n: 2 })
})

test('a volume keeps the blocks below it after the object is gone', async ({ onTestFinished }) => {
  const { cloud, alice, files } = await openCloud(onTestFinished)
  const { db, store } = cloud
  const data = randomContent(2 * BLOCK)
  await put(alice, 'image', data)
  await put(alice, 'small', 'a small image')
  const mapIdOf = async (name: string) =>
    (await objectAt(db, undefined, { account: alice.userId, container: 'pithos', name }))!.mapId!
  const held = [await mapIdOf('image'), await mapIdOf('small')]
  await db.transaction(async (tx) => {
    for (const mapId of held) await holdMap(tx, mapId, 'volume:7')
  })
  await purge(alice, 'image')
  await purge(alice, 'small')
  await collect(store, { graceSeconds: 0 })
  for (const mapId of held) {
    const { hashes } = (await openMap(store, mapId))!
    expect(await files.present(hashes)).toEqual(new Set(hashes))
  }
  await collect(store, { graceSeconds: 0 })
  expect((await files.usage()).blocks).toBe(3)
  await db.transaction(async (tx) => {
    for (const mapId of held) await releaseMap(tx, mapId, 'volume:7')
  })
  await collect(store, { graceSeconds: 0 })
  expect(await files.usage()).toEqual({ blocks: 0, bytes: 0 })
  await expect(db.transaction((tx) => holdMap(tx, held[0]!, 'volume:8'))).rejects.toMatchObject({ kind: 'serviceUnavailable' })
  expect(await openMap(store, held[0]!)).toBeUndefined()
})

const STEPS: Step[] = ['before setAside', 'after setAside', 'before discard', 'after discard']

/** What people and services do, of whom each may meet the collector at any of its steps. */
const ACTIONS: Record<string, (who: { alice: TestClient; data: Buffer }) => Promise<void>> = {
  async 'an upload of the same content'({ alice, data }) {
    expect((await put(alice, 'again', data)).status).toBe(201)
  },
  async 'blocks sent ahead, and the hash list later'({ alice, data }) {
    for (let at = 0; at < data.length; at += BLOCK) await sendBlock(alice, data.subarray(at, at + BLOCK))
  },
  async 'a hash list, and what it misses'({ alice, data }) {
    if ((await putHashes(alice, 'again', data)).status !== 409) return
    for (let at = 0; at < data.length; at += BLOCK) await sendBlock(alice, data.subarray(at, at + BLOCK))
    expect((await putHashes(alice, 'again', data)).status).toBe(201)
  },
}

test.each(STEPS.flatMap((step) => Object.keys(ACTIONS).map((action) => ({ step, action }))))(
  '$action $step of the collector loses nothing',
  async ({ step, action }) => {
    const finished: (() => unknown)[] = []
    const onTestFinished: OnTestFinished = (work) => void finished.push(work)
    const data = randomContent(2 * BLOCK)
    let happened = false
    const crossed: Crossing = {
      step,
      async happens() {
        await ACTIONS[action]!({ alice, data })
        happened = true
      },
    }
    const { cloud, alice, files, grow } = await openCloud(onTestFinished, { crossed })
    await put(alice, 'first', data)
    await purge(alice, 'first')
    await grow(3)
    await collect(cloud.store, { graceSeconds: HOUR })
    await collect(cloud.store, { graceSeconds: 0 })
    expect(happened).toBe(true)
    if (action.startsWith('blocks sent')) expect((await putHashes(alice, 'again', data)).status).toBe(201)
    expect((await alice.send('GET', 'pithos/again')).body.equals(data)).toBe(true)
    await collect(cloud.store, { graceSeconds: 0 })
    expect((await alice.send('GET', 'pithos/again')).body.equals(data)).toBe(true)
    expect(await Array.fromAsync(files.aside())).toEqual([])
    for (const work of finished.reverse()) await work()
  },
)

test.each(['before setAside', 'after setAside'] as const)(
  'a put that is not recorded yet when the collector comes by (%s) keeps its blocks by their age',
  async (step) => {
    const finished: (() => unknown)[] = []
    const data = randomContent(BLOCK)
    let raw: Blocks | undefined
    const crossed: Crossing = { step, happens: async () => void (await raw!.put(data)) }
    const { cloud, alice, files, grow } = await openCloud((work) => void finished.push(work), { crossed })
    raw = files
    await put(alice, 'first', data)
    await purge(alice, 'first')
    await grow(3)
    await collect(cloud.store, { graceSeconds: HOUR })
    await collect(cloud.store, { graceSeconds: HOUR })
    expect(await files.get(await hashBlock(data))).toEqual(data)
    expect((await files.present([await hashBlock(data)])).size).toBe(1)
    for (const work of finished.reverse()) await work()
  },
)

test('a hash list of known content while its only other holder goes is answered by an object that is whole, or not at all', async ({
  onTestFinished,
}) => {
  const { cloud, alice, grow } = await openCloud(onTestFinished)
  const data = randomContent(2 * BLOCK)
  for (let turn = 0; turn < 10; turn += 1) {
    await put(alice, 'first', data)
    await grow(3)
    const [answer] = await Promise.all([
      putHashes(alice, 'second', data),
      purge(alice, 'first').then(() => collect(cloud.store, { graceSeconds: 0 })),
      collect(cloud.store, { graceSeconds: 0 }),
    ])
    expect([201, 409, 503]).toContain(answer.status)
    const read = await alice.send('GET', 'pithos/second')
    if (answer.status === 201) expect(read.body.equals(data)).toBe(true)
    else expect(read.status).toBe(404)
    await purge(alice, 'second')
  }
})

test('blocks of a body that took longer to come than unneeded ones stay are kept until it is recorded, or it fails', async ({
  onTestFinished,
}) => {
  const { cloud, files, grow } = await openCloud(onTestFinished)
  const { store } = cloud
  const hash = await files.put(randomContent(BLOCK))
  await grow(3)
  await keepReceived(store, [hash], Number.NEGATIVE_INFINITY)
  expect(await collect(store, { graceSeconds: HOUR })).toMatchObject({ setAside: 0 })
  await cloud.db.run(sql`DELETE FROM object_store.pins`)
  expect(await collect(store, { graceSeconds: HOUR })).toMatchObject({ setAside: 1 })
  await expect(keepReceived(store, [hash], Number.NEGATIVE_INFINITY)).rejects.toMatchObject({ kind: 'serviceUnavailable' })
  await keepReceived(store, [hash], performance.now()) // an upload of a moment needs no look
})

test('a map that somebody is just sharing stays', async ({ onTestFinished }) => {
  const { cloud, alice, files } = await openCloud(onTestFinished)
  const { db, store } = cloud
  await put(alice, 'o', randomContent(BLOCK))
  const { mapId } = (await objectAt(db, undefined, { account: alice.userId, container: 'pithos', name: 'o' }))!
  await purge(alice, 'o')
  await db.transaction(async (tx) => {
    await holdMap(tx, mapId!, 'volume:1')
    expect(await collect(store, { graceSeconds: 0 })).toMatchObject({ maps: 0, blocks: 0 })
  })
  expect(await collect(store, { graceSeconds: 0 })).toMatchObject({ maps: 0, blocks: 0 })
  expect((await files.usage()).blocks).toBe(1)
})

test('several collectors at once do no harm and remove everything', async ({ onTestFinished }) => {
  const { cloud, alice, files } = await openCloud(onTestFinished)
  const kept = randomContent(3 * BLOCK)
  await put(alice, 'kept', kept)
  for (let i = 0; i < 10; i += 1) {
    await put(alice, `gone-${i}`, randomContent(BLOCK + 1))
    await purge(alice, `gone-${i}`)
  }
  await Promise.all(Array.from({ length: 4 }, () => collect(cloud.store, { graceSeconds: 0 })))
  await collect(cloud.store, { graceSeconds: 0 })
  expect(await files.usage()).toEqual({ blocks: 3, bytes: 3 * BLOCK })
  expect(await Array.fromAsync(files.aside())).toEqual([])
  expect((await alice.send('GET', 'pithos/kept')).body.equals(kept)).toBe(true)
})

test('what a killed collector left aside comes back or goes with the next run', async ({ onTestFinished }) => {
  const { cloud, alice, files } = await openCloud(onTestFinished)
  const [kept, gone] = [randomContent(BLOCK), randomContent(BLOCK)]
  await put(alice, 'kept', kept)
  await put(alice, 'gone', gone)
  await purge(alice, 'gone')
  for (const data of [kept, gone]) await files.setAside(await hashBlock(data))
  expect((await alice.send('GET', 'pithos/kept')).body.equals(kept)).toBe(true)
  expect(await collect(cloud.store, { graceSeconds: 0 })).toMatchObject({ blocks: 1, broughtBack: 1 })
  expect(await files.verify(await hashBlock(kept))).toBe('good')
  expect(await files.usage()).toEqual({ blocks: 1, bytes: BLOCK })
})

test('whatever is put, copied, deleted, purged and collected, no needed block is lost and nothing unneeded stays', async ({
  onTestFinished,
}) => {
  const blocks = openSimulated()
  const { cloud, alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: 70_000 }, blocks })
  const { db, store } = cloud
  // Contents that share blocks with each other, and some that lie in rows.
  const pieces = Array.from({ length: 4 }, () => randomContent(70_000))
  const contents = [[0], [0, 1], [1, 2], [2, 3, 0], [3]].map((of) => Buffer.concat(of.map((i) => pieces[i]!)))
  contents.push(Buffer.from('small'), Buffer.from('another small one'))
  const name = fc.constantFrom('a', 'b', 'c')
  const content = fc.nat({ max: contents.length - 1 })
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), name, content }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('hashes' as const), name, content }) },
    fc.record({ kind: fc.constantFrom('delete' as const, 'purge' as const, 'open' as const), name }),
    fc.record({ kind: fc.constant('copy' as const), name, to: name }),
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('collect' as const, 'expire' as const) }) },
  )
  async function take(action: typeof step extends fc.Arbitrary<infer T> ? T : never) {
    if (action.kind === 'put') await put(alice, action.name, contents[action.content]!)
    else if (action.kind === 'hashes') {
      const data = contents[action.content]!
      const hashes: string[] = []
      for (let at = 0; at < data.length; at += 70_000) hashes.push(await hashBlock(data.subarray(at, at + 70_000)))
      const body = JSON.stringify({ bytes: data.length, hashes })
      await alice.send('PUT', `pithos/${action.name}?format=json&hashmap`, { headers: TEXT, body })
    } else if (action.kind === 'delete') await alice.send('DELETE', `pithos/${action.name}`)
    else if (action.kind === 'purge') await purge(alice, action.name)
    else if (action.kind === 'copy')
      await alice.send('COPY', `pithos/${action.name}`, { headers: { Destination: `/pithos/${action.to}` } })
    else if (action.kind === 'open') {
      const place = { account: alice.userId, container: 'pithos', name: action.name }
      const mapId = (await objectAt(db, undefined, place))?.mapId
      if (mapId) await openMap(store, mapId)
    } else if (action.kind === 'expire') await db.run(sql`DELETE FROM object_store.pins`)
    else await collect(store, { graceSeconds: 0 })
  }
  async function needed(): Promise<Set<string>> {
    const rows = await db.any<{ hash: string }>(sql`
      SELECT DISTINCT encode(digest, 'hex') AS hash FROM object_store.versions v
      JOIN object_store.maps m ON m.id = v.map_id, object_store.digests(m.hashes) AS digest WHERE m.content IS NULL`)
    return new Set(rows.map(({ hash }) => hash))
  }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (actions) => {
      for (const action of actions) await take(action)
      const listed = async () => new Set(await Array.fromAsync(blocks.list(), ({ hash }) => hash))
      expect((await needed()).difference(await listed())).toEqual(new Set())
      await db.run(sql`DELETE FROM object_store.pins`)
      await collect(store, { graceSeconds: 0 })
      await collect(store, { graceSeconds: 0 })
      expect(await listed()).toEqual(await needed())
      const idle = await db.one(sql`
        SELECT count(*)::int AS maps FROM object_store.maps WHERE NOT EXISTS (
          SELECT FROM object_store.versions WHERE map_id = maps.id)`)
      expect(idle).toEqual({ maps: 0 })
    }),
    { numRuns: 12 },
  )
})

test('the task walks once in a while and goes on where it was interrupted', async ({ onTestFinished }) => {
  const { cloud, alice, files, grow } = await openCloud(onTestFinished)
  const { db, store } = cloud
  const tasks = openTasks(db, silentLog, [collectGarbage], { objectStore: store })
  await put(alice, 'gone', randomContent(4 * BLOCK))
  await purge(alice, 'gone')
  await grow(5)
  const hashes = await Array.fromAsync(files.list(), ({ hash }) => hash)
  await db.run(sql`
    INSERT INTO object_store.walks (name, position, lease, leased_until)
    VALUES ('collect-garbage', ${hashes[1]!}, gen_random_uuid(), now() + interval '1 minute')`)
  expect(await tasks.runOnce(collectGarbage.name)).toMatchObject({ setAside: 0 }) // somebody else is at it
  await db.run(sql`UPDATE object_store.walks SET leased_until = now()`)
  // The maps were looked at when the walk began, so that now nothing is free.
  expect(await tasks.runOnce(collectGarbage.name)).toMatchObject({ maps: 0, setAside: 0, again: 0 })
  expect(await tasks.runOnce(collectGarbage.name)).toMatchObject({ maps: 0 })
  await db.run(sql`UPDATE object_store.walks SET began_at = now() - interval '25 hours'`)
  expect(await tasks.runOnce(collectGarbage.name)).toMatchObject({ maps: 1, setAside: 4, again: 0 })
  await tasks.settle()
})

test('operators see what would go, and remove it', async ({ onTestFinished }) => {
  const { cloud, alice, files } = await openCloud(onTestFinished)
  const manage = commandLine(cloud)
  await put(alice, 'gone', randomContent(BLOCK + 1))
  await purge(alice, 'gone')
  const [would] = await manage.json('pithos-gc --dry-run --grace 0')
  expect(would).toEqual({ maps: '1', blocks: '2', bytes: String(BLOCK + 1), 'set aside': '0' })
  expect((await files.usage()).blocks).toBe(2)
  expect((await manage.json('pithos-gc'))[0]).toMatchObject({ maps: '0', blocks: '0' })
  const [done] = await manage.json('pithos-gc --grace 0')
  expect(done).toMatchObject({ maps: '1', blocks: '2', bytes: String(BLOCK + 1) })
  expect((await files.usage()).blocks).toBe(0)
  for (const grace of ['-1', 'x', "''"]) expect((await manage(`pithos-gc --grace ${grace}`)).status).toBe(2)
})
