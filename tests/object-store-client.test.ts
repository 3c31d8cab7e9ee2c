// The client of the object store against the service itself, over a real connection.
import { connect } from '@synnefo/clients/http'
import { readAttached, readMetadata } from '@synnefo/clients/object-headers'
import { openObjectStore } from '@synnefo/clients/object-store'
import { openTestCloud } from '@synnefo/object-store/testing'
import { expect, type onTestFinished, test } from 'vitest'

async function openCloud(finished: typeof onTestFinished) {
  const cloud = await openTestCloud(finished)
  const [alice, bob] = [await cloud.user(), await cloud.user()]
  /** A store as somebody sees it: his own, or what is shared of another account. */
  const storeOf = (person: typeof alice, account = person.userId) =>
    openObjectStore(connect({ baseUrl: cloud.url, token: person.token }), account)
  const own = storeOf(alice)
  await own.createContainer('files')
  const connection = connect({ baseUrl: cloud.url, token: alice.token })
  const put = (name: string, body: string) =>
    connection.send('PUT', `/pithos/object-store/v1/${alice.userId}/files/${name}`, {
      headers: { 'Content-Type': 'text/plain' },
      body,
    })
  return { alice, bob, own, storeOf, put }
}

const namesOf = (entries: Awaited<ReturnType<ReturnType<typeof openObjectStore>['listObjects']>>) =>
  entries.map((entry) => ('name' in entry ? entry.name : entry.subdir))

test('groups of any name are set, told and taken away', async ({ onTestFinished }) => {
  const { own, alice, bob } = await openCloud(onTestFinished)
  const members = [alice.userId, bob.userId].toSorted()
  for (const name of ["köln(süd)'s*!~", 'crew']) await own.setGroup(name, members)
  await own.setGroup('crew', [bob.userId])
  expect(Object.fromEntries(await own.listGroups())).toEqual({ "köln(süd)'s*!~": members, crew: [bob.userId] })
  await own.setGroup('crew', [])
  expect([...(await own.listGroups()).keys()]).toEqual(["köln(süd)'s*!~"])
  await expect(own.setGroup('a-b', members)).rejects.toMatchObject({ status: 400 })
})

test('metadata of any name and value come back, and containers tell the names in use', async ({ onTestFinished }) => {
  const { own, put } = await openCloud(onTestFinished)
  await put('a', 'a')
  await put('b', 'b')
  await own.setMetadata('files', 'a', { tags: 'sea', "größe (m)'*!~": '100%, "söft" ~' })
  await own.setMetadata('files', 'b', { Tags: 'mountains' })
  const metadata = readMetadata((await own.showObject('files', 'a'))!)
  expect(metadata).toEqual({ Tags: 'sea', "Größe (m)'*!~": '100%, "söft" ~' })
  await own.setMetadata('files', 'a', { "größe (m)'*!~": '' })
  expect(readMetadata((await own.showObject('files', 'a'))!)).toEqual({ Tags: 'sea' })
  expect(await own.metadataNames('files')).toEqual(['Tags'])
  expect(namesOf(await own.listObjects('files', { meta: 'Tags=sea' }))).toEqual(['a'])
  expect(namesOf(await own.listObjects('files', { meta: 'Tags', limit: 1, marker: 'a' }))).toEqual(['b'])
})

test('a content is replaced as long as it is the one that was read, down to nothing, and the rest of the object stays', async ({
  onTestFinished,
}) => {
  const { own, put } = await openCloud(onTestFinished)
  await put('a', 'longer than the next')
  await own.setMetadata('files', 'a', { Tags: 'sea' })
  const read = async () => {
    const { content, etag } = await own.readContent('files', 'a')
    return { text: await content.text(), etag }
  }
  for (const text of ['short', '', 'again']) {
    await own.writeContent('files', 'a', new Blob([text]), (await read()).etag)
    expect((await read()).text).toBe(text)
  }
  const { etag } = await read()
  await put('a', 'of somebody else')
  await expect(own.writeContent('files', 'a', new Blob(['late']), etag)).rejects.toMatchObject({ status: 412 })
  expect((await read()).text).toBe('of somebody else')
})

test('what somebody shares is listed, told apart by right, copied to one’s own and changed where that is allowed', async ({
  onTestFinished,
}) => {
  const { own, put, alice, bob, storeOf } = await openCloud(onTestFinished)
  await put('plans/deep/a', 'deep')
  await put('secret', 'secret')
  await put('read', 'read')
  await own.createFolder('files', 'plans')
  await own.shareObject('files', 'plans', { read: [], write: [bob.userId] })
  await own.shareObject('files', 'read', { read: [bob.userId], write: [] })
  await own.createContainer('private')
  const theirs = storeOf(bob, alice.userId)
  const bobs = storeOf(bob)
  expect(await bobs.listSharers()).toEqual([alice.userId])
  expect((await theirs.listSharedContainers()).map(({ name }) => name)).toEqual(['files'])
  expect((await own.listContainers({ shared: true, published: true })).map(({ name }) => name)).toEqual(['files'])
  expect(namesOf(await theirs.listObjects('files', { delimiter: '/' }))).toEqual(['plans', 'plans/', 'read'])
  expect(namesOf(await own.listObjects('files', { shared: true, delimiter: '/' }))).toEqual(['plans', 'plans/', 'read'])
  const right = async (name: string) => readAttached((await theirs.showObject('files', name))!).allowedTo
  expect([await right('plans'), await right('plans/deep/a'), await right('read')]).toEqual(['write', 'write', 'read'])

  await bobs.createContainer('mine')
  await theirs.copyObject('files', 'plans', { account: bob.userId, container: 'mine', name: 'copy' }, { delimiter: '/' })
  expect(namesOf(await bobs.listObjects('mine', {}))).toEqual(['copy', 'copy/deep/a'])
  const first = (await theirs.listVersions('files', 'plans/deep/a'))[0]!
  const { etag } = await theirs.readContent('files', 'plans/deep/a')
  await theirs.writeContent('files', 'plans/deep/a', new Blob(['by Bob']), etag)
  await theirs.restoreVersion('files', 'plans/deep/a', first.id)
  expect(await (await own.readContent('files', 'plans/deep/a')).content.text()).toBe('deep')
  await expect(theirs.writeContent('files', 'read', new Blob(['x']), '*')).rejects.toMatchObject({ status: 403 })
  await expect(theirs.moveObject('files', 'plans/deep/a', { container: 'files', name: 'b' })).rejects.toMatchObject({
    status: 403,
  })
})

test('a container is made and changed with its policies', async ({ onTestFinished }) => {
  const { own } = await openCloud(onTestFinished)
  await own.createContainer('limited', { quota: 5, versioning: 'none' })
  const policy = async () => (await own.listContainers()).find(({ name }) => name === 'limited')!.x_container_policy
  expect(await policy()).toMatchObject({ quota: '5', versioning: 'none' })
  await own.changeContainer('limited', { quota: 0 })
  expect(await policy()).toMatchObject({ quota: '0', versioning: 'none' })
})
