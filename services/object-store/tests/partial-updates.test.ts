import { createHash } from 'node:crypto'
import { hashBlock, openSimulated, rootHash, stripTrailingZeros } from '@synnefo/engine-blocks'
import { sql } from '@synnefo/lib/sql'
import { randomContent } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { updateData } from '../objects/update-data.ts'
import { openTestStore, type TestClient } from '../testing.ts'
import { openAlice, put } from './alice.ts'

const DATA = { 'Content-Type': 'application/octet-stream' }
const BLOCK = 1024
const SMALL_BLOCKS = { settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK } }

function post(who: TestClient, name: string, range: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  return who.send('POST', `pithos/${name}?update`, { headers: { ...DATA, 'Content-Range': range, ...headers }, body })
}

const from = (source: string, headers: Record<string, string> = {}) => ({
  'X-Source-Object': source,
  'Content-Length': '0',
  ...headers,
})

/** The hash of a content, as clients compute it. */
async function hashOf(data: Buffer): Promise<string> {
  const blocks: string[] = []
  for (let at = 0; at < data.length; at += BLOCK) blocks.push(await hashBlock(data.subarray(at, at + BLOCK)))
  return rootHash(blocks)
}

test('data is appended, overwritten, extended and cut, and the type stays', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'Hello', { 'X-Object-Meta-A': '1' })
  const appended = await post(alice, 'o', 'bytes */*', ', Pithos!')
  expect([appended.status, appended.headers['x-object-version']]).toEqual([204, expect.stringMatching(/^\d+$/)])
  expect(appended.headers['etag']).toBe('f8e5789c36186f902a06adb292e8df87fcc721e8b3fe1b2a19d318e93edb2a66')
  expect((await post(alice, 'o', 'bytes 0-4/14', 'HELLO')).status).toBe(204)
  expect((await alice.send('GET', 'pithos/o')).text).toBe('HELLO, Pithos!')
  expect((await post(alice, 'o', 'bytes 0-/*', 'Hello')).status).toBe(204)
  expect((await post(alice, 'o', 'bytes 12-/*', 's everybody')).status).toBe(204)
  expect((await alice.send('GET', 'pithos/o')).text).toBe('Hello, Pithos everybody')
  const cut = await post(alice, 'o', 'bytes 0-5/*', '', from('/pithos/o', { 'X-Object-Bytes': '5' }))
  expect(cut.headers['etag']).toBe('185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969')
  const head = (await alice.send('HEAD', 'pithos/o')).headers
  expect(head).toMatchObject({
    'content-type': 'text/plain',
    'content-length': '5',
    'x-object-meta-a': '1',
    'x-object-hash': '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969',
  })
  expect((await post(alice, 'o', 'bytes 0-0/*', '', from('/pithos/o', { 'X-Object-Bytes': '0' }))).status).toBe(204)
  expect((await alice.send('GET', 'pithos/o')).text).toBe('')
  expect((await post(alice, 'o', 'bytes */*', 'again', { 'X-Object-Bytes': '100' })).status).toBe(204)
  expect((await alice.send('GET', 'pithos/o')).text).toBe('again')
})

test('whatever is written wherever, content and hash are what clients compute', async ({ onTestFinished }) => {
  const blocks = openSimulated()
  const { alice } = await openAlice(onTestFinished, { ...SMALL_BLOCKS, blocks })
  for (const size of [0, 700, 1024, 5000]) {
    for (const [at, length] of [
      [0, 1],
      [0, 1024],
      [size, 3000],
      [size, 1],
      [Math.floor(size / 2), 2048],
      [Math.max(0, size - 1024), 1024],
      [Math.min(1024, size), 2500],
    ] as const) {
      const [before, written] = [randomContent(size), randomContent(length)]
      await put(alice, 'o', before)
      expect((await post(alice, 'o', `bytes ${at}-${at + length - 1}/*`, written)).status, `${size} ${at} ${length}`).toBe(204)
      const after = Buffer.concat([before.subarray(0, at), written, before.subarray(at + length)])
      const got = await alice.send('GET', 'pithos/o')
      expect(got.body.equals(after), `${size} ${at} ${length}`).toBe(true)
      expect(got.headers['x-object-hash']).toBe(await hashOf(after))
      // The same bytes from another object.
      await put(alice, 'source', Buffer.concat([written, randomContent(10)]))
      await put(alice, 'o', before)
      expect((await post(alice, 'o', `bytes ${at}-${at + length - 1}/*`, '', from('/pithos/source'))).status).toBe(204)
      expect((await alice.send('HEAD', 'pithos/o')).headers['x-object-hash']).toBe(await hashOf(after))
    }
  }
  for (const cut of [0, 1, 1023, 1024, 1025, 4999]) {
    const before = randomContent(5000)
    await put(alice, 'o', before)
    await post(alice, 'o', `bytes 0-${cut}/*`, '', from('/pithos/o', { 'X-Object-Bytes': String(cut) }))
    const list = (await alice.send('GET', 'pithos/o?hashmap&format=json')).json() as { bytes: number; hashes: string[] }
    expect([list.bytes, rootHash(list.hashes)]).toEqual([cut, await hashOf(before.subarray(0, cut))])
    for (const hash of list.hashes) {
      const stored = await blocks.get(hash)
      if (stored) expect(before.includes(stripTrailingZeros(stored))).toBe(true)
    }
  }
})

test('an update reads only the blocks that it cuts', async ({ onTestFinished }) => {
  const blocks = openSimulated()
  const { alice } = await openAlice(onTestFinished, { ...SMALL_BLOCKS, blocks })
  await put(alice, 'large', randomContent(100 * BLOCK + 5))
  await put(alice, 'source', randomContent(50 * BLOCK))
  let read = 0
  const { open } = blocks
  blocks.open = (hash) => {
    read += 1
    return open(hash)
  }
  expect((await post(alice, 'large', 'bytes */*', randomContent(5000))).status).toBe(204)
  expect(read).toBe(1)
  expect((await post(alice, 'large', `bytes ${10 * BLOCK}-/*`, '', from('/pithos/source'))).status).toBe(204)
  expect(read).toBe(1)
})

/** Of five bytes, by three: what the request says, and the status that answers it. */
const CASES: [string, string | undefined, Record<string, string>, number][] = [
  ['no range', undefined, {}, 400],
  ['a malformed range', 'bytes 1', {}, 416],
  ['another unit', 'bits 0-1/*', {}, 416],
  ['a range that ends before it begins', 'bytes 3-1/*', {}, 416],
  ['a range that begins behind its total', 'bytes 9-/9', {}, 416],
  ['a range that ends behind its total', 'bytes 0-9/9', {}, 416],
  ['a range that begins behind the object', 'bytes 6-/*', {}, 416],
  [
    'such a range and a source that does not exist',
    'bytes 6-9/*',
    { 'X-Source-Object': '/no/where', 'X-Source-Account': 'x' },
    416,
  ],
  ['another total than the size', 'bytes 0-1/6', {}, 416],
  ['a total and a start at the end', 'bytes 5-/5', {}, 416],
  ['another length than the range', 'bytes 0-1/*', {}, 400],
  ['a source without slash', 'bytes 0-1/*', { 'X-Source-Object': 'pithos/o' }, 400],
  ['a source without object', 'bytes 0-1/*', { 'X-Source-Object': '/pithos/' }, 400],
  ['a source that does not exist', 'bytes 0-1/*', { 'X-Source-Object': '/pithos/none' }, 404],
  ['a source version that does not exist', 'bytes 0-1/*', { 'X-Source-Object': '/pithos/o', 'X-Source-Version': '1000000' }, 404],
  ['a source of a stranger', 'bytes 0-1/*', { 'X-Source-Object': '/pithos/o', 'X-Source-Account': 'stranger' }, 403],
  ['a range longer than the source', 'bytes 0-9/*', { 'X-Source-Object': '/pithos/o' }, 400],
  ['a size that is no number', 'bytes 0-0/*', { 'X-Source-Object': '/pithos/o', 'X-Object-Bytes': '-1' }, 400],
  ['a tag that does not match', 'bytes 0-2/*', { 'If-Match': 'other' }, 412],
  ['a tag that matches', 'bytes 0-2/*', { 'If-None-Match': '*' }, 412],
  ['nothing wrong', 'bytes 0-2/5', {}, 204],
]

test('every check of an update has its status', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  for (const [what, range, headers, status] of CASES) {
    await put(alice, 'o', '12345')
    const all = { ...DATA, ...(range === undefined ? {} : { 'Content-Range': range }), ...headers }
    const answer = await alice.send('POST', 'pithos/o?update', { headers: all, body: 'abc' })
    expect([what, answer.status]).toEqual([what, status])
    expect((await alice.send('GET', 'pithos/o')).text).toBe(status === 204 ? 'abc45' : '12345')
  }
})

test('an update needs a length or chunks, an object, and the right to write', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  expect((await post(alice, 'none', 'bytes */*', 'x')).status).toBe(404)
  await put(alice, 'o', '12345', { 'X-Object-Sharing': `read=${bob.userId}` })
  const path = `/${alice.userId}/pithos/o?update`
  const byBob = (headers: Record<string, string> = {}) =>
    bob.send('POST', path, { headers: { ...DATA, 'Content-Range': 'bytes */*', ...headers }, body: '6' })
  expect((await byBob()).status).toBe(403)
  await alice.send('POST', 'pithos/o?update', { headers: { 'X-Object-Sharing': `write=${bob.userId}` } })
  expect((await byBob({ 'X-Object-Sharing': 'read=*' })).status).toBe(403)
  expect((await byBob()).status).toBe(204)
  const chunks = async function* () {
    yield Buffer.from('7')
    yield Buffer.from('8')
  }
  const chunked = (range: string) =>
    alice.send('POST', 'pithos/o?update', { headers: { ...DATA, 'Content-Range': range }, body: chunks() })
  expect((await chunked('bytes */*')).status).toBe(204)
  expect((await chunked('bytes 0-1/*')).status).toBe(204)
  expect((await chunked('bytes 0-2/*')).status).toBe(400)
  expect((await alice.send('GET', 'pithos/o')).text).toBe('78345678')
  expect((await alice.send('HEAD', 'pithos/o')).headers['x-object-modified-by']).toBe(alice.userId)
})

test('metadata and permissions change together with the data', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', '1', { 'X-Object-Meta-A': '1', 'X-Object-Meta-B': '2' })
  await post(alice, 'o', 'bytes */*', '2', { 'X-Object-Meta-A': '', 'X-Object-Meta-C': '3', 'X-Object-Sharing': 'read=*' })
  const merged = (await alice.send('HEAD', 'pithos/o')).headers
  expect([merged['x-object-meta-a'], merged['x-object-meta-b'], merged['x-object-meta-c'], merged['x-object-sharing']]).toEqual([
    undefined,
    '2',
    '3',
    'read=%2A',
  ])
  const replacing = { ...DATA, 'Content-Range': 'bytes */*', 'X-Object-Meta-D': '4' }
  await alice.send('POST', 'pithos/o', { headers: replacing, body: '3' })
  const replaced = (await alice.send('HEAD', 'pithos/o')).headers
  expect([replaced['x-object-meta-b'], replaced['x-object-meta-d'], replaced['content-length']]).toEqual([undefined, '4', '3'])
})

test('an old version comes back in place', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const first = await put(alice, 'o', 'the first content')
  await put(alice, 'o', 'x'.repeat(1000))
  const headers = from('/pithos/o', { 'X-Source-Version': first.headers['x-object-version']!, 'X-Object-Bytes': '17' })
  expect((await post(alice, 'o', 'bytes 0-/*', '', headers)).status).toBe(204)
  const got = await alice.send('GET', 'pithos/o')
  expect([got.text, got.headers['x-object-hash']]).toEqual(['the first content', first.headers['etag']])
})

test('data of a snapshot is neither changed nor taken', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'snapshot', 'data')
  await put(alice, 'o', 'data')
  await cloud.db.run(sql`UPDATE object_store.versions SET is_snapshot = true WHERE name = 'snapshot'`)
  expect((await post(alice, 'snapshot', 'bytes */*', 'x')).status).toBe(403)
  expect((await post(alice, 'o', 'bytes */*', '', from('/pithos/snapshot'))).status).toBe(403)
})

test('what an update adds is charged, and refused when there is no room', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, SMALL_BLOCKS)
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Quota': '200000' } })
  await put(alice, 'o', randomContent(100_000))
  expect((await post(alice, 'o', 'bytes */*', randomContent(100_001))).status).toBe(413)
  expect((await post(alice, 'o', 'bytes 0-9999/*', randomContent(10_000))).status).toBe(204)
  expect((await post(alice, 'o', 'bytes */*', randomContent(100_000))).status).toBe(204)
  expect((await alice.send('HEAD', 'pithos')).headers['x-container-bytes-used']).toBe('200000')
  expect((await alice.send('HEAD', '')).headers['x-account-bytes-used']).toBe('200000')
})

test('with MD5 as entity tag, the tag is that of the whole content', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK, PITHOS_UPDATE_MD5: true } })
  const data = randomContent(4 * BLOCK)
  const md5 = createHash('md5').update(data).digest('hex')
  await put(alice, 'o', data.subarray(0, 1500))
  const answer = await post(alice, 'o', 'bytes */*', data.subarray(1500))
  expect(answer.headers['etag']).toBe(md5)
  expect((await alice.send('HEAD', 'pithos/o')).headers['etag']).toBe(md5)
})

test('of many who append at once, in two processes, nobody loses', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, SMALL_BLOCKS)
  const other = await openTestStore(cloud.db, { blocks: cloud.store.blocks, ...SMALL_BLOCKS })
  await put(alice, 'log', '')
  const place = { account: alice.userId, container: 'pithos', name: 'log' }
  const line = (who: string, i: number) => `${who}${String(i).padStart(3, '0')}${'.'.repeat(95)}\n`
  const throughOther = (i: number) =>
    updateData(other, alice.userId, {
      place,
      precondition: () => undefined,
      sharing: undefined,
      range: { first: undefined, last: undefined, total: undefined },
      change: undefined,
      possessor: { account: alice.userId, sends: alice.userId, within: undefined },
      data: () => ({
        from: {
          bytes: 100,
          atMostBytes: 1000n,
          async *body() {
            yield Buffer.from(line('b', i))
          },
        },
        cutBytes: undefined,
      }),
    })
  const numbers = Array.from({ length: 32 }, (_, i) => i)
  const answers = await Promise.all(
    numbers.flatMap((i) => [post(alice, 'log', 'bytes */*', line('a', i)).then(({ status }) => status), throughOther(i)]),
  )
  expect(answers.filter((status) => typeof status === 'number' && status !== 204)).toEqual([])
  const lines = (await alice.send('GET', 'pithos/log')).text.split(/(?<=\n)/)
  expect(lines.sort()).toEqual(numbers.flatMap((i) => [line('a', i), line('b', i)]).sort())
})
