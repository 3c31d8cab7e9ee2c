import { expect, test } from 'vitest'
import { list, openAlice, put } from './alice.ts'

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
