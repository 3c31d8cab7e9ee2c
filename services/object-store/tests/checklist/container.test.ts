// What existing clients and tests rely on, a test for each of its lines: containers.
import { expect, test } from 'vitest'
import type { TestClient } from '../../testing.ts'
import { list, openAlice, put } from '../alice.ts'

const withHeaders = (who: TestClient, method: string, path: string, headers: Record<string, string>) =>
  who.send(method, path, { headers })

test('HEAD is 204, and 404 for a moment before; PUT is 201, then 202; too much metadata makes none', async ({
  onTestFinished,
}) => {
  const { alice } = await openAlice(onTestFinished)
  expect((await alice.send('HEAD', 'pithos')).status).toBe(204)
  expect((await alice.send('HEAD', 'pithos?until=1000000')).status).toBe(404)
  expect([(await alice.send('PUT', 'new')).status, (await alice.send('PUT', 'new')).status]).toEqual([201, 202])
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`X-Container-Meta-K${i}`, 'v']))
  expect((await withHeaders(alice, 'PUT', 'more', many)).status).toBe(400)
  expect((await alice.send('HEAD', 'more')).status).toBe(404)
})

test('PUT with an empty value removes that key', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await withHeaders(alice, 'PUT', 'pithos', { 'X-Container-Meta-M1': '1', 'X-Container-Meta-M2': '2' })
  expect((await withHeaders(alice, 'PUT', 'pithos', { 'X-Container-Meta-M1': '' })).status).toBe(202)
  const { headers } = await alice.send('HEAD', 'pithos')
  expect([headers['x-container-meta-m1'], headers['x-container-meta-m2']]).toEqual([undefined, '2'])
})

test('a size limit refuses what goes beyond it, until it is lifted', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const limit = (bytes: string) => withHeaders(alice, 'POST', 'pithos?update', { 'X-Container-Policy-Quota': bytes })
  expect((await limit('100')).status).toBe(202)
  expect((await alice.send('HEAD', 'pithos')).headers['x-container-policy-quota']).toBe('100')
  expect((await put(alice, 'o', 'x'.repeat(101))).status).toBe(413)
  expect((await limit('0')).status).toBe(202)
  expect((await put(alice, 'o', 'x'.repeat(101))).status).toBe(201)
})

test('DELETE step by step: refused, purged, emptied, removed', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', '1')
  await put(alice, 'o', '2')
  expect((await alice.send('DELETE', 'pithos')).status).toBe(409)
  expect((await alice.send('DELETE', 'pithos?until=1000000000')).status).toBe(204)
  const versions = async () => alice.send('GET', 'pithos/o?format=json&version=list')
  expect(((await versions()).json() as { versions: unknown[] }).versions).toHaveLength(2)
  expect((await alice.send('DELETE', 'pithos?delimiter=/')).status).toBe(204)
  expect(await list(alice, '')).toEqual([])
  expect(((await versions()).json() as { versions: unknown[] }).versions).toHaveLength(2)
  expect((await alice.send('DELETE', `pithos?until=${Math.floor(Date.now() / 1000)}.25`)).status).toBe(204)
  expect((await alice.send('HEAD', 'pithos')).status).toBe(404)
  expect((await versions()).status).toBe(404)
})

test('blocks are taken from the owner only, not from who may write objects', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const [stranger, friend] = [await cloud.user(), await cloud.user()]
  await put(alice, 'o', 'x', { 'X-Object-Sharing': `write=${friend.userId}` })
  for (const who of [stranger, friend]) {
    const headers = { 'Content-Type': 'application/octet-stream' }
    expect((await who.send('POST', `/${alice.userId}/pithos?update&format=json`, { headers, body: 'data' })).status).toBe(403)
  }
})

test('listings are 200 as JSON also when empty, XML keeps its tokens, keys of objects are told', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const empty = await alice.send('GET', 'pithos?format=json')
  expect([empty.status, empty.text]).toEqual([200, '[]'])
  await put(alice, 'o', 'x', { 'X-Object-Meta-Colour': 'red' })
  const xml = (await alice.send('GET', 'pithos?format=xml')).text
  expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s+<container name="pithos">\s/)
  expect(xml.split(/\s+/)[4]).toBe('name="pithos">')
  expect((await alice.send('HEAD', 'pithos')).headers['x-container-object-meta']).toBe('Colour')
})

test('a limit that is no number and empty parameters are as if absent', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  for (const name of ['a', 'b/c']) await put(alice, name, 'x')
  for (const query of ['limit=qwert', 'limit=0', 'prefix=', 'marker=', 'delimiter=', 'prefix=&marker=&delimiter=&path='])
    expect(await list(alice, query), query).toEqual(['a', 'b/c'])
})
