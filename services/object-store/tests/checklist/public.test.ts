// What existing clients and tests rely on, a test for each of its lines: published objects.
import { expect, test } from 'vitest'
import type { TestClient } from '../../testing.ts'
import { openAlice, put } from '../alice.ts'

const publish = (who: TestClient, value: string) => who.send('POST', 'pithos/o?update', { headers: { 'X-Object-Public': value } })

async function publicPath(who: TestClient): Promise<string> {
  return new URL((await who.send('HEAD', 'pithos/o')).headers['x-object-public']!).pathname
}

test('methods other than GET and HEAD are 405', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'x')
  await publish(alice, 'true')
  const url = cloud.url + (await publicPath(alice))
  for (const method of ['PUT', 'POST', 'DELETE', 'COPY', 'MOVE']) {
    const answer = await fetch(url, { method })
    expect(answer.status, method).toBe(405)
    expect(new Set(answer.headers.get('allow')!.split(/, */))).toEqual(new Set(['GET', 'HEAD']))
  }
})

test('the address stays when published twice or written, and changes when published anew', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const get = async (path: string) => {
    const answer = await fetch(cloud.url + path)
    return [answer.status, await answer.text()]
  }
  await put(alice, 'o', 'first')
  await publish(alice, 'true')
  const path = await publicPath(alice)
  expect(await get(path)).toEqual([200, 'first'])
  await publish(alice, 'True')
  await put(alice, 'o', 'second')
  expect(await publicPath(alice)).toBe(path)
  expect(await get(path)).toEqual([200, 'second'])
  await publish(alice, 'False')
  expect((await get(path))[0]).toBe(404)
  await publish(alice, 'true')
  const other = await publicPath(alice)
  expect(other).not.toBe(path)
  expect((await get(path))[0]).toBe(404)
  await alice.send('DELETE', 'pithos/o')
  expect((await get(other))[0]).toBe(404)
})

test('the private address of a published object stays 403 for others', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  const first = await put(alice, 'o', 'x')
  await publish(alice, 'true')
  const path = `/${alice.userId}/pithos/o`
  for (const query of ['', `?version=${first.headers['x-object-version']}`, '?version=list', '?hashmap'])
    expect((await bob.send('GET', path + query)).status, query).toBe(403)
})
