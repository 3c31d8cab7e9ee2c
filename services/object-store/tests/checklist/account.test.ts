// What existing clients and tests rely on, a test for each of its lines: accounts.
import { expect, test } from 'vitest'
import { openTestCloud, type TestClient } from '../../testing.ts'
import { openAlice } from '../alice.ts'
import { dateForms } from './dates.ts'

const withHeaders = (who: TestClient, method: string, path: string, headers: Record<string, string>) =>
  who.send(method, path, { headers })

test('HEAD is 204, also for a moment before there was an account, and tells policies', async ({ onTestFinished }) => {
  const alice = await (await openTestCloud(onTestFinished)).user()
  const now = await alice.send('HEAD', '')
  expect(now.status).toBe(204)
  expect(Object.keys(now.headers).filter((name) => name.startsWith('x-account-policy-quota')).length).toBeGreaterThan(0)
  const then = await alice.send('HEAD', '?until=1000000000')
  expect(then.status).toBe(204)
  expect(then.headers['x-account-until-timestamp']).toBe('Sun, 09 Sep 2001 01:46:40 GMT')
})

test('one time as If-Modified-Since and as If-Unmodified-Since gives different statuses, in all three forms', async ({
  onTestFinished,
}) => {
  const { alice } = await openAlice(onTestFinished)
  const changed = Date.parse((await alice.send('HEAD', '')).headers['last-modified']!)
  for (const time of [changed - 3_600_000, changed, changed + 3_600_000]) {
    for (const { form, text } of dateForms(time)) {
      for (const method of ['HEAD', 'GET']) {
        const since = (await withHeaders(alice, method, '', { 'If-Modified-Since': text })).status
        const unmodified = (await withHeaders(alice, method, '', { 'If-Unmodified-Since': text })).status
        expect([200, 204, 304], `${method} ${form}`).toContain(since)
        expect([200, 204, 412], `${method} ${form}`).toContain(unmodified)
        expect(since, `${method} ${form} ${text}`).not.toBe(unmodified)
      }
    }
  }
})

test('GET as JSON knows limit, marker, a bare shared and an until with a fraction', async ({ onTestFinished }) => {
  const alice = await (await openTestCloud(onTestFinished)).user()
  for (const name of ['cont', 'cont1', 'cont2', 'a']) await alice.send('PUT', name)
  const names = async (query: string) => {
    const answer = await alice.send('GET', `?format=json&${query}`)
    expect(answer.status).toBe(200)
    return (answer.json() as { name: string }[]).map(({ name }) => name)
  }
  expect(await names('limit=1')).toEqual(['a'])
  expect(await names('marker=cont')).toEqual(['cont1', 'cont2'])
  expect(await names('shared=None')).toEqual([])
  expect((await alice.send('GET', '?format=json&until=1342609206.0')).status).toBe(200)
})

test('a bare POST with update is 202, odd groups are refused, Unicode round-trips, and one key goes alone', async ({
  onTestFinished,
}) => {
  const cloud = await openTestCloud(onTestFinished)
  const [alice, bob] = [await cloud.user(), await cloud.user()]
  const post = (headers: Record<string, string>) => withHeaders(alice, 'POST', '?update', headers)
  expect((await post({})).status).toBe(202)
  expect((await post({ 'X-Account-Group-Two-Words': bob.userId })).status).toBe(400)
  expect((await post({ 'X-Account-Group-Friends': 'nobody-knows' })).status).toBe(400)
  const [group, key, value] = ['ομάδα', 'Κλειδί', 'τιμή €'].map(encodeURIComponent) as [string, string, string]
  expect((await post({ [`X-Account-Group-${group}`]: bob.userId, [`X-Account-Meta-${key}`]: value })).status).toBe(202)
  expect((await post({ 'X-Account-Meta-Plain': 'kept' })).status).toBe(202)
  const read = async () => {
    const { headers } = await alice.send('HEAD', '')
    return Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [decodeURIComponent(name).toLowerCase(), decodeURIComponent(text!)]),
    )
  }
  const before = await read()
  expect(before).toMatchObject({
    'x-account-group-ομάδα': bob.userId,
    'x-account-meta-κλειδί': 'τιμή €',
    'x-account-meta-plain': 'kept',
  })
  await post({ [`X-Account-Meta-${key}`]: '' })
  const after = await read()
  expect([after['x-account-meta-κλειδί'], after['x-account-meta-plain']]).toEqual([undefined, 'kept'])
})

test('an until that is no moment is as if it were absent', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  for (const until of ['-1', 'yesterday', '']) {
    for (const method of ['HEAD', 'GET']) {
      const answer = await alice.send(method, `?until=${until}`)
      expect([200, 204]).toContain(answer.status)
      expect(answer.headers['x-account-until-timestamp']).toBeUndefined()
    }
  }
})

test('groups keep their limits', async ({ onTestFinished }) => {
  const cloud = await openTestCloud(onTestFinished)
  const [alice, bob] = [await cloud.user(), await cloud.user()]
  const post = (headers: Record<string, string>) => withHeaders(alice, 'POST', '?update', headers)
  expect((await post({ 'X-Account-Group-Twice': `${bob.userId}, ${bob.userId},,` })).status).toBe(202)
  expect((await alice.send('HEAD', '')).headers['x-account-group-twice']).toBe(bob.userId)
  const members = Array.from({ length: 33 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`)
  expect((await post({ 'X-Account-Group-Many': members.join(',') })).status).toBe(400)
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`X-Account-Group-G${i}`, bob.userId]))
  expect((await post(many)).status).toBe(400)
  expect((await post({ 'X-Account-Group-Long': 'm'.repeat(257) })).status).toBe(400)
  const named = (characters: number) => post({ [`X-Account-Group-${'g'.repeat(characters)}`]: bob.userId })
  expect((await named(257)).status).toBe(400)
  expect((await named(256)).status).toBe(202)
  expect(
    Object.keys((await alice.send('HEAD', '')).headers)
      .filter((name) => name.startsWith('x-account-group-'))
      .sort(),
  ).toEqual([`x-account-group-${'g'.repeat(256)}`, 'x-account-group-twice'].sort())
})
