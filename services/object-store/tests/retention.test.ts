import { quotasOf } from '@synnefo/identity'
import { silentLog } from '@synnefo/lib/log'
import { sql } from '@synnefo/lib/sql'
import { openTasks } from '@synnefo/lib/tasks'
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { applyRetentionToAll } from '../tasks/apply-retention.ts'
import type { TestObjectStoreOptions } from '../testing.ts'
import { openAlice, put } from './alice.ts'
import { expectFiguresToAddUp } from './moments.ts'

async function openRetaining(onTestFinished: OnTestFinished, settings: TestObjectStoreOptions['settings'] = {}) {
  const opened = await openAlice(onTestFinished, { settings })
  const { cloud, alice } = opened
  const retain = () => openTasks(cloud.db, silentLog, [applyRetentionToAll], { objectStore: cloud.store }).settle()
  const versions = async (name: string) => {
    const answer = await alice.send('GET', `pithos/${name}?version=list&format=json`)
    return answer.status === 404 ? 0 : (answer.json() as { versions: unknown[] }).versions.length
  }
  const states = () => cloud.db.any(sql`SELECT name, state FROM object_store.versions ORDER BY name, id`)
  /** All that happened so far happened this many days earlier. */
  const age = async (days: number) => {
    const earlier = sql`created_at = created_at - make_interval(days => ${days})`
    await cloud.db.run(sql`UPDATE object_store.containers SET ${earlier}`)
    await cloud.db.run(sql`UPDATE object_store.versions SET ${earlier}`)
  }
  const used = async () => (await quotasOf(cloud.db, alice.userId)).find(({ resource }) => resource === 'pithos.diskspace')!.usage
  return { ...opened, retain, versions, states, age, used }
}

test('all history is kept unless the operator says otherwise', async ({ onTestFinished }) => {
  const { alice, retain, versions, age } = await openRetaining(onTestFinished)
  for (const text of ['one', 'two', 'three']) await put(alice, 'o', text)
  await age(10_000)
  await retain()
  expect(await versions('o')).toBe(3)
})

test('versions that were replaced too long ago go, and what was current meanwhile stays', async ({ onTestFinished }) => {
  const settings = { PITHOS_HISTORY_DAYS: 30, PITHOS_BACKEND_FREE_VERSIONING: false }
  const { cloud, alice, retain, states, age, used } = await openRetaining(onTestFinished, settings)
  await age(1) // the container was there before
  await put(alice, 'o', 'one')
  await put(alice, 'deleted', 'data')
  await put(alice, 'deleted-later', 'data')
  await put(alice, 'back', 'old')
  for (const name of ['deleted', 'back']) await alice.send('DELETE', `pithos/${name}`)
  await put(alice, 'o', 'two')
  await age(31)
  await put(alice, 'o', 'three')
  await put(alice, 'back', 'new')
  await alice.send('DELETE', 'pithos/deleted-later')
  expect(await used()).toBe(3n + 4n + 4n + 3n + 3n + 5n + 3n)
  await retain()
  expect(await states()).toEqual([
    { name: 'back', state: 'current' },
    { name: 'deleted-later', state: 'history' },
    { name: 'deleted-later', state: 'deleted' },
    { name: 'o', state: 'history' },
    { name: 'o', state: 'current' },
  ])
  expect(await used()).toBe(3n + 4n + 3n + 5n)
  await expectFiguresToAddUp(cloud.db)
  // What the past was before is not known any more, so restoring does not delete what may have been there.
  const long = Date.now() / 1000 - 31.5 * 86_400
  expect((await alice.send('POST', `pithos?restore&until=${long}`)).json()).toMatchObject({ deleted: 0, kept: 2 })
})

test('of many versions the newest stay, of each object', async ({ onTestFinished }) => {
  const { cloud, alice, retain, versions } = await openRetaining(onTestFinished, { PITHOS_HISTORY_VERSIONS: 2 })
  for (const text of ['1', '22', '333', '4444']) await put(alice, 'o', text)
  for (const text of ['1', '2']) await put(alice, 'few', text)
  await put(alice, 'gone', '1')
  await alice.send('DELETE', 'pithos/gone')
  await retain()
  expect([await versions('o'), await versions('few'), await versions('gone')]).toEqual([3, 2, 1])
  expect((await alice.send('GET', 'pithos/o')).text).toBe('4444')
  await expectFiguresToAddUp(cloud.db)
})
