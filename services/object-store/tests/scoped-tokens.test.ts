// What a token that is limited to a part of an account can do there, and that it can do nothing elsewhere.
import { createHash } from 'node:crypto'
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import type { TestClient } from '../testing.ts'
import { list, openAlice, put } from './alice.ts'

/** Alice has containers `pithos` and `private`, with something in each, and a token that is limited. */
async function openScoped(onTestFinished: OnTestFinished, scopes: string[]) {
  const { cloud, alice } = await openAlice(onTestFinished)
  await alice.send('PUT', 'private')
  await put(alice, 'logs/one', 'one')
  await put(alice, 'logs/two', 'two')
  await put(alice, 'other', 'other')
  await alice.send('PUT', 'private/secret', { headers: { 'Content-Type': 'text/plain' }, body: 'a secret of hers' })
  return { cloud, alice, robot: await cloud.withToken(alice, scopes) }
}

const statuses = async (who: TestClient, requests: readonly (readonly [string, string, Record<string, string>?])[]) =>
  Promise.all(
    requests.map(async ([method, path, headers = {}]) => [method, path, (await who.send(method, path, { headers })).status]),
  )

test('a token for names that begin somehow lists, reads and writes those alone', async ({ onTestFinished }) => {
  const { robot, alice } = await openScoped(onTestFinished, ['object-store/pithos/logs/'])
  expect(await list(robot, '')).toEqual(['logs/one', 'logs/two'])
  expect(await list(robot, 'delimiter=/')).toEqual(['logs/ …'])
  expect(await list(robot, 'prefix=logs&delimiter=/')).toEqual(['logs/one', 'logs/two'])
  expect(await list(robot, 'prefix=oth')).toEqual([])
  expect((await robot.send('GET', '?format=json')).json()).toEqual([{ name: 'pithos', last_modified: expect.any(String) }])
  expect((await robot.send('HEAD', '')).headers['x-account-bytes-used']).toBeUndefined()
  expect((await robot.send('HEAD', 'pithos')).headers['x-container-bytes-used']).toBeUndefined()
  expect((await robot.send('GET', 'pithos/logs/one')).text).toBe('one')
  expect((await put(robot, 'logs/three', 'three')).status).toBe(201)
  expect((await robot.send('DELETE', 'pithos/logs/two')).status).toBe(204)

  const refused = [
    ['GET', '/'],
    ['POST', ''],
    ['GET', 'private'],
    ['HEAD', 'private'],
    ['GET', 'nowhere'],
    ['PUT', 'new'],
    ['POST', 'pithos', { 'X-Container-Meta-A': 'b' }],
    ['POST', 'pithos?update', { 'X-Container-Policy-Versioning': 'none' }],
    ['DELETE', 'pithos'],
    ['DELETE', 'pithos?delimiter=/'],
    ['DELETE', 'pithos?until=1'],
    ['GET', 'pithos/other'],
    ['HEAD', 'pithos/other'],
    ['GET', 'pithos/other?version=list'],
    ['PUT', 'pithos/other', { 'Content-Length': '0', 'Content-Type': 'text/plain' }],
    ['PUT', 'pithos/logs', { 'Content-Length': '0', 'Content-Type': 'text/plain' }],
    ['POST', 'pithos/other?update', { 'X-Object-Meta-A': 'b' }],
    ['DELETE', 'pithos/other'],
    ['GET', 'private/secret'],
    ['GET', 'private/nothing'],
  ] as const
  expect(await statuses(robot, refused)).toEqual(refused.map(([method, path]) => [method, path, 403]))
  expect(await list(alice, '')).toEqual(['logs/one', 'logs/three', 'other'])
})

test('copies and moves stay within what the token reaches, at both ends and in every form', async ({ onTestFinished }) => {
  const { robot, alice } = await openScoped(onTestFinished, ['object-store/pithos', 'object-store:read/private'])
  const empty = { 'Content-Length': '0', 'Content-Type': 'text/plain' }
  const refused = [
    ['COPY', 'pithos/other', { Destination: '/private/other' }],
    ['MOVE', 'pithos/other', { Destination: '/private/other' }],
    ['MOVE', 'private/secret', { Destination: '/pithos/mine' }],
    ['PUT', 'pithos/mine', { ...empty, 'X-Move-From': '/private/secret' }],
    ['PUT', 'private/mine', { ...empty, 'X-Copy-From': '/pithos/other' }],
    ['DELETE', 'private/secret'],
    ['PUT', 'private/mine', empty],
  ] as const
  expect(await statuses(robot, refused)).toEqual(refused.map(([method, path]) => [method, path, 403]))
  expect((await robot.send('COPY', 'private/secret', { headers: { Destination: '/pithos/copy' } })).status).toBe(201)
  expect((await alice.send('GET', 'pithos/copy')).text).toBe('a secret of hers')
  expect((await robot.send('MOVE', 'pithos/other', { headers: { Destination: '/pithos/moved' } })).status).toBe(201)
  expect(await list(alice, '', 'private')).toEqual(['secret'])
})

test('a limited token reaches nothing that others share', async ({ onTestFinished }) => {
  const { cloud, robot, alice } = await openScoped(onTestFinished, ['object-store/pithos'])
  const bob = await cloud.user()
  await bob.send('PUT', 'pithos')
  await put(bob, 'shared', 'of Bob', { 'X-Object-Sharing': `write=${alice.userId}` })
  const theirs = `/${bob.userId}/pithos/shared`
  expect((await alice.send('GET', theirs)).status).toBe(200)
  for (const [method, path] of [
    ['GET', theirs],
    ['GET', `/${bob.userId}/pithos`],
    ['GET', `/${bob.userId}`],
    ['HEAD', `/${bob.userId}`],
  ] as const)
    expect([path, (await robot.send(method, path)).status]).toEqual([path, 403])
  const copy = { headers: { Destination: '/pithos/copy', 'Destination-Account': bob.userId } }
  expect((await robot.send('COPY', 'pithos/other', copy)).status).toBe(403)
})

test('a hash is no key to what the token does not reach, and blocks that it sends are its own', async ({ onTestFinished }) => {
  const { robot, alice } = await openScoped(onTestFinished, ['object-store/pithos/logs/'])
  const upload = (who: TestClient, name: string, content: string) =>
    who.send('PUT', `pithos/${name}?hashmap&format=json`, {
      headers: { 'Content-Type': 'application/octet-stream' },
      body: JSON.stringify({ hashes: [createHash('sha256').update(content).digest('hex')], bytes: content.length }),
    })
  expect((await upload(alice, 'stolen', 'a secret of hers')).status).toBe(201)
  expect((await upload(robot, 'logs/stolen', 'a secret of hers')).status).toBe(409)
  expect((await upload(robot, 'logs/again', 'one')).status).toBe(201)

  const sent = await robot.send('POST', 'pithos?update&format=json', {
    headers: { 'Content-Type': 'application/octet-stream' },
    body: 'new content',
  })
  expect(sent.status).toBe(202)
  expect((await upload(robot, 'logs/new', 'new content')).status).toBe(201)
  expect((await alice.send('GET', 'pithos/logs/new')).text).toBe('new content')
})

test('reading everywhere and writing in one place go together', async ({ onTestFinished }) => {
  const { robot } = await openScoped(onTestFinished, ['all:read', 'object-store/pithos'])
  expect((await robot.send('GET', 'private/secret')).text).toBe('a secret of hers')
  expect((await robot.send('HEAD', '')).headers['x-account-bytes-used']).toBe('27')
  expect((await put(robot, 'new', 'new')).status).toBe(201)
  expect((await robot.send('PUT', 'private/new', { headers: { 'Content-Type': 'text/plain' }, body: 'no' })).status).toBe(403)
})
