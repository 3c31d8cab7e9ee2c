// Copying what somebody else shares, against the real object store.
import { connect } from '@synnefo/clients/http'
import { openObjectStore } from '@synnefo/clients/object-store'
import { openTestCloud } from '@synnefo/object-store/testing'
import { expect, test } from 'vitest'
import { rowsOf } from './rows.ts'
import { KEEP_BOTH, transferRows } from './transfers.ts'

test('a folder is copied with what is in it, also where it is only what names have in common', async ({ onTestFinished }) => {
  const cloud = await openTestCloud(onTestFinished)
  const [alice, bob] = [await cloud.user(), await cloud.user()]
  const storeOf = (person: typeof alice, account = person.userId) =>
    openObjectStore(connect({ baseUrl: cloud.url, token: person.token }), account)
  const [alices, shared, bobs] = [storeOf(alice), storeOf(bob, alice.userId), storeOf(bob)]
  await alices.createContainer('files')
  for (const name of ['plans', 'plans/a/1', 'plans/a/b/2', 'plans/c']) await alices.createFolder('files', name)
  await alices.shareObject('files', 'plans', { read: [bob.userId], write: [] })
  await bobs.createContainer('mine')

  const rows = rowsOf([await shared.listObjects('files', { prefix: 'plans/', delimiter: '/' })], 'plans/')[0]!
  expect(rows.map(({ name, object }) => [name, object !== undefined])).toEqual([
    ['plans/a/', false],
    ['plans/c/', true],
  ])
  const target = { account: bob.userId, container: 'mine', name: 'got/' }
  const copy = () => transferRows(bobs, { store: shared, container: 'files' }, rows, { target, way: 'copy', conflict: KEEP_BOTH })
  const names = async () => (await bobs.listObjects('mine', {})).map((entry) => ('name' in entry ? entry.name : entry.subdir))
  await copy()
  expect(await names()).toEqual(['got/a/1', 'got/a/b/2', 'got/c'])
  await copy()
  expect(await names()).toEqual(['got/a (2)/1', 'got/a (2)/b/2', 'got/a/1', 'got/a/b/2', 'got/c', 'got/c (2)'])
})
