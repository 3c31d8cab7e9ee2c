// `kamaki container`, `sharer` and `group`, as the requests that they send.
import { expect, test } from 'vitest'
import { type Kamaki, NO_BODY, namesOf, openKamakis, upload } from './kamaki.ts'

async function open(onTestFinished: Parameters<typeof openKamakis>[0], people = 1): Promise<[Kamaki, ...Kamaki[]]> {
  return (await openKamakis(onTestFinished, people)) as [Kamaki, ...Kamaki[]]
}

test('container create, container info, container modify', async ({ onTestFinished }) => {
  const [{ run, send }] = await open(onTestFinished)
  const stated = {
    'X-Container-Policy-Quota': '1000',
    'X-Container-Policy-Versioning': 'none',
    'X-Container-Meta-Caf%C3%A9': 'cr%C3%A8me',
  }
  expect((await run('PUT', '/files', { ...stated, ...NO_BODY })).status).toBe(201)
  expect((await run('PUT', '/files', NO_BODY)).status).toBe(202)
  const nobody = { 'X-Container-Policy-Project': '00000000-0000-4000-8000-000000000000', ...NO_BODY }
  expect([400, 403, 404]).toContain((await send('PUT', '/theirs', nobody)).status)
  const { headers } = await run('HEAD', '/files')
  expect(['quota', 'versioning'].map((policy) => headers.get(`x-container-policy-${policy}`))).toEqual(['1000', 'none'])
  expect(headers.get('x-container-meta-caf%c3%a9')).toBe('cr%C3%A8me')
  await run('HEAD', `/files?until=${Date.now() / 1000 + 5.5}`)
  const changes: Record<string, string>[] = [
    { 'X-Container-Meta-K': 'v', 'X-Container-Meta-Caf%C3%A9': '' },
    { 'X-Container-Policy-Quota': '0' },
    { 'X-Container-Policy-Versioning': 'auto' },
  ]
  for (const change of changes) await run('POST', '/files?update&format=json', { ...change, ...NO_BODY })
  const changed = (await run('HEAD', '/files')).headers
  expect(
    ['meta-k', 'meta-caf%c3%a9', 'policy-quota', 'policy-versioning'].map((name) => changed.get(`x-container-${name}`)),
  ).toEqual(['v', undefined, '0', 'auto'])
})

test('container list', async ({ onTestFinished }) => {
  const [kamaki] = await open(onTestFinished)
  for (const name of ['a', 'b', 'c']) await kamaki.run('PUT', `/${name}`, NO_BODY)
  await upload(kamaki, '/b/o', 'x', { 'X-Object-Sharing': 'read=*', 'X-Object-Public': 'True' })
  const names = async (query: string) => namesOf(await kamaki.run('GET', `?${query}format=json`))
  expect(await names('')).toEqual(['a', 'b', 'c'])
  expect(await names('limit=1&marker=a&')).toEqual(['b'])
  expect(await names('shared=None&')).toEqual(['b'])
  expect(await names('public=None&')).toEqual(['b'])
  expect(await names(`until=${Date.now() / 1000 + 5.5}&`)).toEqual(['a', 'b', 'c'])
  for (const name of ['a', 'b', 'c']) await kamaki.run('GET', `/${name}?shared=None&public=None&format=json`)
})

test('container delete, container empty', async ({ onTestFinished }) => {
  const [kamaki] = await open(onTestFinished)
  const { run, send } = kamaki
  await run('PUT', '/files', NO_BODY)
  await upload(kamaki, '/files/o', 'x')
  expect((await run('HEAD', '/files')).headers.get('x-container-object-count')).toBe('1')
  await run('DELETE', '/files?delimiter=%2F')
  await run('HEAD', '/files')
  await run('DELETE', `/files?until=${Math.floor(Date.now() / 1000)}.25`)
  expect((await send('HEAD', '/files')).status).toBe(404)
})

test('container reassign', async ({ onTestFinished }) => {
  const [{ run, userId }] = await open(onTestFinished)
  await run('PUT', '/files', NO_BODY)
  await run('POST', '/files?update&format=json', { 'X-Container-Policy-Project': userId, ...NO_BODY })
  expect((await run('HEAD', '/files')).headers.get('x-container-policy-project')).toBe(userId)
})

test('sharer list, sharer info', async ({ onTestFinished }) => {
  const [alice, bob] = await open(onTestFinished, 2)
  await alice.run('PUT', '/files', NO_BODY)
  expect((await bob!.run('GET', '//?format=json')).json()).toEqual([])
  expect((await bob!.send('HEAD', `//${alice.userId}`)).status).toBe(403)
  await upload(alice, '/files/o', 'x', { 'X-Object-Sharing': `read=${bob!.userId}` })
  expect((await bob!.run('GET', '//?format=json')).json()).toEqual([
    { name: alice.userId, last_modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\+00:00$/) },
  ])
  expect((await bob!.run('GET', `//?format=json&marker=${alice.userId}`)).json()).toEqual([])
  await bob!.run('HEAD', `//${alice.userId}`)
})

test('group list, group create, group delete', async ({ onTestFinished }) => {
  const [alice, bob] = await open(onTestFinished, 2)
  const post = (name: string, members: string) =>
    alice.send('POST', '?update', { [`X-Account-Group-${name}`]: members, ...NO_BODY })
  const groups = async () => (await alice.run('HEAD', '')).headers
  expect((await groups()).get('x-account-group-friends')).toBeUndefined()
  expect((await post('friends', `${alice.userId},${bob!.userId}`)).status).toBe(202)
  expect((await groups()).get('x-account-group-friends')).toBe([alice.userId, bob!.userId].sort().join(','))
  expect((await post('%CF%86%CE%AF%CE%BB%CE%BF%CE%B9', bob!.userId)).status).toBe(202)
  for (const [name, members] of [
    ['two-words', bob!.userId],
    ['unknown', '00000000-0000-4000-8000-000000000000'],
  ] as const)
    expect((await post(name, members)).status, name).toBe(400)
  expect((await post('friends', '')).status).toBe(202)
  expect((await groups()).get('x-account-group-friends')).toBeUndefined()
})
