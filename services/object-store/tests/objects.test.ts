import { expect, test } from 'vitest'
import { openTestCloud } from '../testing.ts'

test('what was put reads back, with the headers that clients rely on', async ({ onTestFinished }) => {
  const cloud = await openTestCloud(onTestFinished)
  const alice = await cloud.user()
  expect((await alice.send('PUT', 'pithos')).status).toBe(201)
  const put = await alice.send('PUT', 'pithos/hello', { headers: { 'Content-Type': 'text/plain' }, body: 'Hello, Pithos!' })
  expect(put.text).toBe('')
  expect(put.status).toBe(201)
  const got = await alice.send('GET', 'pithos/hello')
  expect([got.status, got.text]).toEqual([200, 'Hello, Pithos!'])
  const listed = await alice.send('GET', 'pithos?format=json')
  expect(listed.json()).toMatchObject([{ name: 'hello', bytes: 14 }])
})
