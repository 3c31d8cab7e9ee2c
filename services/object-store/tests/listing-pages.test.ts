// What listings show, compared with a plain model: all names, filtered, folded and cut into pages.
import { raw, sql } from '@synnefo/lib/sql'
import type { OnTestFinished } from '@synnefo/lib/testing'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type ListingQuery, listObjects } from '../objects/list.ts'
import { findContainer } from '../store/containers.ts'
import type { EntryPage } from '../store/listings.ts'
import { rightTo } from '../store/rights.ts'
import { subjectsOf } from '../store/subjects.ts'
import { openAlice } from './alice.ts'

const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

const PLAIN: ListingQuery = {
  limit: 1000,
  marker: '',
  prefix: '',
  delimiter: '',
  path: '',
  metadata: undefined,
  shared: false,
  published: false,
  until: undefined,
  beginnings: undefined,
  namesOnly: false,
}

interface Made {
  name: string
  /** Of each version, the oldest first; `deleted` leaves a mark of deletion. */
  history?: ('made' | 'deleted')[]
  folder?: boolean
  metadata?: Record<string, string>
}

async function openWorld(onTestFinished: OnTestFinished) {
  const { cloud, alice } = await openAlice(onTestFinished)
  const { db, store } = cloud
  const find = async () => (await findContainer(db, alice.userId, 'pithos'))!
  const { id } = await find()
  /** The container then holds this and nothing else. Version `n` of each name was made `n` seconds after 1970. */
  async function fill(objects: readonly Made[]): Promise<void> {
    for (const table of ['versions', 'permissions', 'public_links']) await db.run(sql`DELETE FROM object_store.${raw(table)}`)
    const rows = objects.flatMap(({ name, history = ['made'], folder = false, metadata = {} }) =>
      history.map((what, i) => ({
        name,
        state: what === 'deleted' ? 'deleted' : i === history.length - 1 ? 'current' : 'history',
        type: folder ? 'application/directory' : 'text/plain',
        metadata: what === 'deleted' ? {} : metadata,
        at: i + 1,
      })),
    )
    rows.sort((a, b) => a.at - b.at)
    await db.run(sql`
      INSERT INTO object_store.versions (container_id, name, state, uuid, size_bytes, content_type, modified_by, metadata, created_at)
      SELECT ${id}::bigint, name, state, gen_random_uuid(), 0, type, '', metadata, to_timestamp(at)
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS made (name text, state text, type text, metadata jsonb, at float)`)
  }
  const share = (name: string, subject: string) =>
    db.run(sql`INSERT INTO object_store.permissions VALUES (${id}, ${name}, ${subject}, 'read') ON CONFLICT DO NOTHING`)
  const list = async (userId: string, query: Partial<ListingQuery>) =>
    listObjects(store, userId, await find(), { ...PLAIN, ...query })
  /** One page as entries, folders marked. */
  async function page(userId: string, query: Partial<ListingQuery>): Promise<string[]> {
    const { names, folders } = await list(userId, query)
    return names.map((name, i) => (folders?.[i] != null && folders[i] !== name ? `${folders[i]} …` : name))
  }
  /** All pages. */
  async function pages(userId: string, query: Partial<ListingQuery>): Promise<string[]> {
    const seen: string[] = []
    for (let marker = ''; ; ) {
      const some = await page(userId, { ...query, marker })
      expect(some.length).toBeLessThanOrEqual(query.limit!)
      seen.push(...some)
      if (some.length < query.limit!) return seen
      marker = some.at(-1)!.replace(/ …$/, '')
    }
  }
  return { cloud, alice, db, id, fill, share, list, page, pages }
}

/** Names folded as the query says. */
function folded(names: readonly string[], { prefix, delimiter, path }: { prefix: string; delimiter: string; path?: string }) {
  const entries: string[] = []
  let last: string | undefined
  for (const name of [...names].filter((each) => each.startsWith(prefix)).sort(bytes)) {
    const at = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length)
    const folder = at === -1 ? undefined : name.slice(0, at + delimiter.length)
    if (folder === undefined || (folder !== last && folder === name)) entries.push(name)
    else if (folder !== last && !path) entries.push(`${folder} …`)
    last = folder
  }
  return entries
}

const letters = fc.constantFrom('a', 'b', '/', '//', '\x7f', '\ue000', '\u{10000}', '\u{10ffff}')
const name = fc.string({ unit: letters, minLength: 1, maxLength: 5 })
const names = fc.uniqueArray(name, { maxLength: 14 })
const shape = fc.record({
  prefix: fc.constantFrom('', 'a', 'a/', 'b', '\u{10000}', '\u{10ffff}'),
  delimiter: fc.constantFrom('', '/', '//', 'a', 'ab', '\u{10ffff}'),
  limit: fc.integer({ min: 1, max: 5 }),
})

/** As a query says it: without slashes in front, and with the delimiter behind. */
function asked({ prefix, delimiter }: { prefix: string; delimiter: string }) {
  const open = prefix !== '' && delimiter !== '' && !prefix.endsWith(delimiter)
  return { prefix: open ? prefix + delimiter : prefix, delimiter }
}

test('pages show every entry once and in order, whatever prefix, delimiter and limit', async ({ onTestFinished }) => {
  const { alice, fill, page, pages } = await openWorld(onTestFinished)
  await fc.assert(
    fc.asyncProperty(names, shape, fc.option(name), async (made, query, marker) => {
      await fill(made.map((each) => ({ name: each })))
      const all = folded(made, asked(query))
      expect(await pages(alice.userId, query)).toEqual(all)
      if (marker === null) return
      const { prefix, delimiter } = asked(query)
      const at = delimiter === '' || !marker.startsWith(prefix) ? -1 : marker.indexOf(delimiter, prefix.length)
      const passed = at === -1 ? undefined : marker.slice(0, at + delimiter.length)
      const after = all.filter((entry) => {
        const plain = entry.replace(/ …$/, '')
        return bytes(plain, marker) > 0 && !(passed !== undefined && plain.startsWith(passed))
      })
      expect(await page(alice.userId, { ...query, marker })).toEqual(after.slice(0, query.limit))
    }),
    { numRuns: 150 },
  )
})

test('a path shows what lies in it directly', async ({ onTestFinished }) => {
  const { alice, fill, pages } = await openWorld(onTestFinished)
  await fc.assert(
    fc.asyncProperty(names, fc.constantFrom('/', 'a', 'a/', '/b'), async (made, path) => {
      await fill(made.map((each) => ({ name: each })))
      const { prefix, delimiter } = asked({ prefix: path.replace(/^\/+/, ''), delimiter: '/' })
      expect(await pages(alice.userId, { path, limit: 2 })).toEqual(folded(made, { prefix, delimiter, path }))
    }),
    { numRuns: 50 },
  )
})

test('long runs of names and many folders are listed alike', async ({ onTestFinished }) => {
  const { alice, fill, pages } = await openWorld(onTestFinished)
  const made = Array.from({ length: 900 }, (_, i) => (i % 7 === 0 || (i > 300 && i < 600) ? `n${i}` : `d${i % 50}/n${i}`))
  await fill(made.map((each) => ({ name: each })))
  for (const limit of [1000, 300, 37])
    expect(await pages(alice.userId, { delimiter: '/', limit })).toEqual(folded(made, { prefix: '', delimiter: '/' }))
  expect(await pages(alice.userId, { limit: 1000 })).toEqual([...made].sort(bytes))
})

test.each([
  ['alike', sql`'text/plain'`, sql`'alice'`, sql`sha256('data')`, sql`to_timestamp(1)`],
  [
    'different',
    sql`'text/' || name`,
    sql`left(name, 3)`,
    sql`sha256(name::bytea)`,
    sql`to_timestamp(1764124000.000001) + random() * interval '100 years'`,
  ],
  [
    'sometimes without a hash, or odd',
    sql`name`,
    sql`''`,
    sql`CASE WHEN name < 'd' THEN sha256(name::bytea) END`,
    sql`'1969-12-31 23:59:59.999999Z'`,
  ],
])('a page tells of each object what is stored of it, be they %s', async (_how, type, writer, hash, time) => {
  const { cloud, alice, fill, list } = await openWorld(onTestFinished)
  await fill(['a\x7f', 'b "', 'c\n,', 'd', 'e/1', 'e/2', 'f'].map((each) => ({ name: each })))
  await cloud.db.run(sql`
    UPDATE object_store.versions SET content_type = ${type}, modified_by = ${writer}, hash = ${hash}, created_at = ${time},
      size_bytes = length(name), available = length(name) % 2`)
  const stored = await cloud.db.any<Record<string, string>>(sql`
    SELECT name, content_type, modified_by, coalesce(encode(hash, 'hex'), '') AS hash, size_bytes::text AS size, uuid::text, id::text,
      (extract(epoch FROM created_at) * 1000000)::bigint::text AS micros, available::text AS available
    FROM object_store.versions ORDER BY name`)
  const told = ({ names, folders, objects }: EntryPage) =>
    names.flatMap((name, i) => {
      if (folders?.[i] && folders[i] !== name) return []
      const { contentTypes, modifiers, hashes, sizes, uuids, ids, times, availability } = objects!
      return [
        {
          name,
          content_type: contentTypes[i],
          modified_by: modifiers[i],
          hash: hashes[i],
          size: sizes[i],
          uuid: uuids[i],
          id: ids[i],
          micros: String(times[i]),
          available: availability[i],
        },
      ]
    })
  expect(told(await list(alice.userId, {}))).toEqual(stored)
  expect(told(await list(alice.userId, { delimiter: '/' }))).toEqual(stored.filter(({ name }) => !name!.startsWith('e/')))
})

test('a listing of a moment shows what was there then', async ({ onTestFinished }) => {
  const { alice, fill, pages } = await openWorld(onTestFinished)
  const object = fc.record({
    name,
    history: fc.array(fc.constantFrom<'made' | 'deleted'>('made', 'made', 'deleted'), { minLength: 1, maxLength: 4 }),
  })
  const objects = fc.uniqueArray(object, { selector: ({ name }) => name, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(objects, shape, fc.integer({ min: 1, max: 12 }), async (made, query, halfSeconds) => {
      await fill(made)
      const until = halfSeconds / 2
      const then = made.filter(({ history }) => history.filter((_, i) => i + 1 < until).at(-1) === 'made')
      expect(await pages(alice.userId, { ...query, until })).toEqual(
        folded(
          then.map((each) => each.name),
          asked(query),
        ),
      )
    }),
    { numRuns: 100 },
  )
})

test('another person sees what he may read, and nothing else', async ({ onTestFinished }) => {
  const { cloud, db, id, alice, fill, share, pages } = await openWorld(onTestFinished)
  const [bob, carol] = [await cloud.user(), await cloud.user()]
  await db.run(sql`INSERT INTO object_store.groups VALUES (${carol.userId}, 'friends', ${bob.userId})`)
  const subjects = [bob.userId, carol.userId, '*', `${carol.userId}:friends`, `${carol.userId}:foes`]
  const object = fc.record({
    name,
    folder: fc.boolean(),
    sharedWith: fc.subarray(subjects, { maxLength: 2 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(object, { selector: ({ name }) => name, maxLength: 12 }), shape, async (made, query) => {
      await fill(made)
      for (const each of made) for (const subject of each.sharedWith) await share(each.name, subject)
      const readable = await db.any<{ name: string; mine: boolean; shared: boolean }>(sql`
        SELECT name, ${rightTo(subjectsOf(bob.userId), sql`versions.container_id`, sql`versions.name`)} IS NOT NULL AS mine,
          ${rightTo(sql`${subjects}::text[]`, sql`versions.container_id`, sql`versions.name`)} IS NOT NULL AS shared
        FROM object_store.versions WHERE container_id = ${id}`)
      const those = (filter: 'mine' | 'shared') =>
        folded(
          readable.filter((each) => each[filter]).map((each) => each.name),
          asked(query),
        )
      expect(await pages(bob.userId, query)).toEqual(those('mine'))
      expect(await pages(bob.userId, { ...query, shared: true })).toEqual(those('mine'))
      expect(await pages(alice.userId, { ...query, shared: true })).toEqual(those('shared'))
    }),
    { numRuns: 100 },
  )
})

test('a metadata query shows what fits it, through the index as well as without', async ({ onTestFinished }) => {
  const { db, id, alice, fill, pages } = await openWorld(onTestFinished)
  const key = fc.constantFrom('X-Object-Meta-A', 'X-Object-Meta-B', 'X-Object-Meta-C')
  const value = fc.constantFrom('1', '10', '2', 'é', '\ue000', '\u{10000}')
  const object = fc.record({ name, metadata: fc.dictionary(key, value, { maxKeys: 3 }) })
  const comparison = fc.record({ key, operator: fc.constantFrom('=' as const, '!=', '<', '<=', '>', '>='), value })
  const filter = fc.record({
    some: fc.uniqueArray(key, { maxLength: 2 }),
    none: fc.uniqueArray(key, { maxLength: 1 }),
    all: fc.array(comparison, { maxLength: 2 }),
  })
  const asksSomething = filter.filter(({ some, none, all }) => some.length + none.length + all.length > 0)
  const holds = { '=': [0], '!=': [-1, 1], '<': [-1], '<=': [-1, 0], '>': [1], '>=': [0, 1] }
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(object, { selector: ({ name }) => name, maxLength: 10 }),
      shape,
      asksSomething,
      fc.boolean(),
      async (made, query, metadata, common) => {
        await fill(made)
        await db.run(sql`DELETE FROM object_store.container_keys`)
        if (common)
          await db.run(sql`
            INSERT INTO object_store.container_keys
            SELECT ${id}::bigint, 'X-Object-Meta-' || key, 1000000 FROM unnest(ARRAY['A', 'B', 'C']) AS key`)
        const fits = made.filter(
          ({ metadata: has }) =>
            (metadata.some.length === 0 || metadata.some.some((each) => each in has)) &&
            metadata.none.every((each) => !(each in has)) &&
            metadata.all.every((each) => each.key in has && holds[each.operator].includes(bytes(has[each.key]!, each.value))),
        )
        const expected = folded(
          fits.map((each) => each.name),
          asked(query),
        )
        expect(await pages(alice.userId, { ...query, metadata })).toEqual(expected)
        expect(await pages(alice.userId, { ...query, metadata, until: 5 })).toEqual(expected)
      },
    ),
    { numRuns: 150 },
  )
})

test('what is published and what is shared are shown together, each once', async ({ onTestFinished }) => {
  const { db, id, alice, fill, share, pages } = await openWorld(onTestFinished)
  const object = fc.record({ name, folder: fc.boolean(), shared: fc.boolean(), published: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(object, { selector: ({ name }) => name, maxLength: 10 }), shape, async (made, query) => {
      await fill(made)
      for (const each of made) {
        if (each.shared) await share(each.name, '*')
        if (each.published)
          await db.run(
            sql`INSERT INTO object_store.public_links (id, container_id, name) VALUES (gen_random_uuid(), ${id}, ${each.name})`,
          )
      }
      const shared = await db.any<{ name: string }>(sql`
        SELECT name FROM object_store.versions
        WHERE ${rightTo(sql`ARRAY['*']`, sql`versions.container_id`, sql`versions.name`)} IS NOT NULL`)
      const published = made.filter((each) => each.published).map((each) => each.name)
      const either = [...new Set([...published, ...shared.map((each) => each.name)])]
      expect(await pages(alice.userId, { ...query, published: true })).toEqual(folded(published, asked(query)))
      expect(await pages(alice.userId, { ...query, published: true, shared: true })).toEqual(folded(either, asked(query)))
    }),
    { numRuns: 50 },
  )
})
