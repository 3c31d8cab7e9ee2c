// Who may do what with an object, by all that is shared on it and above it.
import { sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accessTo } from '../access.ts'
import { migrations } from '../index.ts'
import { findContainer } from '../store/containers.ts'
import { setPermissions } from '../store/permissions.ts'
import { rightTo } from '../store/rights.ts'
import { subjectsOf } from '../store/subjects.ts'

const OWNER = 'owner'
const BOB = 'bob'

interface World {
  /** Content types of current objects, by name. */
  objects: Record<string, string>
  /** Permissions by path. */
  shared: Record<string, { read?: string[]; write?: string[] }>
}

const FOLDER = 'application/directory'

/** Object asked about, what there is, and what Bob, who is in the group owner:friends, may. */
const TABLE: [string, string, World, 'read' | 'write' | undefined][] = [
  ['nothing is shared', 'a', { objects: { a: '' }, shared: {} }, undefined],
  ['the object itself', 'a', { objects: { a: '' }, shared: { a: { read: [BOB] } } }, 'read'],
  ['to everybody', 'a', { objects: { a: '' }, shared: { a: { write: ['*'] } } }, 'write'],
  ['to a group', 'a', { objects: { a: '' }, shared: { a: { read: ['owner:friends'] } } }, 'read'],
  ['to another group', 'a', { objects: { a: '' }, shared: { a: { read: ['owner:foes'] } } }, undefined],
  ['to somebody else', 'a', { objects: { a: '' }, shared: { a: { read: ['carol'] } } }, undefined],
  ['read and write', 'a', { objects: { a: '' }, shared: { a: { read: ['*'], write: ['owner:friends'] } } }, 'write'],
  ['a folder above', 'd/a', { objects: { d: FOLDER, 'd/a': '' }, shared: { d: { read: [BOB] } } }, 'read'],
  ['a name that is not there yet', 'd/new', { objects: { d: FOLDER }, shared: { d: { write: [BOB] } } }, 'write'],
  ['a folder with a slash', 'd/a', { objects: { 'd/': FOLDER }, shared: { 'd/': { read: [BOB] } } }, 'read'],
  ['a folder two levels above', 'd/e/a', { objects: { d: FOLDER }, shared: { d: { read: [BOB] } } }, 'read'],
  ['the other type of folders', 'd/a', { objects: { d: 'application/folder; x=y' }, shared: { d: { read: [BOB] } } }, 'read'],
  ['what is above is no folder', 'd/a', { objects: { d: 'text/plain' }, shared: { d: { read: [BOB] } } }, undefined],
  ['what is above is not there', 'd/a', { objects: {}, shared: { d: { read: [BOB] } } }, undefined],
  ['a name that begins alike', 'dirx', { objects: { dir: FOLDER }, shared: { dir: { read: [BOB] } } }, undefined],
  [
    'the closest decides alone',
    'd/e/a',
    { objects: { d: FOLDER, 'd/e': FOLDER }, shared: { d: { write: ['*'] }, 'd/e': { read: ['*'] } } },
    'read',
  ],
  [
    'the closest shuts out',
    'd/e/a',
    { objects: { d: FOLDER, 'd/e': FOLDER }, shared: { d: { write: [BOB] }, 'd/e': { read: ['carol'] } } },
    undefined,
  ],
  [
    'the object shuts out',
    'd/a',
    { objects: { d: FOLDER }, shared: { d: { write: [BOB] }, 'd/a': { read: ['carol'] } } },
    undefined,
  ],
  [
    'with a slash is closer than without',
    'd/a',
    { objects: { d: FOLDER, 'd/': FOLDER }, shared: { d: { write: [BOB] }, 'd/': { read: [BOB] } } },
    'read',
  ],
  [
    'one that is no folder is passed over',
    'd/e/a',
    { objects: { d: FOLDER, 'd/e': '' }, shared: { d: { read: [BOB] }, 'd/e': { write: [BOB] } } },
    'read',
  ],
  [
    'wild characters mean nothing',
    'axc/o',
    { objects: { 'a%c': FOLDER, a_c: FOLDER }, shared: { a_c: { read: [BOB] } } },
    undefined,
  ],
  ['a doubled slash', 'd//a', { objects: { d: FOLDER }, shared: { d: { read: [BOB] } } }, 'read'],
]

async function openWorld(onTestFinished: Parameters<typeof openTestDatabase>[0]) {
  const db = await openTestDatabase(onTestFinished, [migrations])
  await db.run(sql`INSERT INTO object_store.accounts (id) VALUES (${OWNER})`)
  await db.run(sql`INSERT INTO object_store.groups VALUES (${OWNER}, 'friends', ${BOB}), (${OWNER}, 'foes', 'carol')`)
  let worlds = 0
  /** What Bob may with an object, and the path that decides, once as rules ask and once as queries over many objects do. */
  async function askIn({ objects, shared }: World, names: readonly string[]) {
    worlds += 1
    const container = `c${worlds}`
    await db.run(sql`
      INSERT INTO object_store.containers (account, name, quota_bytes, versioning, project) VALUES (${OWNER}, ${container}, 0, 'auto', 'p')`)
    const { id } = (await findContainer(db, OWNER, container))!
    await db.transaction(async (tx) => {
      for (const [name, type] of Object.entries(objects)) {
        await tx.run(sql`
          INSERT INTO object_store.versions (container_id, name, state, uuid, size_bytes, content_type, modified_by)
          VALUES (${id}, ${name}, 'current', gen_random_uuid(), 0, ${type}, ${OWNER})`)
      }
      for (const [name, { read = [], write = [] }] of Object.entries(shared)) await setPermissions(tx, id, name, { read, write })
    })
    const row = (await findContainer(db, OWNER, container))!
    const many = await db.any<{ right: string | null }>(sql`
      SELECT ${rightTo(subjectsOf(BOB), sql`asked.container`, sql`asked.name`)} AS right
      FROM (SELECT ${id}::bigint AS container, name, place FROM unnest(${names as string[]}::text[]) WITH ORDINALITY AS n(name, place)) asked
      ORDER BY place`)
    return Promise.all(
      names.map(async (name, i) => {
        const { right, sharing, owner } = await accessTo(db, BOB, row, name)
        expect(owner).toBe(false)
        expect([name, many[i]!.right ?? undefined]).toEqual([name, right])
        return { right, by: sharing?.name }
      }),
    )
  }
  return askIn
}

test('what another person may do with an object', async ({ onTestFinished }) => {
  const askIn = await openWorld(onTestFinished)
  for (const [what, name, world, right] of TABLE) expect([what, (await askIn(world, [name]))[0]!.right]).toEqual([what, right])
})

/** As the rule is told: from the object upwards, the first path that counts decides alone. */
function toldRight({ objects, shared }: World, name: string) {
  const parts = name.split('/')
  const upwards = [name]
  for (let depth = parts.length - 1; depth > 0; depth -= 1) {
    const path = parts.slice(0, depth).join('/')
    if (path !== '' || depth > 1) upwards.push(`${path}/`, path)
  }
  const decides = upwards.find(
    (path) => shared[path] && (path === name || /^application\/(directory|folder)(;|$)/.test(objects[path] ?? '')),
  )
  if (decides === undefined) return { right: undefined, by: undefined }
  const isMine = (subjects: string[] = []) => subjects.some((each) => ['*', BOB, 'owner:friends'].includes(each))
  const { read, write } = shared[decides]!
  return { right: isMine(write) ? 'write' : isMine(read) ? 'read' : undefined, by: decides }
}

test('the queries say what the rule says, for any tree', async ({ onTestFinished }) => {
  const askIn = await openWorld(onTestFinished)
  const path = fc.array(fc.constantFrom('a', 'b', '', 'ä%'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const name = path.filter((text) => text !== '')
  const subjects = fc.uniqueArray(fc.constantFrom(BOB, '*', 'owner:friends', 'owner:foes', 'carol'), {
    minLength: 1,
    maxLength: 2,
  })
  const world = fc.record({
    objects: fc.dictionary(name, fc.constantFrom(FOLDER, 'application/folder; a=b', 'text/plain'), { maxKeys: 8 }),
    shared: fc.dictionary(
      name,
      fc.record({ read: subjects, write: subjects }, { requiredKeys: [] }).filter(({ read, write }) => !!read || !!write),
      {
        maxKeys: 5,
      },
    ),
  })
  await fc.assert(
    fc.asyncProperty(world, fc.array(name, { minLength: 1, maxLength: 6 }), async (made, names) => {
      const asked = [...names, ...Object.keys(made.objects), ...Object.keys(made.shared)]
      expect(await askIn(made, asked)).toEqual(asked.map((each) => toldRight(made, each)))
    }),
    { numRuns: 100 },
  )
})
