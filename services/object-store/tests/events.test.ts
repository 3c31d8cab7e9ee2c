import { sql } from '@synnefo/lib/sql'
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { listEvents } from '../store/events.ts'
import { openAlice, put } from './alice.ts'

async function openTold(onTestFinished: OnTestFinished) {
  const opened = await openAlice(onTestFinished, { settings: { PITHOS_EVENTS: true } })
  const { db } = opened.cloud
  /** What was noted since the last time: what happened where, and by how many bytes. */
  async function noted() {
    const events = await listEvents(db, 1000)
    await db.run(sql`DELETE FROM object_store.events`)
    return events.map(({ action, objectAction, path, bytes, versions, members }) => ({
      action,
      objectAction,
      path: path.split('/').slice(1).join('/'),
      bytes: Number(bytes),
      versions: versions.length,
      ...(members ? { members } : {}),
    }))
  }
  return { ...opened, noted }
}

const SHARED = { 'X-Object-Sharing': 'read=*' }

test('each change of an object is noted with what it is, where, and how much space it takes', async ({ onTestFinished }) => {
  const { cloud, alice, noted } = await openTold(onTestFinished)
  const bob = await cloud.user()
  const told = (action: string, objectAction: string | null, path: string, bytes: number, versions = 1) => ({
    action,
    objectAction,
    path: `pithos/${path}`,
    bytes,
    versions,
  })

  await put(alice, 'a', 'four')
  expect(await noted()).toEqual([told('object update', 'object update', 'a', 4)])
  await put(alice, 'a', 'three more')
  expect(await noted()).toEqual([told('object update', 'object update', 'a', 6)])
  await alice.send('POST', 'pithos/a?update', { headers: { 'X-Object-Meta-Colour': 'green' } })
  expect(await noted()).toEqual([told('object update', 'object update', 'a', 0)])
  await alice.send('PUT', 'pithos/b', { headers: { 'X-Copy-From': '/pithos/a' } })
  expect(await noted()).toEqual([told('object update', 'object update', 'b', 10)])
  await alice.send('MOVE', 'pithos/b', { headers: { Destination: '/pithos/c' } })
  expect(await noted()).toEqual([told('object move', 'object delete', 'b', -10), told('object move', 'object update', 'c', 10)])
  await alice.send('POST', 'pithos/c?update', { headers: { 'X-Object-Sharing': `read=${bob.userId}` } })
  expect(await noted()).toEqual([{ ...told('object update', null, 'c', 0, 0), members: [bob.userId] }])
  await alice.send('DELETE', 'pithos/c')
  expect(await noted()).toEqual([told('object delete', 'object delete', 'c', -10)])
  await alice.send('DELETE', `pithos/a?until=${Math.ceil(Date.now() / 1000) + 60}`)
  expect(await noted()).toEqual([told('object purge', 'object delete', 'a', -10, 3)])
  await alice.send('DELETE', `pithos?until=${Math.ceil(Date.now() / 1000) + 60}`)
  expect(await noted()).toEqual([{ ...told('container purge', null, '', 0, 4), path: 'pithos' }])
})

test('what happens to many objects at once is noted for each of them', async ({ onTestFinished }) => {
  const { alice, noted } = await openTold(onTestFinished)
  for (const name of ['folder', 'folder/one', 'folder/two', 'other']) await put(alice, name, name)
  await noted()
  await alice.send('DELETE', 'pithos/folder?delimiter=/')
  const gone = (await noted()).map(({ action, path, bytes }) => [action, path, bytes])
  expect(gone).toEqual([
    ['object delete', 'pithos/folder', -6],
    ['object delete', 'pithos/folder/one', -10],
    ['object delete', 'pithos/folder/two', -10],
  ])
  await alice.send('DELETE', 'pithos?delimiter=/')
  expect((await noted()).map(({ path }) => path)).toEqual(['pithos/other'])
})

test('folders that are copied, moved, emptied and restored tell of every object', async ({ onTestFinished }) => {
  const { cloud, alice, noted } = await openTold(onTestFinished)
  expect((await alice.send('PUT', 'other')).status).toBe(201)
  for (const name of ['folder', 'folder/one']) await put(alice, name, name)
  await noted()
  const did = async () => (await noted()).map(({ action, objectAction, path, bytes }) => [action, objectAction, path, bytes])

  await alice.send('COPY', 'pithos/folder?delimiter=/', { headers: { Destination: '/other/copy' } })
  expect(await did()).toEqual([
    ['object update', 'object update', 'other/copy', 6],
    ['object update', 'object update', 'other/copy/one', 10],
  ])
  await alice.send('MOVE', 'pithos/folder?delimiter=/', { headers: { Destination: '/other/moved' } })
  expect(new Set((await did()).map((each) => each.join()))).toEqual(
    new Set([
      'object move,object update,other/moved,6',
      'object move,object update,other/moved/one,10',
      'object move,object delete,pithos/folder,-6',
      'object move,object delete,pithos/folder/one,-10',
    ]),
  )
  const { moment } = await cloud.db.one<{ moment: string }>(sql`SELECT extract(epoch FROM clock_timestamp())::text AS moment`)
  await alice.send('DELETE', 'other?delimiter=/')
  expect((await did()).map(([action, , path]) => [action, path])).toEqual(
    ['copy', 'copy/one', 'moved', 'moved/one'].map((name) => ['object delete', `other/${name}`]),
  )
  await alice.send('POST', `other?restore&until=${moment}`)
  expect(await did()).toEqual([
    ['object update', 'object update', 'other/copy', 6],
    ['object update', 'object update', 'other/copy/one', 10],
    ['object update', 'object update', 'other/moved', 6],
    ['object update', 'object update', 'other/moved/one', 10],
  ])
})

test('members of groups are told as members', async ({ onTestFinished }) => {
  const { cloud, alice, noted } = await openTold(onTestFinished)
  const people = [await cloud.user(), await cloud.user()].map(({ userId }) => userId).sort()
  for (const member of people)
    await cloud.db.run(
      sql`INSERT INTO object_store.groups (account, name, member) VALUES (${alice.userId}, 'friends', ${member})`,
    )
  await put(alice, 'a', 'x', { 'X-Object-Sharing': `read=${alice.userId}:friends;write=${people[0]}` })
  expect((await noted()).at(-1)?.members).toEqual(people)
})

test('nothing is noted where events are off, or where the change failed', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'a', 'x', SHARED)
  await alice.send('DELETE', 'pithos?delimiter=/')
  expect(await listEvents(cloud.db, 10)).toEqual([])
  const told = await openTold(onTestFinished)
  await told.noted()
  expect((await put(told.alice, 'a', 'x', { 'If-Match': 'nothing' })).status).toBe(412)
  expect(await told.noted()).toEqual([])
})
