// Groups of people: how they are kept, and that being in one counts at once wherever somebody is shared with.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { changeDomain, objectAt, objectsOfDomain } from '../index.ts'
import type { TestClient } from '../testing.ts'
import { list, openAlice, put } from './alice.ts'

/** Groups of an account by name as headers show them, and its metadata. */
async function groupsOf(who: TestClient): Promise<Record<string, string>> {
  const { headers } = await who.send('HEAD', '')
  const shown = Object.entries(headers).filter(([name]) => /^x-account-(group|meta)-/.test(name))
  return Object.fromEntries(shown.map(([name, value]) => [decodeURIComponent(name.replace(/^x-account-(group-)?/, '')), value!]))
}
const post = (who: TestClient, headers: Record<string, string>, query = '?update') => who.send('POST', query, { headers })

test('groups are replaced without update, merged with it, and go with their last member', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const [a, b] = [alice.userId, (await cloud.user()).userId].sort() as [string, string]
  expect((await post(alice, { 'X-Account-Group-Friends': `${b}, ${a},${b},,`, 'X-Account-Meta-K': 'v' })).status).toBe(202)
  expect(await groupsOf(alice)).toEqual({ friends: `${a},${b}`, 'meta-k': 'v' })
  await post(alice, { 'X-Account-Group-Work': a.toUpperCase() })
  await post(alice, { 'X-Account-Group-FRIENDS': b })
  expect(await groupsOf(alice)).toEqual({ friends: b, work: a, 'meta-k': 'v' })
  await post(alice, { 'X-Account-Group-Work': '', 'X-Account-Group-Nobody': ',' })
  expect(await groupsOf(alice)).toEqual({ friends: b, 'meta-k': 'v' })
  await post(alice, { 'X-Account-Meta-L': 'w' }, '')
  expect(await groupsOf(alice)).toEqual({ friends: b, 'meta-l': 'w' })
  const name = encodeURIComponent('Ομάδα')
  await post(alice, { [`X-Account-Group-${name}`]: a }, '')
  expect(await groupsOf(alice)).toEqual({ Ομάδα: a })
  expect((await alice.send('HEAD', '')).headers).toHaveProperty(`x-account-group-${name.toLowerCase()}`)
  expect((await post(alice, {})).status).toBe(202)
  expect(
    (await cloud.user().then((bob) => bob.send('POST', `/${alice.userId}?update`, { headers: { 'X-Account-Group-G': a } })))
      .status,
  ).toBe(403)
})

test('what is no group is refused, and then nothing changes', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const me = alice.userId
  const people = [me]
  while (people.length < 33) people.push((await cloud.user()).userId)
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-Account-Group-G${i}`, me]))
  const stays = { 'X-Account-Group-Stays': me, 'X-Account-Meta-Stays': 'yes' }
  await post(alice, stays)
  const refused: Record<string, string>[] = [
    { 'X-Account-Group-Some-Name': me },
    { 'X-Account-Group-Some_Name': me },
    { 'X-Account-Group-Some%2CName': me },
    { 'X-Account-Group-Some%20Name': me },
    { 'X-Account-Group-Some%00': me },
    { 'X-Account-Group-G': `${me},nobody` },
    { 'X-Account-Group-G': '00000000-0000-4000-8000-000000000000' },
    { 'X-Account-Group-G': 'a'.repeat(257) },
    { [`X-Account-Group-${'g'.repeat(257)}`]: me },
    { 'X-Account-Group-G': people.join(',') },
    many(32),
  ]
  for (const headers of refused) {
    const answer = await post(alice, { ...headers, 'X-Account-Meta-Changed': 'yes' })
    expect([headers, answer.status, Object.keys(answer.json() as object)]).toEqual([headers, 400, ['badRequest']])
  }
  expect(await groupsOf(alice)).toEqual({ stays: me, 'meta-stays': 'yes' })
  expect((await post(alice, { 'X-Account-Group-G': people.slice(1).join(',') })).status).toBe(202)
  expect((await post(alice, { [`X-Account-Group-${'g'.repeat(256)}`]: me })).status).toBe(202)
  expect((await post(alice, many(33), '')).status).toBe(400)
  expect((await post(alice, many(32), '')).status).toBe(202)
  expect((await post(alice, { 'X-Account-Group-G0': '', 'X-Account-Group-New': me })).status).toBe(202)
})

test('who joins a group may at once what it may, and who leaves it no more', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const { db, store } = cloud
  const bob = await cloud.user()
  await bob.send('PUT', 'pithos')
  // Anybody's group will do, not only the owner's.
  const carol = await cloud.user()
  const group = `${carol.userId}:team`
  await put(alice, 'read', 'what the team reads', { 'X-Object-Sharing': `read=${group}` })
  await put(alice, 'dir', '', { 'Content-Type': 'application/directory', 'X-Object-Sharing': `write=${group.toUpperCase()}` })
  await put(alice, 'dir/in', 'in the folder')
  const { uuid } = (await objectAt(db, undefined, { account: alice.userId, container: 'pithos', name: 'dir/in' }))!
  await db.transaction((tx) =>
    changeDomain(tx, store, alice.userId, uuid, 'plankton', { items: { name: 'image' }, merge: false }),
  )
  const upload = (content: string) =>
    bob.send('PUT', 'pithos/copy?hashmap', {
      headers: { 'Content-Type': 'text/plain' },
      body: JSON.stringify({ bytes: content.length, hashes: [createHash('sha256').update(content).digest('hex')] }),
    })
  const theirs = `/${alice.userId}`
  const seen = async () => ({
    accounts: (await bob.send('GET', '/')).text.trim(),
    account: (await bob.send('HEAD', theirs)).status,
    containers: (await bob.send('GET', theirs)).status,
    container: (await bob.send('GET', `${theirs}/pithos`)).status,
    read: (await bob.send('GET', `${theirs}/pithos/read`)).status,
    inFolder: (await bob.send('HEAD', `${theirs}/pithos/dir/in`)).status,
    written: (await bob.send('PUT', `${theirs}/pithos/dir/new`, { headers: { 'Content-Type': 'text/plain' }, body: 'x' })).status,
    overwritten: (await bob.send('POST', `${theirs}/pithos/read?update`, { headers: { 'X-Object-Meta-A': 'b' } })).status,
    blocks: [(await upload('what the team reads')).status, (await upload('in the folder')).status],
    images: (await objectsOfDomain(db, bob.userId, 'plankton')).map(({ name }) => name),
  })
  const nothing = {
    accounts: '',
    account: 403,
    containers: 403,
    container: 403,
    read: 403,
    inFolder: 403,
    written: 403,
    overwritten: 403,
    blocks: [409, 409],
    images: [],
  }
  expect(await seen()).toEqual(nothing)
  await post(carol, { 'X-Account-Group-Team': bob.userId })
  expect(await seen()).toEqual({
    accounts: alice.userId,
    account: 204,
    containers: 200,
    container: 200,
    read: 200,
    inFolder: 200,
    written: 201,
    overwritten: 403,
    blocks: [201, 201],
    images: ['dir/in'],
  })
  const { headers } = await bob.send('HEAD', `${theirs}/pithos/dir/in`)
  expect(headers).toMatchObject({
    'x-object-sharing': `write=${carol.userId}:team`,
    'x-object-shared-by': `${alice.userId}/pithos/dir`,
    'x-object-allowed-to': 'write',
  })
  await bob.send('DELETE', 'pithos/copy?until=9999999999')
  await post(carol, { 'X-Account-Group-Team': '' })
  expect(await seen()).toEqual(nothing)
  expect(await list(alice, '')).toEqual(['dir', 'dir/in', 'dir/new', 'read'])
})
