import { isForeignKeyViolation, sql } from '@synnefo/lib/sql'
import { expect, test } from 'vitest'
import { openAlice, put } from '../tests/alice.ts'
import { prepareVersions, type VersionToWrite } from './write-versions.ts'

test('a version is given the map of its content, and none is written where there is no such map', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'there', 'some content')
  const { id, mapId, hash } = await cloud.db.one<{ id: bigint; mapId: bigint; hash: string }>(sql`
    SELECT container_id AS id, map_id AS "mapId", encode(hash, 'hex') AS hash FROM object_store.versions WHERE name = 'there'`)
  const version: VersionToWrite = {
    containerId: id,
    name: 'new',
    state: 'current',
    uuid: '11111111-1111-4111-8111-111111111111',
    mapId: null,
    findsMap: true,
    hash,
    sizeBytes: 12n,
    contentType: 'text/plain',
    checksum: '',
    modifiedBy: alice.userId,
    metadata: {},
    domains: null,
    follows: undefined,
  }
  const write = (made: VersionToWrite) => {
    const { blockSizeBytes } = cloud.store
    return cloud.db.transaction((tx) => prepareVersions({ kept: [], gone: [], changes: [], made: [made], blockSizeBytes })(tx))
  }
  await write(version)
  const mapOf = (name: string) => cloud.db.maybeOne(sql`SELECT map_id AS "mapId" FROM object_store.versions WHERE name = ${name}`)
  expect(await mapOf('new')).toEqual({ mapId })
  for (const other of [{ hash: 'ab'.repeat(32) }, { sizeBytes: 13n }]) {
    const failure = await write({ ...version, ...other, name: 'other' }).catch((error) => error)
    expect(isForeignKeyViolation(failure, 'versions_map_id_fkey'), String(failure)).toBe(true)
    expect(await mapOf('other')).toBeUndefined()
  }
})

test('times of a path never go back where nothing is kept, also of what arrives together', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await alice.send('POST', 'pithos', { headers: { 'X-Container-Policy-Versioning': 'none' } })
  await put(alice, 'c', 'first')
  await cloud.db.run(sql`UPDATE object_store.versions SET created_at = '2200-01-01' WHERE name = 'c'`)
  await Promise.all([put(alice, 'c', 'second'), put(alice, 'c', 'third'), put(alice, 'c', 'fourth')])
  const rows = await cloud.db.any(sql`
    SELECT extract(year FROM created_at)::int AS year FROM object_store.versions WHERE name = 'c'`)
  expect(rows).toEqual([{ year: 2200 }])
})
