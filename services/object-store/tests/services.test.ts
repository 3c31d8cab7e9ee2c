// What the image and volume services stand on.
import { expect, test } from 'vitest'
import { changeDomain, firstBytes, objectAt, objectByUuid, objectsOfDomain, permissionsAt, setPermissionsAt } from '../index.ts'
import { openAlice, put } from './alice.ts'

test('facts of another domain stay with the object through everything that happens to it', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const { db, store } = cloud
  await put(alice, 'disk', 'Hello, Pithos!')
  const place = { account: alice.userId, container: 'pithos', name: 'disk' }
  const { uuid, versionId } = (await objectAt(db, alice.userId, place))!
  const set = (items: Record<string, string>, merge: boolean) =>
    db.transaction((tx) => changeDomain(tx, store, alice.userId, uuid, 'plankton', { items, merge }))
  const named = await set({ name: 'Debian', status: 'available' }, false)
  expect(named.metadataOf('plankton')).toEqual({ name: 'Debian', status: 'available' })
  expect(named.versionId).toBeGreaterThan(versionId)
  await set({ status: '', os: 'debian' }, true)
  await put(alice, 'disk', 'other data', { 'X-Object-Meta-A': '1' })
  await alice.send('MOVE', 'pithos/disk', { headers: { Destination: '/pithos/moved' } })
  const found = (await objectByUuid(db, alice.userId, uuid))!
  expect(found).toMatchObject({ account: alice.userId, container: 'pithos', name: 'moved', sizeBytes: 10n, available: 1 })
  expect(found.metadataOf('plankton')).toEqual({ name: 'Debian', os: 'debian' })
  expect((await alice.send('HEAD', 'pithos/moved')).headers).toMatchObject({ 'x-object-meta-a': '1' })
  expect((await firstBytes(store, found, 5)).toString()).toBe('other')
  expect((await firstBytes(store, found, 500)).toString()).toBe('other data')
  await set({}, false)
  expect(await objectsOfDomain(db, alice.userId, 'plankton')).toEqual([])
})

test('objects of a domain are seen by those who may read them', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const { db, store } = cloud
  const bob = await cloud.user()
  for (const name of ['mine', 'ours', 'everybodys']) {
    await put(alice, name, name)
    const { uuid } = (await objectAt(db, undefined, { account: alice.userId, container: 'pithos', name }))!
    await db.transaction((tx) => changeDomain(tx, store, alice.userId, uuid, 'plankton', { items: { name }, merge: false }))
  }
  await put(alice, 'no-image', 'x', { 'X-Object-Sharing': 'read=*' })
  const share = (name: string, read: string[]) =>
    db.transaction((tx) =>
      setPermissionsAt(tx, store, alice.userId, { account: alice.userId, container: 'pithos', name }, { read, write: [] }),
    )
  await share('ours', [bob.userId])
  await share('everybodys', ['*'])
  const names = async (asker: string | undefined) => (await objectsOfDomain(db, asker, 'plankton')).map(({ name }) => name)
  expect(await names(alice.userId)).toEqual(['mine', 'ours', 'everybodys'])
  expect(await names(bob.userId)).toEqual(['ours', 'everybodys'])
  expect(await names(undefined)).toHaveLength(3)
  expect(await permissionsAt(db, { account: alice.userId, container: 'pithos', name: 'ours' })).toEqual({
    read: [bob.userId],
    write: [],
  })
  const { uuid: mine } = (await objectAt(db, undefined, { account: alice.userId, container: 'pithos', name: 'mine' }))!
  const { uuid: ours } = (await objectAt(db, undefined, { account: alice.userId, container: 'pithos', name: 'ours' }))!
  expect(await objectByUuid(db, bob.userId, mine)).toBeUndefined()
  expect(await objectByUuid(db, bob.userId, 'nonsense')).toBeUndefined()
  const change = (uuid: string) =>
    db.transaction((tx) => changeDomain(tx, store, bob.userId, uuid, 'plankton', { items: { name: 'his' }, merge: true }))
  await expect(change(mine)).rejects.toMatchObject({ kind: 'itemNotFound' })
  await expect(change(ours)).rejects.toMatchObject({ kind: 'forbidden' })
})
