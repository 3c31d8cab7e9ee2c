// A page of a listing that was asked for before is sent again as it was, until something in the container changes.
import { sql } from '@synnefo/lib/sql'
import { expect, onTestFinished, test } from 'vitest'
import { openKeptPages } from '../objects/kept-pages.ts'
import { foldChanges } from '../store/statistics.ts'
import { markAvailable } from '../store/versions.ts'
import { mergeAccounts } from '../upkeep/accounts.ts'
import { openAlice, put, TEXT } from './alice.ts'

type Opened = Awaited<ReturnType<typeof openAlice>>

const PAGE = 'pithos?format=json&limit=1000'
const to = (path: string) => ({ headers: { Destination: path } })
const bytes = { 'Content-Type': 'application/octet-stream', 'Content-Range': 'bytes 0-0/*' }
const share = ({ alice }: Opened, sharing: string) =>
  alice.send('POST', 'pithos/a?update', { headers: { 'X-Object-Sharing': sharing } })

/** Every kind of change, each to the same beginning. The listing must look different after it. */
const CHANGES: Record<string, (opened: Opened) => Promise<unknown>> = {
  'an upload': ({ alice }) => put(alice, 'new', 'x'),
  'an upload over something': ({ alice }) => put(alice, 'a', 'other'),
  'the same upload again': ({ alice }) => put(alice, 'a', 'a'),
  metadata: ({ alice }) => alice.send('POST', 'pithos/a?update', { headers: { ...TEXT, 'X-Object-Meta-B': 'c' } }),
  'part of the data': ({ alice }) => alice.send('POST', 'pithos/a?update', { headers: bytes, body: 'z' }),
  'a copy': ({ alice }) => alice.send('COPY', 'pithos/a', to('/pithos/copied')),
  'a copy from elsewhere': ({ alice }) => alice.send('COPY', 'other/o', to('/pithos/copied')),
  'a move away': ({ alice }) => alice.send('MOVE', 'pithos/a', to('/other/a')),
  'a folder that is moved': ({ alice }) => alice.send('MOVE', 'pithos/dir?delimiter=/', to('/pithos/moved')),
  'a deletion': ({ alice }) => alice.send('DELETE', 'pithos/a'),
  'a folder that is deleted': ({ alice }) => alice.send('DELETE', 'pithos/dir?delimiter=/'),
  'everything deleted': ({ alice }) => alice.send('DELETE', 'pithos?delimiter=/'),
  'a purge': ({ alice }) => alice.send('DELETE', 'pithos/a?until=4000000000'),
  'a restore': async ({ alice, cloud }) => {
    const { at } = await cloud.db.one<{ at: string }>(sql`SELECT extract(epoch FROM clock_timestamp())::text AS at`)
    await put(alice, 'a', 'other')
    await alice.send('GET', PAGE)
    expect((await alice.send('POST', `pithos?restore&until=${at}`)).status).toBeLessThan(300)
  },
  sharing: (opened) => share(opened, 'read=*'),
  'a public link': ({ alice }) => alice.send('POST', 'pithos/a?update', { headers: { 'X-Object-Public': 'true' } }),
  'data that is found to be there': async ({ alice, cloud: { db } }) => {
    const { id } = await db.one<{ id: bigint }>(sql`
      UPDATE object_store.versions SET available = 0 WHERE name = 'a' AND state = 'current' RETURNING id`)
    await put(alice, 'elsewhere', 'x')
    await alice.send('GET', PAGE)
    await markAvailable(db, id)
  },
  'the container made anew': async ({ alice }) => {
    await alice.send('DELETE', 'pithos?delimiter=/')
    await alice.send('DELETE', 'pithos')
    await alice.send('PUT', 'pithos')
  },
  'changes that are folded': async ({ alice, cloud }) => {
    await put(alice, 'new', 'x')
    await foldChanges(cloud.db)
  },
  'an account that is merged in': async ({ alice, cloud }) => {
    const bob = await cloud.user()
    await bob.send('PUT', 'pithos')
    await put(bob, 'of-bob', 'x')
    await mergeAccounts(cloud.store, { source: bob.userId, destination: alice.userId }, { dry: false })
  },
}

test.each(Object.keys(CHANGES))('a listing shows it at once: %s', async (what) => {
  const opened = await openAlice(onTestFinished)
  const { alice } = opened
  await alice.send('PUT', 'other')
  for (const name of ['a', 'dir', 'dir/b', 'dir/c']) await put(alice, name, name)
  await alice.send('PUT', 'other/o', { headers: TEXT, body: 'o' })
  const before = (await alice.send('GET', PAGE)).text
  expect((await alice.send('GET', PAGE)).text).toBe(before)
  await CHANGES[what]!(opened)
  const after = (await alice.send('GET', PAGE)).text
  expect(after).not.toBe(before)
  // A question that was never asked is answered from the tables.
  expect(after).toBe((await alice.send('GET', `${PAGE.replace('1000', '999')}`)).text)
})

test('sharing that ends leaves the page as it was', async ({ onTestFinished }) => {
  const opened = await openAlice(onTestFinished)
  const { alice } = opened
  await put(alice, 'a', 'a')
  const before = (await alice.send('GET', PAGE)).text
  await share(opened, 'read=*')
  expect((await alice.send('GET', PAGE)).text).toContain('x_object_sharing')
  await share(opened, '')
  expect((await alice.send('GET', PAGE)).text).toBe(before)
})

test('a page that stands is not read again, and each person and question has its own', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'a', 'a')
  const pages = [
    'format=json',
    'format=xml',
    'format=json&prefix=b',
    'format=json&marker=a',
    'format=json&delimiter=/',
    'limit=5',
  ]
  const ask = async () => {
    const answers = []
    for (const page of pages) answers.push((await alice.send('GET', `pithos?${page}`)).text)
    return answers
  }
  const before = await ask()
  expect(new Set(before).size).toBe(4) // nothing begins with b, and nothing comes after a; there are no folders
  // Behind its back.
  await cloud.db.run(sql`UPDATE object_store.versions SET content_type = 'text/changed' WHERE name = 'a'`)
  expect(await ask()).toEqual(before)
  await foldChanges(cloud.db)
  expect(await ask()).toEqual(before)
  await put(alice, 'b', 'b')
  expect(await ask()).not.toEqual(before)
  const bob = await cloud.user()
  expect((await bob.send('GET', `/${alice.userId}/pithos?format=json`)).status).toBe(403)
})

test('the pages used last are kept, within a bound', () => {
  const most = 100_000
  const pages = openKeptPages(most)
  const container = { id: 1n, changes: 1n, changedAt: new Date(5), modifiedAt: new Date(0) }
  const page = Buffer.alloc(24_000, 'x')
  for (const question of ['a', 'b', 'c', 'd']) pages.keep(container, question, page)
  expect(pages.find(container, 'a')).toEqual(page)
  pages.keep(container, 'e', page)
  const kept = ['a', 'b', 'c', 'd', 'e'].filter((question) => pages.find(container, question))
  expect(kept).toEqual(['a', 'c', 'd', 'e'])
  pages.keep(container, 'large', Buffer.alloc(most / 4))
  expect(pages.find(container, 'large')).toBeUndefined()
  const others = [{ changes: 2n }, { changedAt: new Date(6) }, { modifiedAt: new Date(1) }, { id: 2n }]
  for (const other of others) expect(pages.find({ ...container, ...other }, 'a'), Object.keys(other)[0]).toBeUndefined()
})

test('pages without anything in them take room too', () => {
  const pages = openKeptPages(100_000)
  const container = { id: 1n, changes: 1n, changedAt: new Date(0), modifiedAt: new Date(0) }
  const questions = Array.from({ length: 1000 }, (_, n) => `${n} ${'x'.repeat(100)}`)
  for (const question of questions) pages.keep(container, question, Buffer.alloc(0))
  const kept = questions.filter((question) => pages.find(container, question))
  expect(kept.length).toBeGreaterThan(50)
  expect(kept.length).toBeLessThan(150)
  pages.keep(container, 'x'.repeat(1001), Buffer.alloc(0))
  expect(pages.find(container, 'x'.repeat(1001))).toBeUndefined()
})
