import { type Db, sql } from '@synnefo/lib/sql'
import { expect, test } from 'vitest'
import { list, openAlice, put } from './alice.ts'
import { expectFiguresToAddUp } from './moments.ts'

const FOLDER = { 'Content-Type': 'application/directory' }

/** Current objects by place, with what copying and moving have to keep. */
function objectsIn(db: Db) {
  return db.any(sql`
    SELECT c.name || '/' || v.name AS place, v.uuid, v.map_id AS map, v.content_type AS type, v.metadata
    FROM object_store.versions v JOIN object_store.containers c ON c.id = v.container_id WHERE state = 'current' ORDER BY 1`)
}

test('a folder is copied with everything below, each with its own type and metadata', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'f', '', { ...FOLDER, 'X-Object-Meta-A': '1', 'X-Object-Meta-B': '1' })
  await put(alice, 'f/one', 'one', { 'Content-Type': 'text/one', 'X-Object-Meta-C': '1', 'X-Object-Sharing': 'read=*' })
  await put(alice, 'f/sub/two', 'two')
  await put(alice, 'fx', 'beside')
  await put(alice, 'g/one', 'replaced')
  const answer = await alice.send('COPY', 'pithos/f?delimiter=/&format=json', {
    headers: { Destination: '/pithos/g', 'Content-Type': 'application/folder', 'X-Object-Meta-A': '', 'X-Object-Meta-D': '2' },
  })
  expect([answer.status, answer.headers['content-type']]).toEqual([201, 'application/json; charset=UTF-8'])
  expect(await list(alice, '')).toEqual(['f', 'f/one', 'f/sub/two', 'fx', 'g', 'g/one', 'g/sub/two'])
  const root = await alice.send('HEAD', 'pithos/g')
  expect(root.headers).toMatchObject({
    'x-object-version': answer.headers['x-object-version'],
    'content-type': 'application/folder',
    'x-object-meta-b': '1',
    'x-object-meta-d': '2',
  })
  expect(root.headers['x-object-meta-a']).toBeUndefined()
  const one = await alice.send('GET', 'pithos/g/one')
  expect([one.text, one.headers['content-type'], one.headers['x-object-meta-c']]).toEqual(['one', 'text/one', '1'])
  expect(one.headers['x-object-sharing']).toBeUndefined()
  const versions = (await alice.send('GET', 'pithos/g/one?version=list&format=json')).json() as { versions: unknown[] }
  expect(versions.versions).toHaveLength(2)
  expect((await alice.send('HEAD', '')).headers['x-account-bytes-used']).toBe('18')

  // The type of the request is left alone on demand; the form of PUT does the same.
  const put2 = await alice.send('PUT', 'pithos/h?delimiter=/&ignore_content_type', {
    headers: { 'X-Copy-From': '/pithos/f', 'Content-Type': 'text/plain', 'Content-Length': '0' },
  })
  expect(put2.status).toBe(201)
  expect((await alice.send('HEAD', 'pithos/h')).headers['content-type']).toBe('application/directory')
  expect(await list(alice, 'prefix=h')).toEqual(['h', 'h/one', 'h/sub/two'])
  await expectFiguresToAddUp(cloud.db)
})

test('what is moved with its folder stays the same objects, and leaves sharing and nothing else behind', async ({
  onTestFinished,
}) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await alice.send('PUT', 'other')
  await put(alice, 'f', '', FOLDER)
  await put(alice, 'f/one', 'one', { 'X-Object-Sharing': 'read=*', 'X-Object-Meta-A': '1' })
  await put(alice, 'f/two', 'two')
  await put(alice, 'f2', 'beside', { 'X-Object-Sharing': 'read=*' })
  const before = await objectsIn(cloud.db)
  expect((await alice.send('MOVE', 'pithos/f?delimiter=/', { headers: { Destination: '/other/moved/f' } })).status).toBe(201)
  const moved = before
    .map((object) => ({ ...object, place: (object['place'] as string).replace(/^pithos\/f(?=\/|$)/, 'other/moved/f') }))
    .sort((a, b) => ((a.place as string) < (b.place as string) ? -1 : 1))
  expect(await objectsIn(cloud.db)).toEqual(moved)
  expect((await cloud.db.any(sql`SELECT name FROM object_store.permissions`)).map(({ name }) => name)).toEqual(['f2'])
  expect((await alice.send('GET', 'pithos/f/one?version=list')).status).toBe(200)
  expect((await alice.send('HEAD', '')).headers['x-account-bytes-used']).toBe('12')

  const back = { headers: { 'X-Move-From': '/other/moved/f', 'Content-Length': '0' } }
  expect((await alice.send('PUT', 'pithos/f?delimiter=/', back)).status).toBe(201)
  expect(await objectsIn(cloud.db)).toEqual(before)
  await expectFiguresToAddUp(cloud.db)
})

test('a folder moves onto its own parent, and into itself it does not', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  for (const name of ['a/a', 'a/a/1', 'a/a/a', 'a/a/a/2']) await put(alice, name, name)
  for (const method of ['COPY', 'MOVE'] as const) {
    const into = await alice.send(method, 'pithos/a/a?delimiter=/', { headers: { Destination: '/pithos/a/a/b' } })
    expect([into.status, Object.keys(into.json() as object)]).toEqual([400, ['badRequest']])
  }
  expect((await alice.send('MOVE', 'pithos/a/a?delimiter=/', { headers: { Destination: '/pithos/a' } })).status).toBe(201)
  const names = await list(alice, '')
  const contents = await Promise.all(names.map(async (name) => (await alice.send('GET', `pithos/${name}`)).text))
  expect(names).toEqual(['a', 'a/1', 'a/a', 'a/a/2'])
  expect(contents).toEqual(['a/a', 'a/a/1', 'a/a/a', 'a/a/a/2'])
  await expectFiguresToAddUp(cloud.db)
})

test('a folder that cannot be taken whole is not taken at all', async ({ onTestFinished }) => {
  const { cloud } = await openAlice(onTestFinished)
  const carol = await cloud.user({ limits: { 'pithos.diskspace': 100n } })
  for (const container of ['pithos', 'small']) await carol.send('PUT', container)
  await carol.send('POST', 'small?update', { headers: { 'X-Container-Policy-Quota': '39' } })
  for (const name of ['f', 'f/1', 'f/2', 'f/3']) await put(carol, name, 'x'.repeat(10))
  const folder = 'pithos/f?delimiter=/'
  const copy = async (destination: string, method = 'COPY', source = folder) =>
    (await carol.send(method, source, { headers: { Destination: destination } })).status
  expect([await copy('/small/f'), await copy('/small/f', 'MOVE')]).toEqual([413, 413])
  expect([await copy('/pithos/g'), await copy('/pithos/h')]).toEqual([201, 413])
  expect(await copy('/none/f')).toBe(404)
  expect(await copy('/pithos/x', 'COPY', 'pithos/none?delimiter=/')).toBe(404)
  expect(await copy('/pithos/x', 'COPY', 'pithos/f?delimiter=%00')).toBe(400)
  expect(await copy(`/pithos/${'n'.repeat(1023)}`)).toBe(400)
  expect(await list(carol, '')).toEqual(['f', 'f/1', 'f/2', 'f/3', 'g', 'g/1', 'g/2', 'g/3'])
  expect(await list(carol, '', 'small')).toEqual([])
  expect((await carol.send('HEAD', '')).headers['x-account-bytes-used']).toBe('80')
  expect(await copy('/pithos/moved', 'MOVE')).toBe(201)
  await expectFiguresToAddUp(cloud.db)
})

test('of a folder of somebody else, one takes what one may read', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  await bob.send('PUT', 'pithos')
  await put(alice, 'f', '', { ...FOLDER, 'X-Object-Sharing': `read=${bob.userId}` })
  await put(alice, 'f/one', 'one')
  await put(alice, 'f/private', '', { ...FOLDER, 'X-Object-Sharing': 'read=nobody' })
  await put(alice, 'f/private/secret', 'secret')
  await put(alice, 'in', '', { ...FOLDER, 'X-Object-Sharing': `write=${bob.userId}` })
  await put(alice, 'in/g', '', { ...FOLDER, 'X-Object-Sharing': `write=${bob.userId}` })
  await put(alice, 'in/g/locked', 'locked', { 'X-Object-Sharing': `read=${bob.userId}` })
  const hers = `/${alice.userId}/pithos`
  const theirs = { 'Destination-Account': alice.userId }
  expect((await bob.send('COPY', `${hers}/f?delimiter=/`, { headers: { Destination: '/pithos/f' } })).status).toBe(201)
  expect(await list(bob, '')).toEqual(['f', 'f/one'])
  expect((await bob.send('MOVE', `${hers}/f?delimiter=/`, { headers: { Destination: '/pithos/m' } })).status).toBe(403)
  expect((await bob.send('COPY', 'pithos/f?delimiter=/', { headers: { Destination: '/pithos/new', ...theirs } })).status).toBe(
    403,
  )
  expect((await bob.send('COPY', 'pithos/f?delimiter=/', { headers: { Destination: '/pithos/in/f', ...theirs } })).status).toBe(
    201,
  )
  expect((await alice.send('GET', 'pithos/in/f/one')).text).toBe('one')
  // One name among them that he may not write is enough.
  await put(bob, 'f/locked', 'by Bob')
  expect((await bob.send('COPY', 'pithos/f?delimiter=/', { headers: { Destination: '/pithos/in/g', ...theirs } })).status).toBe(
    403,
  )
  expect((await alice.send('GET', 'pithos/in/g/locked')).text).toBe('locked')
  const share = { Destination: '/pithos/in/f', ...theirs, 'X-Object-Sharing': 'read=*' }
  expect((await bob.send('COPY', 'pithos/f?delimiter=/', { headers: share })).status).toBe(403)
  expect(
    (await alice.send('COPY', 'pithos/f?delimiter=/', { headers: { ...share, Destination: '/pithos/shared' } })).status,
  ).toBe(201)
  expect((await alice.send('HEAD', 'pithos/shared')).headers['x-object-sharing']).toBe('read=%2A')
  await expectFiguresToAddUp(cloud.db)
})
