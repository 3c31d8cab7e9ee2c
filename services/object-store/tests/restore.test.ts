import { type Db, sql } from '@synnefo/lib/sql'
import { expect, test } from 'vitest'
import type { TestClient } from '../testing.ts'
import { list, openAlice, put } from './alice.ts'
import { expectFiguresToAddUp, momentOf } from './moments.ts'
import { numbersFrom } from './numbers.ts'

async function restore(who: TestClient, path: string, query: string) {
  const answer = await who.send('POST', `${path}?restore&${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.json()
}

const uuidOf = async (who: TestClient, name: string) => (await who.send('HEAD', `pithos/${name}`)).headers['x-object-uuid']

test('a container becomes what it was at a moment, and what that undoes is history', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'same', 'same')
  await put(alice, 'changed', 'old', { 'X-Object-Meta-Colour': 'red', 'Content-Type': 'text/x-old' })
  await put(alice, 'folder/gone', 'gone')
  const uuids = { changed: await uuidOf(alice, 'changed'), gone: await uuidOf(alice, 'folder/gone') }
  const then = await momentOf(cloud.db)
  await put(alice, 'changed', 'new and longer')
  await alice.send('DELETE', 'pithos/folder/gone')
  await put(alice, 'new', 'new', { 'X-Object-Sharing': 'read=*' })
  const later = await momentOf(cloud.db)

  expect(await restore(alice, 'pithos', `until=${then}`)).toEqual({ restored: 2, deleted: 1, unchanged: 1, kept: 0 })
  expect(await list(alice, '')).toEqual(['changed', 'folder/gone', 'same'])
  const changed = await alice.send('GET', 'pithos/changed')
  expect([changed.text, changed.headers['content-type']]).toEqual(['old', 'text/x-old'])
  expect(changed.headers['x-object-meta-colour']).toBe('red')
  expect({ changed: await uuidOf(alice, 'changed'), gone: await uuidOf(alice, 'folder/gone') }).toEqual(uuids)
  expect((await alice.send('HEAD', '')).headers['x-account-bytes-used']).toBe('11')
  expect(await cloud.db.any(sql`SELECT FROM object_store.permissions`)).toEqual([])

  // Once more changes nothing; and back again.
  expect(await restore(alice, 'pithos', `until=${then}`)).toEqual({ restored: 0, deleted: 0, unchanged: 3, kept: 0 })
  expect(await restore(alice, 'pithos', `until=${later}`)).toEqual({ restored: 2, deleted: 1, unchanged: 1, kept: 0 })
  expect(await list(alice, '')).toEqual(['changed', 'new', 'same'])
  expect((await alice.send('GET', 'pithos/changed')).text).toBe('new and longer')
  await expectFiguresToAddUp(cloud.db)
})

test('a folder or an object is restored without what lies beside it', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  for (const name of ['a', 'a/1', 'a/2', 'ab', 'b']) await put(alice, name, 'old')
  const then = await momentOf(cloud.db)
  for (const name of ['a', 'a/1', 'ab', 'b', 'a/new']) await put(alice, name, 'new')
  await alice.send('DELETE', 'pithos/a/2')
  const contents = async () => {
    const names = await list(alice, '')
    return Promise.all(names.map(async (name) => `${name} ${(await alice.send('GET', `pithos/${name}`)).text}`))
  }
  expect(await restore(alice, 'pithos/a/2', `until=${then}`)).toEqual({ restored: 1, deleted: 0, unchanged: 0, kept: 0 })
  expect(await contents()).toEqual(['a new', 'a/1 new', 'a/2 old', 'a/new new', 'ab new', 'b new'])
  expect(await restore(alice, 'pithos/a', `until=${then}&delimiter=/&keep=new`)).toEqual({
    restored: 2,
    deleted: 0,
    unchanged: 1,
    kept: 1,
  })
  expect(await contents()).toEqual(['a old', 'a/1 old', 'a/2 old', 'a/new new', 'ab new', 'b new'])
  expect(await restore(alice, 'pithos/a/', `until=${then}&delimiter=/`)).toEqual({
    restored: 0,
    deleted: 1,
    unchanged: 2,
    kept: 0,
  })
  expect(await contents()).toEqual(['a old', 'a/1 old', 'a/2 old', 'ab new', 'b new'])

  for (const [path, status] of [
    ['pithos/none', 404],
    ['none', 404],
    ['none/a', 404],
  ] as const)
    expect([path, (await alice.send('POST', `${path}?restore&until=${then}`)).status]).toEqual([path, status])
  for (const query of ['', 'until=', 'until=yesterday', 'until=-1', `until=${then}&keep=all`, `until=${then}&delimiter=%00`])
    expect([query, (await alice.send('POST', `pithos/a?restore&${query}`)).status]).toEqual([query, 400])
})

test('a moment before the container was made empties nothing', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const then = await momentOf(cloud.db)
  await alice.send('PUT', 'later')
  await alice.send('PUT', 'later/o', { headers: { 'Content-Type': 'text/plain' }, body: 'stays' })
  for (const query of ['until=1', `until=${then}`, 'until=1&keep=new']) {
    const answer = await alice.send('POST', `later?restore&${query}`)
    expect([query, answer.status, answer.text]).toEqual([query, 404, expect.stringContaining('did not exist at that moment')])
  }
  expect((await alice.send('GET', 'later/o')).text).toBe('stays')
})

test('what is not known to be new is not deleted', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'purged', 'old')
  const then = await momentOf(cloud.db)
  await put(alice, 'purged', 'new')
  await alice.send('DELETE', `pithos/purged?until=${then}`)
  await put(alice, 'new', 'new')
  expect(await restore(alice, 'pithos', `until=${then}`)).toEqual({ restored: 0, deleted: 0, unchanged: 0, kept: 2 })

  const past = { headers: { 'X-Container-Policy-Versioning': 'none' } }
  await alice.send('PUT', 'forgetful', past)
  const send = (method: string, name: string, body?: string) =>
    alice.send(method, `forgetful/${name}`, { headers: { 'Content-Type': 'text/plain' }, ...(body ? { body } : {}) })
  await send('PUT', 'o', 'old')
  await send('PUT', 'deleted', 'old')
  await send('DELETE', 'deleted')
  const before = await momentOf(cloud.db)
  await send('PUT', 'o', 'new')
  await send('PUT', 'deleted', 'new')
  // Neither is on record: whether `o` was there, nor that `deleted` was not.
  expect(await restore(alice, 'forgetful', `until=${before}`)).toEqual({ restored: 0, deleted: 0, unchanged: 0, kept: 2 })
  await alice.send('POST', 'forgetful?update', { headers: { 'X-Container-Policy-Versioning': 'auto' } })
  expect(await restore(alice, 'forgetful', `until=${before}`)).toEqual({ restored: 0, deleted: 0, unchanged: 0, kept: 2 })
  const known = await momentOf(cloud.db)
  await send('PUT', 'later', 'new')
  expect(await restore(alice, 'forgetful', `until=${known}`)).toEqual({ restored: 0, deleted: 1, unchanged: 2, kept: 0 })
  await expectFiguresToAddUp(cloud.db)
})

test('restoring beyond a limit is refused and changes nothing', async ({ onTestFinished }) => {
  const { cloud } = await openAlice(onTestFinished)
  const carol = await cloud.user({ limits: { 'pithos.diskspace': 100n } })
  await carol.send('PUT', 'pithos')
  await put(carol, 'a', 'x'.repeat(60))
  await put(carol, 'b', 'x'.repeat(30))
  const then = await momentOf(cloud.db)
  await carol.send('DELETE', 'pithos/a')
  await put(carol, 'b', 'x')
  await carol.send('PUT', 'other')
  await carol.send('PUT', 'other/c', { headers: { 'Content-Type': 'text/plain' }, body: 'x'.repeat(50) })
  expect((await carol.send('POST', `pithos?restore&until=${then}`)).status).toBe(413)
  expect(await list(carol, '')).toEqual(['b'])
  await carol.send('DELETE', 'other/c')
  await carol.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Quota': '80' } })
  expect((await carol.send('POST', `pithos?restore&until=${then}`)).status).toBe(413)
  expect(await list(carol, '')).toEqual(['b'])
  await carol.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Quota': '90' } })
  expect(await restore(carol, 'pithos', `until=${then}`)).toMatchObject({ restored: 2 })
  expect((await carol.send('HEAD', '')).headers['x-account-bytes-used']).toBe('90')
  await expectFiguresToAddUp(cloud.db)
})

test('an object that lives on elsewhere is not there twice', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'a', 'data')
  const uuid = await uuidOf(alice, 'a')
  const then = await momentOf(cloud.db)
  await alice.send('MOVE', 'pithos/a', { headers: { Destination: '/pithos/b' } })
  expect(await restore(alice, 'pithos/a', `until=${then}`)).toMatchObject({ restored: 1 })
  expect(await uuidOf(alice, 'b')).toBe(uuid)
  expect(await uuidOf(alice, 'a')).not.toBe(uuid)
  await alice.send('DELETE', 'pithos/a')
  // With the whole container the move is undone, and it is the same object again.
  expect(await restore(alice, 'pithos', `until=${then}`)).toEqual({ restored: 1, deleted: 1, unchanged: 0, kept: 0 })
  expect(await uuidOf(alice, 'a')).toBe(uuid)
})

test('only the owner restores, with a token that may change all of it', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  await put(alice, 'logs/o', 'data', { 'X-Object-Sharing': 'write=*' })
  const until = await momentOf(cloud.db)
  for (const account of [alice.userId, '00000000-0000-4000-8000-000000000000'])
    for (const path of ['pithos', 'pithos/logs/o', 'pithos/none'])
      expect([path, (await bob.send('POST', `/${account}/${path}?restore&until=${until}`)).status]).toEqual([path, 403])
  const robot = await cloud.withToken(alice, ['object-store/pithos/logs/'])
  for (const [path, status] of [
    ['pithos', 403],
    ['pithos/logs', 403],
    ['pithos/logs/o', 200],
  ] as const)
    expect([path, (await robot.send('POST', `${path}?update&restore&until=${until}`)).status]).toEqual([path, status])
  const reader = await cloud.withToken(alice, ['object-store:read'])
  expect((await reader.send('POST', `pithos/logs/o?restore&until=${until}`)).status).toBe(403)
})

/** What a container holds, by name: content and metadata of each object. */
async function stateOf(db: Db, until?: string): Promise<unknown[]> {
  const moment = until === undefined ? sql`'infinity'` : sql`to_timestamp(${until}::numeric)`
  return db.any(sql`
    SELECT name, hash, size_bytes, content_type, metadata FROM (
      SELECT DISTINCT ON (name) * FROM object_store.versions WHERE created_at < ${moment} ORDER BY name, id DESC) last
    WHERE state <> 'deleted' ORDER BY name`)
}

test.for([1, 2, 3])(
  'after any history, restoring to any moment gives what was there then (%i)',
  async (seed, { onTestFinished }) => {
    const { cloud, alice } = await openAlice(onTestFinished)
    const random = numbersFrom(seed)
    const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]!
    const names = ['a', 'a/x', 'a/y', 'b', 'b/x', 'ab']
    const steps: (() => Promise<unknown>)[] = [
      () => put(alice, pick(names), pick(['', 'one', 'two two']), { 'X-Object-Meta-N': String(Math.floor(random() * 3)) }),
      () => alice.send('DELETE', `pithos/${pick(names)}`),
      () => alice.send('MOVE', `pithos/${pick(names)}`, { headers: { Destination: `/pithos/${pick(names)}` } }),
      () => alice.send('COPY', `pithos/${pick(names)}`, { headers: { Destination: `/pithos/${pick(names)}` } }),
      () => alice.send('MOVE', 'pithos/a?delimiter=/', { headers: { Destination: '/pithos/b' } }),
      () => alice.send('COPY', 'pithos/b?delimiter=/', { headers: { Destination: '/pithos/a' } }),
      () => alice.send('DELETE', 'pithos/b?delimiter=/'),
      () => alice.send('POST', `pithos/${pick(names)}?update`, { headers: { 'X-Object-Meta-N': 'posted' } }),
    ]
    const moments: { at: string; state: unknown[] }[] = []
    for (let step = 0; step < 40; step += 1) {
      moments.push({ at: await momentOf(cloud.db), state: await stateOf(cloud.db) })
      await pick([...steps, steps[0]!, steps[0]!])()
    }
    for (let round = 0; round < 6; round += 1) {
      const { at, state } = pick(moments)
      expect(await stateOf(cloud.db, at)).toEqual(state)
      await restore(alice, 'pithos', `until=${at}`)
      expect(await stateOf(cloud.db)).toEqual(state)
      expect(await restore(alice, 'pithos', `until=${at}`)).toEqual({ restored: 0, deleted: 0, unchanged: state.length, kept: 0 })
      moments.push({ at: await momentOf(cloud.db), state })
    }
    await expectFiguresToAddUp(cloud.db)
  },
)
