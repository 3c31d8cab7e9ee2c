import { quotasOf } from '@synnefo/identity'
import { expect, test } from 'vitest'
import { openAlice, put } from './alice.ts'
import { expectFiguresToAddUp, momentOf } from './moments.ts'

test('where history is charged, it is given back by whatever drops it', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_FREE_VERSIONING: false } })
  const used = async () =>
    Number((await quotasOf(cloud.db, alice.userId)).find(({ resource }) => resource === 'pithos.diskspace')!.usage)
  const soon = Math.ceil(Date.now() / 1000) + 3600
  await put(alice, 'f', 'x'.repeat(1))
  await put(alice, 'f/o', 'x'.repeat(10))
  const then = await momentOf(cloud.db)
  await put(alice, 'f/o', 'x'.repeat(100))
  expect(await used()).toBe(111)
  await alice.send('DELETE', 'pithos/f?delimiter=/')
  expect(await used()).toBe(111)
  await alice.send('POST', `pithos?restore&until=${then}`)
  expect(await used()).toBe(122)
  await alice.send('COPY', 'pithos/f?delimiter=/', { headers: { Destination: '/pithos/g' } })
  expect(await used()).toBe(133)
  await alice.send('COPY', 'pithos/f?delimiter=/', { headers: { Destination: '/pithos/g' } })
  expect(await used()).toBe(144)
  // What moves leaves a version behind.
  await alice.send('MOVE', 'pithos/g?delimiter=/', { headers: { Destination: '/pithos/h' } })
  expect(await used()).toBe(155)
  await alice.send('DELETE', `pithos/f/o?until=${soon}`)
  expect(await used()).toBe(35)
  await expectFiguresToAddUp(cloud.db)
  await alice.send('DELETE', `pithos?until=${soon}`)
  expect(await used()).toBe(12)
  await alice.send('DELETE', 'pithos?delimiter=/')
  expect(await used()).toBe(12)
  expect((await alice.send('DELETE', 'pithos')).status).toBe(204)
  expect(await used()).toBe(0)
})
