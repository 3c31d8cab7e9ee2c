// Throwing away and taking back, against the real object store.
import { connect } from '@synnefo/clients/http'
import { openObjectStore } from '@synnefo/clients/object-store'
import { openTestCloud } from '@synnefo/object-store/testing'
import { expect, test } from 'vitest'
import { rowsOf } from './rows.ts'
import { originsOf, takeBack, throwAway } from './trash.ts'

test('things go to the trash and back with what is in them, whatever they are called', async ({ onTestFinished }) => {
  const cloud = await openTestCloud(onTestFinished)
  const person = await cloud.user()
  const store = openObjectStore(connect({ baseUrl: cloud.url, token: person.token }), person.userId)
  const list = async (container: string, prefix = '') =>
    rowsOf([await store.listObjects(container, { delimiter: '/', ...(prefix === '' ? {} : { prefix }) })], prefix)[0]!
  const names = async (container: string) =>
    (await store.listObjects(container, {})).map((entry) => ('name' in entry ? entry.name : entry.subdir))
  const long = 'n'.repeat(300)
  await store.createContainer('files')
  for (const name of ['sea/ä%~(1).txt', 'sea/deep/b', 'c', 'sea.d/x', long]) await store.createFolder('files', name)
  await store.createFolder('files', 'other/c')

  await throwAway(store, 'files', await list('files'))
  await store.createFolder('files', 'other/c')
  await throwAway(store, 'files', await list('files', 'other/'))
  expect(await names('files')).toEqual([])
  const thrown = await list('trash')
  expect(thrown.map(({ label }) => label)).toEqual(['c', 'c (2)', long, 'other', 'sea', 'sea.d'])

  const inside = await list('trash', 'sea/')
  const origins = await originsOf(store, [...thrown, ...inside])
  expect([...origins.values()].map((origin) => origin?.name)).toEqual([
    'c',
    'other/c',
    undefined, // longer than what is kept
    'other',
    'sea',
    'sea.d',
    'sea/deep',
    'sea/ä%~(1).txt',
  ])
  const back = thrown.filter(({ name }) => origins.get(name) !== undefined && name !== 'other/')
  await takeBack(
    store,
    back.map((row) => ({ row, place: origins.get(row.name)! })),
  )
  expect(await names('trash')).toEqual([long, 'other', 'other/c'])
  expect(await names('files')).toEqual(['c', 'other/c', 'sea', 'sea.d', 'sea.d/x', 'sea/deep/b', 'sea/ä%~(1).txt'])
  expect((await originsOf(store, (await list('files')).slice(0, 1))).get('c/')).toBeUndefined()
})
