import { sql } from '@synnefo/lib/sql'
import { expect, test } from 'vitest'
import { openAlice, put } from './alice.ts'
import { momentOf } from './moments.ts'

test('an object reads as it was at a moment, its hash list and metadata too', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const before = await momentOf(cloud.db)
  await put(alice, 'o', 'one', { 'X-Object-Meta-Colour': 'red' })
  const first = await alice.send('HEAD', 'pithos/o')
  const afterOne = await momentOf(cloud.db)
  await put(alice, 'o', 'two!')
  const afterTwo = await momentOf(cloud.db)
  await alice.send('DELETE', 'pithos/o')
  const afterDeletion = await momentOf(cloud.db)
  await put(alice, 'o', 'three', { 'X-Object-Sharing': 'read=*' })

  const at = (until: string, more = '') => alice.send('GET', `pithos/o?until=${until}${more}`)
  expect((await at(before)).status).toBe(404)
  const one = await at(afterOne)
  expect([one.status, one.text]).toEqual([200, 'one'])
  expect(one.headers).toMatchObject({
    'x-object-meta-colour': 'red',
    'x-object-version': first.headers['x-object-version'],
    'x-object-uuid': first.headers['x-object-uuid'],
    etag: first.headers['etag'],
  })
  expect(one.headers['x-object-sharing']).toBeUndefined()
  expect((await at(afterOne, '&hashmap&format=json')).json()).toMatchObject({
    bytes: 3,
    hashes: [first.headers['x-object-hash']],
  })
  expect((await alice.send('HEAD', `pithos/o?until=${afterTwo}`)).headers['content-length']).toBe('4')
  expect((await at(afterDeletion)).status).toBe(404)
  expect((await at(String(Math.ceil(Date.now() / 1000) + 60))).text).toBe('three')
  for (const ignored of ['-1', 'yesterday', '', '1e9']) expect((await at(ignored)).text, ignored).toBe('three')
  expect((await at('9'.repeat(15))).text).toBe('three')

  // A version is not part of the state at the very moment when it was made.
  const { versions } = (await alice.send('GET', 'pithos/o?version=list&format=json')).json() as { versions: [number, string][] }
  expect((await at(versions[1]![1])).text).toBe('one')
})

test('a container and its account show what they held at a moment', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Meta-A': 'old', 'X-Container-Meta-B': 'old' } })
  await alice.send('POST', '?update', { headers: { 'X-Account-Meta-A': 'old' } })
  await put(alice, 'a', 'four', { 'X-Object-Meta-Early': '1' })
  await put(alice, 'b', 'x'.repeat(10))
  await put(alice, 'c', 'gone')
  await alice.send('DELETE', 'pithos/c')
  const then = await momentOf(cloud.db)
  await put(alice, 'a', 'longer than four', { 'X-Object-Meta-Late': '1' })
  await put(alice, 'c', 'back')
  await put(alice, 'd', 'new')
  await alice.send('DELETE', 'pithos/b')
  await alice.send('PUT', 'later')
  await alice.send('POST', 'pithos', { headers: { 'X-Container-Meta-A': 'new' } })
  await alice.send('POST', '', { headers: { 'X-Account-Meta-A': 'new' } })

  const container = await alice.send('HEAD', `pithos?until=${then}`)
  expect(container.status).toBe(204)
  expect(container.headers).toMatchObject({
    'x-container-object-count': '2',
    'x-container-bytes-used': '14',
    'x-container-meta-a': 'old',
    'x-container-meta-b': 'old',
    'x-container-object-meta': 'Early',
    'x-container-until-timestamp': expect.stringMatching(/GMT$/),
  })
  expect((await alice.send('HEAD', 'pithos')).headers).toMatchObject({
    'x-container-object-count': '3',
    'x-container-bytes-used': '23',
    'x-container-meta-a': 'new',
  })
  expect((await alice.send('HEAD', `later?until=${then}`)).status).toBe(404)
  expect((await alice.send('HEAD', 'pithos?until=1000000')).status).toBe(404)
  // Nothing has changed since a moment to come: the figures of now.
  expect((await alice.send('HEAD', 'pithos?until=99999999999')).headers['x-container-object-count']).toBe('3')

  const account = await alice.send('HEAD', `?until=${then}`)
  expect(account.headers).toMatchObject({
    'x-account-container-count': '1',
    'x-account-meta-a': 'old',
    'x-account-bytes-used': '23',
  })
  const until = Date.parse(account.headers['x-account-until-timestamp']!)
  expect(until).toBeLessThanOrEqual(Number(then) * 1000)
  expect(until).toBeGreaterThan(Number(then) * 1000 - 60_000)
  const early = await alice.send('HEAD', '?until=1000000000')
  expect([early.status, early.headers['x-account-until-timestamp']]).toEqual([204, 'Sun, 09 Sep 2001 01:46:40 GMT'])
  expect(early.headers).toMatchObject({ 'x-account-container-count': '0' })
  expect(early.headers['x-account-meta-a']).toBeUndefined()

  expect((await alice.send('GET', `?format=json&until=${then}`)).json()).toEqual([
    {
      name: 'pithos',
      count: 2,
      bytes: 14,
      last_modified: expect.any(String),
      x_container_until_timestamp: expect.stringMatching(/^\d{4}-.*\+00:00$/),
      x_container_policy: { quota: '0', versioning: 'auto', project: alice.userId },
    },
  ])
  expect((await alice.send('GET', `?until=${then}`)).text).toBe('pithos\n')
  expect((await alice.send('GET', '?until=1000000000')).status).toBe(204)
})

test('the past is for owners', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  await put(alice, 'o', 'data', { 'X-Object-Sharing': 'write=*' })
  const until = await momentOf(cloud.db)
  for (const account of [alice.userId, '00000000-0000-4000-8000-000000000000'])
    for (const [method, path] of [
      ['HEAD', ''],
      ['GET', ''],
      ['HEAD', '/pithos'],
      ['GET', '/pithos/o'],
      ['HEAD', '/pithos/o'],
      ['DELETE', '/pithos/o'],
      ['DELETE', '/pithos'],
    ] as const)
      expect([path, (await bob.send(method, `/${account}${path}?until=${until}`)).status]).toEqual([path, 403])
})

test('when the clock goes back, the order of a path’s versions stays that of their making', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'one')
  await put(alice, 'tree/o', 'one')
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Meta-A': 'one' } })
  // What was made so far was made an hour ahead of the clock as it goes now.
  await cloud.db.run(sql`UPDATE object_store.versions SET created_at = created_at + interval '1 hour'`)
  await cloud.db.run(sql`UPDATE object_store.container_history SET replaced_at = replaced_at + interval '1 hour'`)
  await put(alice, 'o', 'two')
  await alice.send('DELETE', 'pithos/o')
  await put(alice, 'o', 'three')
  await alice.send('DELETE', 'pithos?delimiter=/')
  await put(alice, 'tree/o', 'two')
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Meta-A': 'two' } })
  const backwards = await cloud.db.any(sql`
    SELECT name FROM (SELECT name, created_at, lag(created_at) OVER (PARTITION BY container_id, name ORDER BY id) AS earlier
      FROM object_store.versions) each_version WHERE created_at < earlier`)
  expect(backwards).toEqual([])
  const at = async (seconds: number) => (await alice.send('GET', `pithos/o?until=${Date.now() / 1000 + seconds}`)).status
  expect([await at(600), await at(7200)]).toEqual([404, 404])
  expect((await alice.send('GET', `pithos/tree/o?until=${Date.now() / 1000 + 7200}`)).text).toBe('two')
  const meta = async (seconds: number) =>
    (await alice.send('HEAD', `pithos?until=${Date.now() / 1000 + seconds}`)).headers['x-container-meta-a']
  expect([await meta(600), await meta(7200)]).toEqual([undefined, 'two'])
})
