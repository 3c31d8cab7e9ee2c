import { expect, test } from 'vitest'
import { foldChanges } from '../store/statistics.ts'
import { list, openAlice, put, TEXT } from './alice.ts'

test('listings by prefix, delimiter, path, marker and limit', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  expect(await list(alice, '')).toEqual([])
  for (const name of ['photos', 'photos/', 'photos/a', 'photos/animals/cat', 'photos/animals/dog', 'photos/b', 'photos2', 'z'])
    await put(alice, name, '')
  expect(await list(alice, '')).toHaveLength(8)
  expect(await list(alice, 'limit=2')).toEqual(['photos', 'photos/'])
  expect(await list(alice, 'limit=2&marker=photos/b')).toEqual(['photos2', 'z'])
  expect(await list(alice, 'prefix=photos/a')).toEqual(['photos/a', 'photos/animals/cat', 'photos/animals/dog'])
  expect(await list(alice, 'prefix=/photos2')).toEqual(['photos2'])
  expect(await list(alice, 'delimiter=/')).toEqual(['photos', 'photos/', 'photos2', 'z'])
  expect(await list(alice, 'prefix=photos&delimiter=/')).toEqual(['photos/', 'photos/a', 'photos/animals/ …', 'photos/b'])
  const folder = await alice.send('GET', 'pithos?format=json&prefix=photos/animals&delimiter=/&limit=1')
  expect(Object.keys((folder.json() as object[])[0]!)).toContain('x_object_uuid')
  const subdir = await alice.send('GET', 'pithos?format=json&prefix=photos/an&delimiter=/')
  expect(subdir.json()).toEqual([])
  expect((await alice.send('GET', 'pithos?format=json&prefix=photos&delimiter=/&marker=photos/a&limit=1')).json()).toEqual([
    { subdir: 'photos/animals/' },
  ])
  expect(await list(alice, 'prefix=photos&delimiter=/&limit=1&marker=photos/a')).toEqual(['photos/animals/ …'])
  expect(await list(alice, 'prefix=photos&delimiter=/&marker=photos/animals/')).toEqual(['photos/b'])
  expect(await list(alice, 'prefix=photos&delimiter=/&marker=photos/animals/cat')).toEqual(['photos/b'])
  expect(await list(alice, 'path=photos')).toEqual(['photos/', 'photos/a', 'photos/b'])
  expect(await list(alice, 'path=photos&limit=2')).toEqual(['photos/', 'photos/a'])
  expect(await list(alice, 'path=/')).toEqual(['photos', 'photos/', 'photos2', 'z'])
  expect(await list(alice, 'limit=qwert&marker=&prefix=&delimiter=')).toHaveLength(8)
  expect((await alice.send('GET', 'pithos?marker=%00&format=json')).status).toBe(400)
})

test('a listing tells everything about its objects', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const { headers } = await put(alice, 'hello', 'Hello, Pithos!')
  const uuid = (await alice.send('HEAD', 'pithos/hello')).headers['x-object-uuid']
  const hash = 'f8e5789c36186f902a06adb292e8df87fcc721e8b3fe1b2a19d318e93edb2a66'
  expect((await alice.send('GET', 'pithos?format=json')).json()).toEqual([
    {
      name: 'hello',
      bytes: 14,
      hash,
      content_type: 'text/plain',
      last_modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/),
      x_object_hash: hash,
      x_object_uuid: uuid,
      x_object_version: Number(headers['x-object-version']),
      x_object_version_timestamp: expect.stringMatching(/^\d+\.\d{6}$/),
      x_object_modified_by: alice.userId,
      available: 1,
      map_check_timestamp: null,
    },
  ])
  const text = await alice.send('GET', 'pithos')
  expect([text.status, text.text, text.headers['content-type']]).toEqual([200, 'hello\n', 'text/plain; charset=UTF-8'])
  const xml = await alice.send('GET', 'pithos', { headers: { Accept: 'application/xml;q=1' } })
  expect(xml.text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\s<container name="pithos">\s<object><name>hello</)
})

test('an empty listing is 204 as text and an empty list as JSON', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  expect((await alice.send('GET', 'pithos')).status).toBe(204)
  const json = await alice.send('GET', 'pithos', { headers: { Accept: 'application/json' } })
  expect([json.status, json.text]).toEqual([200, '[]'])
  expect((await alice.send('GET', 'nowhere')).status).toBe(404)
})

test('the container knows what it holds at once, folded or not', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const facts = async () => {
    const { headers } = await alice.send('HEAD', 'pithos')
    return [headers['x-container-object-count'], headers['x-container-bytes-used'], headers['x-container-object-meta']]
  }
  await put(alice, 'a', 'four', { 'X-Object-Meta-Colour': 'red' })
  await put(alice, 'b', 'seven !', { 'X-Object-Meta-Colour': 'blue', 'X-Object-Meta-Age': '3' })
  expect(await facts()).toEqual(['2', '11', 'Age,Colour'])
  expect(await foldChanges(cloud.db)).toBe(2)
  expect(await facts()).toEqual(['2', '11', 'Age,Colour'])
  await put(alice, 'b', 'x')
  await Promise.all([foldChanges(cloud.db), foldChanges(cloud.db), put(alice, 'c', '12345')])
  expect(await facts()).toEqual(['3', '10', 'Colour'])
  await alice.send('DELETE', 'pithos?delimiter=/')
  expect(await facts()).toEqual(['0', '0', ''])
  expect(await list(alice, '')).toEqual([])
  const listed = (await alice.send('GET', '?format=json')).json() as object[]
  expect(listed).toMatchObject([
    { name: 'pithos', count: 0, bytes: 0, x_container_policy: { quota: '0', versioning: 'auto', project: alice.userId } },
  ])
})

test('a folder is emptied with its marker object, and nothing beside it', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  for (const name of ['d', 'd/a', 'd/b/c', 'd2', 'e']) await alice.send('PUT', `pithos/${name}`, { headers: TEXT, body: '1' })
  expect((await alice.send('DELETE', 'pithos/nothing?delimiter=/')).status).toBe(404)
  expect((await alice.send('DELETE', 'pithos/d?delimiter=/')).status).toBe(204)
  expect(await list(alice, '')).toEqual(['d2', 'e'])
  expect((await alice.send('GET', 'pithos/d/a?version=list')).status).toBe(200)
})
