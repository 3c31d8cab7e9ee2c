import { readFile } from 'node:fs/promises'
import { raw, sql } from '@synnefo/lib/sql'
import { expect, onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import type { TestClient } from '../testing.ts'
import { list, openAlice, put, TEXT } from './alice.ts'
import { momentOf } from './moments.ts'

test('containers are made, changed and removed', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const head = await alice.send('HEAD', 'pithos')
  expect(head.status).toBe(204)
  expect(head.headers).toMatchObject({
    'content-length': '0',
    'x-container-object-count': '0',
    'x-container-bytes-used': '0',
    'x-container-block-size': '4194304',
    'x-container-block-hash': 'sha256',
    'x-container-object-meta': '',
    'x-container-policy-quota': '0',
    'x-container-policy-versioning': 'auto',
    'x-container-policy-project': alice.userId,
    'last-modified': expect.stringMatching(/GMT$/),
  })
  expect(
    (await alice.send('PUT', 'pithos', { headers: { 'X-Container-Meta-M1': 'v1', 'X-Container-Meta-M2': 'v2' } })).status,
  ).toBe(202)
  expect((await alice.send('PUT', 'pithos', { headers: { 'X-Container-Meta-M1': '' } })).status).toBe(202)
  expect((await alice.send('HEAD', 'pithos')).headers).toMatchObject({ 'x-container-meta-m2': 'v2' })
  expect((await alice.send('HEAD', 'pithos')).headers['x-container-meta-m1']).toBeUndefined()
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`X-Container-Meta-K${i}`, 'v']))
  expect((await alice.send('PUT', 'other', { headers: many })).status).toBe(400)
  expect((await alice.send('HEAD', 'other')).status).toBe(404)
  await put(alice, 'o', 'x')
  const refused = await alice.send('DELETE', 'pithos')
  expect([refused.status, Object.keys(refused.json() as object)]).toEqual([409, ['conflict']])
  await alice.send('DELETE', 'pithos/o')
  expect((await alice.send('DELETE', 'pithos')).status).toBe(204)
  expect((await alice.send('DELETE', 'pithos')).status).toBe(404)
  expect((await alice.send('GET', '?format=json')).json()).toEqual([])
})

test('of many who create the same container, one does', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const answers = await Promise.all(Array.from({ length: 8 }, () => alice.send('PUT', 'same')))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(202)])
})

test.each([
  ['X-Container-Policy-Quota', '-1'],
  ['X-Container-Policy-Quota', 'much'],
  ['X-Container-Policy-Versioning', 'sometimes'],
  ['X-Container-Policy-Project', 'nonsense'],
  ['X-Container-Policy-Colour', 'red'],
])('the policy %s: %s is a bad request', async (header, value) => {
  const finished: (() => unknown)[] = []
  const { alice } = await openAlice((work) => finished.push(work))
  expect((await alice.send('POST', 'pithos?update', { headers: { [header]: value } })).status).toBe(400)
  for (const work of finished.reverse()) await work()
})

test('a container of a project that is not the caller’s is refused at once', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  for (const project of [bob.userId, '00000000-0000-4000-8000-000000000000'])
    expect((await alice.send('PUT', 'other', { headers: { 'X-Container-Policy-Project': project } })).status).toBe(403)
  expect((await alice.send('HEAD', 'other')).status).toBe(404)
})

test('the size limit of a container holds, also for many at once', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Quota': '100' } })
  const refused = await put(alice, 'o', 'x'.repeat(101))
  expect([refused.status, Object.keys(refused.json() as object)]).toEqual([413, ['requestEntityTooLarge']])
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => put(alice, `o${i}`, 'x'.repeat(30))))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Quota': '0' } })
  expect((await put(alice, 'o', 'x'.repeat(101))).status).toBe(201)
  expect((await alice.send('HEAD', 'pithos')).headers['x-container-policy-quota']).toBe('0')
})

test('a container without versions keeps none', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Versioning': 'none' } })
  for (const text of ['one', 'two', 'three']) await put(alice, 'o', text)
  const { versions } = (await alice.send('GET', 'pithos/o?version=list&format=json')).json() as { versions: unknown[] }
  expect(versions).toHaveLength(1)
  await alice.send('DELETE', 'pithos/o')
  expect((await alice.send('GET', 'pithos/o?version=list')).status).toBe(404)
})

test('emptying keeps the history, purging drops it, and kamaki can delete what it empties', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'a', 'one')
  await put(alice, 'b/c', 'two')
  expect((await alice.send('DELETE', 'pithos?until=1000000000')).status).toBe(204)
  expect((await alice.send('DELETE', 'pithos?delimiter=/')).status).toBe(204)
  expect(await list(alice, '')).toEqual([])
  expect((await alice.send('GET', 'pithos/a?version=list')).status).toBe(200)
  expect((await alice.send('DELETE', 'pithos?until=1700000000.12')).status).toBe(204)
  expect((await alice.send('HEAD', 'pithos')).status).toBe(404)
  expect((await alice.send('GET', 'pithos/a?version=list')).status).toBe(404)
})

const WAYS_TO_DELETE: Record<string, (alice: TestClient) => Promise<unknown>> = {
  DELETE: (alice) => alice.send('DELETE', 'pithos/f/o'),
  'DELETE of a folder': (alice) => alice.send('DELETE', 'pithos/f?delimiter=/'),
  'DELETE of everything': (alice) => alice.send('DELETE', 'pithos?delimiter=/'),
  'bulk deletion': (alice) => alice.send('POST', '?bulk-delete', { headers: TEXT, body: 'pithos/f/o' }),
  'moving away': (alice) => alice.send('PUT', 'other/o', { headers: { 'X-Move-From': '/pithos/f/o', 'Content-Length': '0' } }),
  'moving a folder away': (alice) => alice.send('MOVE', 'pithos/f?delimiter=/', { headers: { Destination: '/other/f' } }),
  'several at once': (alice) => Promise.all(Array.from({ length: 4 }, () => alice.send('DELETE', 'pithos/f/o'))),
}

test.each(Object.entries(WAYS_TO_DELETE))('%s in a container without versions leaves nothing behind', async (_way, remove) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await alice.send('PUT', 'other')
  const rows = async () =>
    (
      await cloud.db.any<{ state: string }>(sql`
        SELECT v.state FROM object_store.versions v JOIN object_store.containers c ON c.id = v.container_id
        WHERE c.name = 'pithos' AND v.name = 'f/o' ORDER BY v.id`)
    ).map(({ state }) => state)
  const putAgain = async (text: string) => {
    await put(alice, 'f', '', { 'Content-Type': 'application/directory' })
    await put(alice, 'f/o', text)
  }
  await putAgain('kept')
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Versioning': 'none' } })
  const before = await momentOf(cloud.db)
  // The first had a past that is not gone with it: one mark tells when that ended, however often others follow.
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Versioning': 'auto' } })
  await put(alice, 'f/o', 'replaces it')
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Versioning': 'none' } })
  for (let i = 0; i < 3; i += 1) {
    await remove(alice)
    expect(await rows()).toEqual(['history', 'deleted'])
    await putAgain('again')
  }
  await remove(alice)
  await put(alice, 'stays', 'so that the container does')
  expect((await alice.send('GET', `pithos?until=${before}&prefix=f/`)).text).toBe('f/o\n')
  const now = await momentOf(cloud.db)
  expect((await alice.send('GET', `pithos?until=${now}&prefix=f/`)).text).toBe('')
  await alice.send('DELETE', `pithos?until=${Math.ceil(Number(now)) + 1}`)
  expect(await rows()).toEqual([])
  await putAgain('once more')
  await remove(alice)
  expect(await rows()).toEqual([])
  expect((await alice.send('GET', 'pithos/f/o?version=list')).status).toBe(404)
})

test('marks of deletion that an older release left are removed, those that tell something stay', async () => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const states = {
    a: ['deleted'],
    b: ['history', 'deleted'],
    c: ['deleted', 'deleted', 'current'],
    d: ['history', 'deleted', 'deleted', 'current'],
  }
  for (const [name, each] of Object.entries(states))
    for (const state of each)
      await cloud.db.run(sql`
        INSERT INTO object_store.versions (container_id, name, state, uuid, size_bytes, content_type, modified_by)
        SELECT id, ${name}, ${state}, gen_random_uuid(), 0, '', '' FROM object_store.containers WHERE account = ${alice.userId}`)
  await cloud.db.run(sql`${raw(await readFile(new URL('0018-needless-marks.sql', migrations.folder), 'utf8'))}`)
  const left = await cloud.db.any<{ name: string; states: string[] }>(sql`
    SELECT name, array_agg(state ORDER BY id) AS states FROM object_store.versions GROUP BY name ORDER BY name`)
  expect(left).toEqual([
    { name: 'b', states: ['history', 'deleted'] },
    { name: 'c', states: ['current'] },
    { name: 'd', states: ['history', 'deleted', 'current'] },
  ])
})
