// Copying, moving and deleting folders against a model: a map from names to what is there.
import { sql } from '@synnefo/lib/sql'
import { expect, test } from 'vitest'
import { openAlice, put } from './alice.ts'
import { expectFiguresToAddUp } from './moments.ts'
import { numbersFrom } from './numbers.ts'

interface Thing {
  content: string
  /** Which object it is; a copy is another one. */
  identity: number
}

test.for([1, 2])('folders are copied, moved and deleted as in a model (%i)', async (seed, { onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await alice.send('PUT', 'other')
  const random = numbersFrom(seed)
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]!
  const places = ['pithos', 'other'].flatMap((container) =>
    ['a', 'a/a', 'a/b', 'a/b/c', 'b', 'b/a', 'ab'].map((name) => `${container}/${name}`),
  )
  const model = new Map<string, Thing>()
  let identities = 0
  const isIn = (folder: string) => (place: string) => place === folder || place.startsWith(`${folder}/`)

  for (let step = 0; step < 60; step += 1) {
    const [source, destination] = [pick(places), pick(places)]
    const act = pick(['put', 'put', 'put', 'copy', 'move', 'delete'] as const)
    if (act === 'put') {
      const content = `content ${step}`
      const [container, ...rest] = source.split('/')
      if (container === 'pithos') await put(alice, rest.join('/'), content)
      else await alice.send('PUT', source, { headers: { 'Content-Type': 'text/plain' }, body: content })
      model.set(source, { content, identity: model.get(source)?.identity ?? ++identities })
      continue
    }
    const all = [...model].filter(([place]) => isIn(source)(place))
    const answer =
      act === 'delete'
        ? await alice.send('DELETE', `${source}?delimiter=/`)
        : await alice.send(act.toUpperCase(), `${source}?delimiter=/`, { headers: { Destination: `/${destination}` } })
    const intoItself = act !== 'delete' && destination !== source && isIn(source)(destination)
    const expected = intoItself ? 400 : !model.has(source) ? 404 : act === 'delete' ? 204 : 201
    expect([step, act, source, destination, answer.status]).toEqual([step, act, source, destination, expected])
    if (expected >= 400) continue
    if (act !== 'copy') for (const [place] of all) model.delete(place)
    if (act === 'delete') continue
    for (const [place, { content, identity }] of all) {
      const stays = act === 'move' || source === destination
      model.set(destination + place.slice(source.length), { content, identity: stays ? identity : ++identities })
    }
  }

  const rows = await cloud.db.any<{ place: string; uuid: string }>(sql`
    SELECT c.name || '/' || v.name AS place, v.uuid FROM object_store.versions v
    JOIN object_store.containers c ON c.id = v.container_id WHERE v.state = 'current' ORDER BY 1`)
  expect(rows.map(({ place }) => place)).toEqual([...model.keys()].sort())
  for (const { place } of rows) expect([place, (await alice.send('GET', place)).text]).toEqual([place, model.get(place)!.content])
  // What the model takes for one object has one UUID, and what it takes for several has several.
  const uuids = new Map(rows.map(({ place, uuid }) => [model.get(place)!.identity, uuid]))
  expect(new Set(uuids.values()).size).toBe(new Set([...model.values()].map(({ identity }) => identity)).size)
  expect(new Set(rows.map(({ uuid }) => uuid)).size).toBe(uuids.size)
  await expectFiguresToAddUp(cloud.db)
})
