import { createHash } from 'node:crypto'
import { sql } from '@synnefo/lib/sql'
import { randomContent } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { openAlice, put } from './alice.ts'

const SMALL_BLOCKS = { settings: { PITHOS_BACKEND_BLOCK_SIZE: 1024 } }
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

test('a manifest reads as the concatenation of its parts', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, SMALL_BLOCKS)
  const parts = Array.from({ length: 10 }, (_, i) => randomContent(i * 300))
  let tags = ''
  for (const [i, part] of parts.entries()) tags += (await put(alice, `m/${i}`, part)).headers['etag']
  await put(alice, 'm', '', { 'X-Object-Manifest': 'pithos/m/' })
  const whole = Buffer.concat(parts)
  const got = await alice.send('GET', 'pithos/m')
  expect(got.body.equals(whole)).toBe(true)
  const described = { etag: md5(tags), 'content-length': String(whole.length), 'x-object-manifest': 'pithos/m/' }
  expect(got.headers).toMatchObject(described)
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  expect((await alice.send('HEAD', 'pithos/m')).headers).toMatchObject({ ...described, 'x-object-hash': empty })
  const range = (value: string) => alice.send('GET', 'pithos/m', { headers: { Range: value } })
  const part = await range('bytes=250-4000')
  expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 250-4000/${whole.length}`])
  expect(part.body.equals(whole.subarray(250, 4001))).toBe(true)
  expect((await range(`bytes=0-${whole.length}`)).status).toBe(416)
  expect((await range('bytes=0-0,-1')).headers['content-type']).toMatch(/^multipart\/byteranges/)
  const given = (headers: Record<string, string>) => alice.send('GET', 'pithos/m', { headers })
  expect((await given({ 'If-None-Match': md5(tags) })).status).toBe(304)
  expect((await given({ 'If-Match': empty })).status).toBe(412)
  expect((await given({ 'If-Range': `"${md5(tags)}"`, Range: 'bytes=0-0' })).status).toBe(206)
  const list = (await alice.send('GET', 'pithos/m?hashmap&format=json')).json()
  expect(list).toMatchObject({ bytes: 0, hashes: [empty] })
})

test('a manifest that matches itself contributes its own data, and parts that are manifests theirs', async ({
  onTestFinished,
}) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'm', 'own', { 'X-Object-Manifest': 'pithos/m' })
  await put(alice, 'm2', 'two')
  await put(alice, 'm1', '1', { 'X-Object-Manifest': 'pithos/m' })
  expect((await alice.send('GET', 'pithos/m')).text).toBe('own1two')
})

test('a manifest without parts is empty, one that makes no sense is a bad request to read', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  for (const [value, get, length] of [
    ['pithos/none/', 200, '0'],
    ['pithos', 400, '3'],
    ['/pithos/x', 400, '3'],
    ['pithos/', 400, '3'],
    ['nowhere/x', 404, '3'],
  ] as const) {
    await put(alice, 'o', 'own', { 'X-Object-Manifest': value })
    expect((await alice.send('GET', 'pithos/o')).status, value).toBe(get)
    const head = await alice.send('HEAD', 'pithos/o')
    expect([head.status, head.headers['content-length']], value).toEqual([200, length])
  }
})

test('parts are read with the rights of the reader', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  const shared = { 'X-Object-Sharing': `read=${bob.userId}` }
  await put(alice, 'm', '', { 'X-Object-Manifest': 'pithos/p/', ...shared })
  await put(alice, 'p/1', 'one')
  await put(alice, 'p/2', 'two')
  const byBob = () => bob.send('GET', `/${alice.userId}/pithos/m`)
  expect((await byBob()).status).toBe(403)
  await put(alice, 'p/2', 'two', shared)
  expect((await byBob()).text).toBe('two')
  await put(alice, 'p', '', { 'Content-Type': 'application/directory', ...shared })
  expect((await byBob()).text).toBe('onetwo')
  const limited = await cloud.withToken(alice, ['object-store/pithos/m'])
  expect((await limited.send('GET', 'pithos/p/1')).status).toBe(403)
  expect((await limited.send('GET', 'pithos/m')).text).toBe('')
})

test('a part that is not there yet refuses the whole', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'm', '', { 'X-Object-Manifest': 'pithos/p/' })
  await put(alice, 'p/1', 'one')
  await cloud.db.run(sql`UPDATE object_store.versions SET available = 0 WHERE name = 'p/1'`)
  expect((await alice.send('GET', 'pithos/m')).status).toBe(403)
})

test('ten thousand parts read as one, more are refused', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'm', '', { 'X-Object-Manifest': 'pithos/p/' })
  await put(alice, 'p/00000', 'x')
  const addParts = (from: number, to: number) =>
    cloud.db.run(sql`
      INSERT INTO object_store.versions (container_id, name, state, uuid, map_id, hash, size_bytes, content_type, modified_by)
      SELECT container_id, 'p/' || lpad(i::text, 5, '0'), 'current', gen_random_uuid(), map_id, hash, size_bytes, content_type, modified_by
      FROM object_store.versions, generate_series(${from}::int, ${to}::int) AS i WHERE name = 'p/00000'`)
  await addParts(1, 9999)
  const whole = await alice.send('GET', 'pithos/m')
  expect([whole.status, whole.text === 'x'.repeat(10_000)]).toEqual([200, true])
  await addParts(10_000, 10_000)
  expect((await alice.send('GET', 'pithos/m')).status).toBe(400)
})
