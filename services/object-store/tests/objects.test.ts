import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { openFiles, openSimulated } from '@synnefo/engine-blocks'
import { sql } from '@synnefo/lib/sql'
import { randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { openAlice, put, TEXT } from './alice.ts'
import { dateForms } from './checklist/dates.ts'

const HELLO = 'f8e5789c36186f902a06adb292e8df87fcc721e8b3fe1b2a19d318e93edb2a66'

test('what was put reads back, with the headers that clients rely on', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const answer = await put(alice, 'hello', 'Hello, Pithos!', { 'X-Object-Meta-fooBAR_x': 'caf%C3%A9' })
  expect(answer.status).toBe(201)
  expect(answer.headers).toMatchObject({
    'content-length': '0',
    'content-type': 'application/json; charset=UTF-8',
    'x-object-version': expect.stringMatching(/^\d+$/),
    etag: HELLO,
  })
  const head = await alice.send('HEAD', 'pithos/hello')
  expect(head.status).toBe(200)
  expect(head.headers).toMatchObject({
    etag: HELLO,
    'content-length': '14',
    'content-type': 'text/plain',
    'last-modified': expect.stringMatching(/GMT$/),
    available: '1',
    'x-object-hash': HELLO,
    'x-object-uuid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'x-object-version': answer.headers['x-object-version'],
    'x-object-version-timestamp': expect.stringMatching(/GMT$/),
    'x-object-modified-by': alice.userId,
    'x-object-meta-foobar-x': 'caf%C3%A9',
    'cache-control': 'max-age=0, no-cache, no-store, must-revalidate',
    vary: 'X-Auth-Token',
  })
  const got = await alice.send('GET', 'pithos/hello?format=json')
  expect([got.status, got.text]).toEqual([200, 'Hello, Pithos!'])
  expect(got.headers['content-disposition']).toBe('inline; filename="hello"')
  expect(got.headers['content-security-policy']).toMatch(/^sandbox/)
  expect(got.headers['x-content-type-options']).toBe('nosniff')
})

test('bodies of every length around the limits read back, with and without a length told', async ({ onTestFinished }) => {
  const blocks = await openFiles({ folder: await temporaryFolder(onTestFinished) })
  const { alice } = await openAlice(onTestFinished, { blocks, settings: { PITHOS_BACKEND_BLOCK_SIZE: 128 * 1024 } })
  for (const size of [0, 1, 65535, 65536, 65537, 131072, 131073, 300000]) {
    const data = randomContent(size)
    const pieces = async function* () {
      for (let at = 0; at < size; at += 50_000) yield data.subarray(at, at + 50_000)
    }
    expect((await put(alice, `told-${size}`, data)).status).toBe(201)
    expect((await alice.send('PUT', `pithos/streamed-${size}`, { headers: TEXT, body: pieces() })).status).toBe(201)
    const [told, streamed] = [await alice.send('GET', `pithos/told-${size}`), await alice.send('GET', `pithos/streamed-${size}`)]
    expect(told.headers['content-length']).toBe(String(size))
    expect(told.body.equals(data) && streamed.body.equals(data)).toBe(true)
    expect(told.headers['etag']).toBe(streamed.headers['etag'])
  }
})

test('blocks of a large object are named as clients name them', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const data = Buffer.concat([Buffer.alloc(4194304, 'A'), Buffer.alloc(4194304, 'B'), Buffer.alloc(100, 'C')])
  const answer = await put(alice, 'abc', data, { ETag: 'c727ac77bece0fdbe9852ae4f7a1fa9d' })
  expect(answer.headers['etag']).toBe('3ffe064af8b6b68026064568d89d204644dc45ff0e2b8015cd673d7ea474678b')
  const list = await alice.send('GET', 'pithos/abc?format=json&hashmap=True')
  expect(list.headers['content-type']).toBe('application/json; charset=UTF-8')
  expect(list.json()).toEqual({
    block_hash: 'sha256',
    block_size: 4194304,
    bytes: 8388708,
    hashes: [
      'a58789e910e5f939afc433a00fef5930702927dc192cb237fd9e7449bd6ffe1d',
      '5947c00ce4da5eac3e8b3731df34e42a2d7b7e88bdb7bd93b8152afcedaa2f92',
      'd7f16b579c04dfbf05a9688190279d2f3ba008417884c9f4568a626a56c2a2e7',
    ],
  })
  const xml = await alice.send('GET', 'pithos/abc?format=xml&hashmap')
  expect(xml.text).toContain('<hash>a58789e910e5f939afc433a00fef5930702927dc192cb237fd9e7449bd6ffe1d</hash>')
})

test('data with zeros and holes reads back as it was', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: 1024 } })
  for (const data of [
    Buffer.alloc(5),
    Buffer.alloc(3000),
    Buffer.concat([Buffer.from('a'), Buffer.alloc(5000), Buffer.from('b')]),
  ]) {
    await put(alice, 'zeros', data)
    expect((await alice.send('GET', 'pithos/zeros')).body).toEqual(data)
  }
})

test('an empty object has a hash list of one', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'empty', '')
  expect((await alice.send('GET', 'pithos/empty')).headers['content-length']).toBe('0')
  const list = (await alice.send('GET', 'pithos/empty?hashmap&format=json')).json()
  expect(list).toMatchObject({ bytes: 0, hashes: ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'] })
})

test('a wrong MD5 creates nothing, a right one is accepted', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  expect((await put(alice, 'o', 'data', { ETag: '0'.repeat(32) })).status).toBe(422)
  expect((await alice.send('HEAD', 'pithos/o')).status).toBe(404)
  const md5 = createHash('md5').update('data').digest('hex')
  expect((await put(alice, 'o', 'data', { ETag: md5 })).status).toBe(201)
})

test.each([
  ['no length', { 'Content-Type': 'text/plain' }, undefined, 411],
  ['no type', { 'Content-Length': '0' }, undefined, 411],
  ['an empty type', { 'Content-Length': '0', 'Content-Type': '' }, undefined, 201],
  ['a type that is no media type', { 'Content-Length': '0', 'Content-Type': 'what ever' }, undefined, 201],
  ['a long metadata key', { ...TEXT, 'Content-Length': '0', [`X-Object-Meta-${'k'.repeat(115)}`]: 'v' }, undefined, 400],
  [
    'the longest metadata',
    { ...TEXT, 'Content-Length': '0', [`X-Object-Meta-${'k'.repeat(114)}`]: 'v'.repeat(256) },
    undefined,
    201,
  ],
  ['a long metadata value', { ...TEXT, 'Content-Length': '0', 'X-Object-Meta-K': 'v'.repeat(257) }, undefined, 400],
  [
    'bad UTF-8 in a header',
    { ...TEXT, 'Content-Length': '0', 'Content-Disposition': 'attachment; filename="%f2"' },
    undefined,
    400,
  ],
  ['a broken sharing', { ...TEXT, 'Content-Length': '0', 'X-Object-Sharing': 'read=a;' }, undefined, 400],
  ['a broken public', { ...TEXT, 'Content-Length': '0', 'X-Object-Public': 'perhaps' }, undefined, 400],
])('a PUT with %s', async (_, headers, _body, status) => {
  const finished: (() => unknown)[] = []
  const { cloud, alice } = await openAlice((work) => finished.push(work))
  const answer = await rawRequest(cloud.url, `PUT /pithos/object-store/v1/${alice.userId}/pithos/o`, alice.token, headers)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  for (const work of finished.reverse()) await work()
})

/** A request with exactly these headers. */
async function rawRequest(url: string, line: string, token: string, headers: Record<string, string>, body = ''): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const fields = Object.entries({ Host: 'cloud', 'X-Auth-Token': token, Connection: 'close', ...headers })
  socket.write(`${line} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}

test('names may hold anything but NUL, and stay different', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const names = [
    'x',
    'x%20',
    '/x',
    'a%2Fb',
    'a/',
    'a//b',
    '%CE%B1%CE%B2',
    '..',
    './y',
    'a%3Fb',
    'a+b',
    'x'.repeat(1024),
    '%E6%BC%A2'.repeat(1024),
  ]
  for (const name of names) {
    expect((await put(alice, name, name.slice(0, 20))).status, name).toBe(201)
    expect((await alice.send('GET', `pithos/${name}`)).text, name).toBe(name.slice(0, 20))
  }
  const listed = (await alice.send('GET', 'pithos?format=json')).json() as { name: string }[]
  const decoded = names.map(decodeURIComponent)
  expect(listed.map(({ name }) => name)).toEqual(decoded.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
  expect((await put(alice, 'a%00b', '')).status).toBe(400)
  expect((await put(alice, 'bad%ffutf', '')).status).toBe(400)
  expect((await put(alice, 'x'.repeat(1025), '')).status).toBe(400)
})

test('ranges', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: 1024 } })
  const data = randomContent(5000)
  await put(alice, 'o', data)
  const range = (value: string, headers = {}) => alice.send('GET', 'pithos/o', { headers: { Range: value, ...headers } })
  for (const [asked, from, to] of [
    ['0-0', 0, 0],
    ['10-2000', 10, 2000],
    ['1024-2047', 1024, 2047],
    ['4990-', 4990, 4999],
    ['-7', 4993, 4999],
  ] as const) {
    const answer = await range(`bytes=${asked}`)
    expect(answer.status).toBe(206)
    expect(answer.headers).toMatchObject({ 'content-range': `bytes ${from}-${to}/5000`, 'content-length': String(to - from + 1) })
    expect(answer.body).toEqual(data.subarray(from, to + 1))
  }
  for (const ignored of ['bytes=123', 'bytes=5-4', 'bytes=-', 'bits=0-1', 'bytes=a-b'])
    expect((await range(ignored)).status).toBe(200)
  for (const refused of ['bytes=0-5000', 'bytes=5000-', 'bytes=-5001', 'bytes=0-1,6000-'])
    expect((await range(refused)).status).toBe(416)
  const several = await range('bytes=0-1, -2')
  const [, boundary] = /^multipart\/byteranges; boundary=([0-9a-f]{32})$/.exec(several.headers['content-type']!)!
  expect(several.headers['content-length']).toBeUndefined()
  const part = (from: number, to: number) =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Range: bytes ${from}-${to}/5000\r\nContent-Transfer-Encoding: binary\r\n\r\n`),
      data.subarray(from, to + 1),
      Buffer.from('\r\n'),
    ])
  expect(several.body).toEqual(Buffer.concat([part(0, 1), part(4998, 4999), Buffer.from(`--${boundary}--\r\n`)]))
  const etag = (await alice.send('HEAD', 'pithos/o')).headers['etag']!
  expect((await range('bytes=0-1', { 'If-Range': `"${etag}"` })).status).toBe(206)
  expect((await range('bytes=0-1', { 'If-Range': '"other"' })).status).toBe(200)
})

test('conditions on reading and writing', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'Hello, Pithos!')
  const head = await alice.send('HEAD', 'pithos/o')
  const modified = Date.parse(head.headers['last-modified']!)
  const forms = (time: number) => dateForms(time).map(({ text }) => text)
  const get = async (headers: Record<string, string>) => (await alice.send('GET', 'pithos/o', { headers })).status
  for (const since of forms(modified)) {
    expect(await get({ 'If-Modified-Since': since })).toBe(304)
    expect(await get({ 'If-Unmodified-Since': since })).toBe(200)
  }
  for (const before of forms(modified - 60_000)) {
    expect(await get({ 'If-Modified-Since': before })).toBe(200)
    expect(await get({ 'If-Unmodified-Since': before })).toBe(412)
  }
  expect(await get({ 'If-Modified-Since': '1700000000.12' })).toBe(200)
  expect(await get({ 'If-None-Match': `"x", "${HELLO}"` })).toBe(304)
  expect(await get({ 'If-None-Match': HELLO.toUpperCase() })).toBe(304)
  expect(await get({ 'If-Match': '*' })).toBe(200)
  expect(await get({ 'If-Match': 'other' })).toBe(412)
  expect((await put(alice, 'o', 'x', { 'If-None-Match': '*' })).status).toBe(412)
  expect((await put(alice, 'o', 'x', { 'If-None-Match': HELLO })).status).toBe(412)
  expect((await put(alice, 'new', 'x', { 'If-Match': '*' })).status).toBe(412)
  expect((await put(alice, 'new', 'x', { 'If-None-Match': '*' })).status).toBe(201)
})

test('of many who create the same name only if it is new, one does', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) => put(alice, 'o', `content ${i}`, { 'If-None-Match': '*' })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(11).fill(412)])
})

test('every change is a version, old ones read back, and a deleted object comes back as a new one', async ({
  onTestFinished,
}) => {
  const { alice } = await openAlice(onTestFinished)
  const first = await put(alice, 'o', 'one')
  const uuid = (await alice.send('HEAD', 'pithos/o')).headers['x-object-uuid']
  await put(alice, 'o', 'two')
  const posted = await alice.send('POST', 'pithos/o?update', { headers: { 'X-Object-Meta-A': '1' } })
  expect(posted.status).toBe(202)
  const list = (await alice.send('GET', 'pithos/o?version=list&format=json')).json() as { versions: [number, string][] }
  expect(list.versions.map(([id]) => String(id))).toEqual([
    first.headers['x-object-version'],
    expect.any(String),
    posted.headers['x-object-version'],
  ])
  expect(list.versions[0]![1]).toMatch(/^\d+\.\d{6}$/)
  expect((await alice.send('GET', `pithos/o?version=${list.versions[0]![0]}`)).text).toBe('one')
  expect((await alice.send('HEAD', 'pithos/o')).headers['x-object-uuid']).toBe(uuid)
  for (const wrong of ['-10', '999999', 'abc', '99999999999999999999999'])
    expect((await alice.send('GET', `pithos/o?version=${wrong}`)).status).toBe(404)
  await put(alice, 'other', 'x')
  expect((await alice.send('GET', `pithos/other?version=${list.versions[0]![0]}`)).status).toBe(404)
  expect((await alice.send('DELETE', 'pithos/o')).status).toBe(204)
  expect((await alice.send('GET', 'pithos/o')).status).toBe(404)
  expect((await alice.send('DELETE', 'pithos/o')).status).toBe(404)
  expect((await alice.send('GET', `pithos/o?version=${list.versions[1]![0]}`)).text).toBe('two')
  expect((await alice.send('GET', 'pithos/o?version=list')).status).toBe(200)
  await put(alice, 'o', 'again')
  expect((await alice.send('HEAD', 'pithos/o')).headers['x-object-uuid']).not.toBe(uuid)
})

test('metadata is replaced by PUT and POST, merged by POST with update', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'x', { 'X-Object-Meta-A': '1', 'X-Object-Meta-B': '2', 'Content-Encoding': 'gzip' })
  await alice.send('POST', 'pithos/o?update', { headers: { 'X-Object-Meta-A': '', 'X-Object-Meta-C': '~3~' } })
  const merged = (await alice.send('HEAD', 'pithos/o')).headers
  expect([merged['x-object-meta-a'], merged['x-object-meta-b'], merged['x-object-meta-c'], merged['content-encoding']]).toEqual([
    undefined,
    '2',
    '%7E3%7E',
    'gzip',
  ])
  await alice.send('POST', 'pithos/o', { headers: { 'X-Object-Meta-D': '4', 'Content-Type': 'text/html' } })
  const replaced = (await alice.send('HEAD', 'pithos/o')).headers
  expect([replaced['x-object-meta-b'], replaced['x-object-meta-d'], replaced['content-type']]).toEqual([
    undefined,
    '4',
    'text/plain',
  ])
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`X-Object-Meta-K${i}`, 'v']))
  expect((await alice.send('POST', 'pithos/o?update', { headers: many })).status).toBe(400)
})

test('a copy shares the data, a move stays the same object', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'src', 'Hello, Pithos!', { 'X-Object-Meta-A': '1' })
  const source = (await alice.send('HEAD', 'pithos/src')).headers
  const copied = await alice.send('PUT', 'pithos/copy?format=json', {
    headers: { 'X-Copy-From': '/pithos/src', 'X-Source-Account': alice.userId, 'Content-Length': '0' },
  })
  expect([copied.status, copied.headers['x-object-version']]).toEqual([201, expect.stringMatching(/^\d+$/)])
  const copy = (await alice.send('HEAD', 'pithos/copy')).headers
  expect(copy).toMatchObject({ 'x-object-hash': HELLO, 'content-type': 'text/plain', 'x-object-meta-a': '1' })
  expect(copy['x-object-uuid']).not.toBe(source['x-object-uuid'])
  const moved = await alice.send('MOVE', 'pithos/src?format=xml', { headers: { Destination: '/pithos/dir/moved' } })
  expect([moved.status, moved.headers['content-type']]).toEqual([201, 'application/xml; charset=UTF-8'])
  expect((await alice.send('HEAD', 'pithos/dir/moved')).headers['x-object-uuid']).toBe(source['x-object-uuid'])
  expect((await alice.send('HEAD', 'pithos/src')).status).toBe(404)
  const restored = await alice.send('COPY', 'pithos/src', {
    headers: { Destination: '/pithos/src', 'X-Source-Version': source['x-object-version']! },
  })
  expect(restored.status).toBe(201)
  expect((await alice.send('GET', 'pithos/src')).text).toBe('Hello, Pithos!')
  const to = (headers: Record<string, string>) => alice.send('COPY', 'pithos/copy', { headers })
  expect((await to({})).status).toBe(400)
  expect((await to({ Destination: '/nowhere/x' })).status).toBe(404)
  expect((await to({ Destination: '/pithos/x', 'Destination-Account': 'unknown' })).status).toBe(404)
  const from = { 'X-Move-From': '/pithos/copy', 'X-Source-Account': 'unknown', 'Content-Length': '0' }
  expect((await alice.send('PUT', 'pithos/x', { headers: from })).status).toBe(403)
})

test('parallel uploads of many sizes all arrive whole', async ({ onTestFinished }) => {
  const blocks = await openFiles({ folder: await temporaryFolder(onTestFinished) })
  const { alice } = await openAlice(onTestFinished, { blocks, settings: { PITHOS_BACKEND_BLOCK_SIZE: 64 * 1024 } })
  const bodies = Array.from({ length: 24 }, (_, i) => randomContent(i * 20_011))
  const answers = await Promise.all(bodies.map((body, i) => put(alice, `o${i}`, body)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  const read = await Promise.all(bodies.map((_, i) => alice.send('GET', `pithos/o${i}`)))
  expect(read.every(({ body }, i) => body.equals(bodies[i]!))).toBe(true)
})

test('an upload that breaks off leaves nothing to be seen', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: 1024 } })
  const broken = async function* () {
    yield Buffer.alloc(5000, 1)
    throw new Error('the line went dead')
  }
  await expect(
    alice.send('PUT', 'pithos/o', { headers: { ...TEXT, 'Content-Length': '10000' }, body: broken() }),
  ).rejects.toThrow()
  await expect(alice.send('PUT', 'pithos/o', { headers: TEXT, body: broken() })).rejects.toThrow()
  expect((await alice.send('HEAD', 'pithos/o')).status).toBe(404)
  expect(await cloud.db.any(sql`SELECT FROM object_store.versions`)).toEqual([])
  expect((await alice.send('HEAD', 'pithos')).headers['x-container-bytes-used']).toBe('0')
})

test('a full disk is said, and changes nothing', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, {
    blocks: openSimulated({ capacityBytes: 200_000 }),
    settings: { PITHOS_BACKEND_BLOCK_SIZE: 65536 },
  })
  const refused = await put(alice, 'big', randomContent(300_000))
  expect(refused.status).toBe(507)
  expect(refused.text).toMatch(/no disk space/)
  expect((await alice.send('HEAD', 'pithos/big')).status).toBe(404)
  expect((await put(alice, 'small', 'fits')).status).toBe(201)
})

test('a damaged block is never sent as if it were whole', async ({ onTestFinished }) => {
  const blocks = openSimulated()
  const { alice } = await openAlice(onTestFinished, { blocks, settings: { PITHOS_BACKEND_BLOCK_SIZE: 65536 } })
  const data = Buffer.alloc(65536, 'x')
  await put(alice, 'o', Buffer.concat([data, data]))
  const hash = createHash('sha256').update(data).digest('hex')
  blocks.damage(hash)
  const first = await alice.send('GET', 'pithos/o')
  expect([first.status, first.headers['etag'], first.json()]).toEqual([
    500,
    undefined,
    { internalServerError: expect.anything() },
  ])
  await put(alice, 'o', Buffer.concat([randomContent(65536), data]))
  blocks.damage(hash)
  await expect(alice.send('GET', 'pithos/o')).rejects.toThrow('aborted')
})

test('Expect: 100-continue is answered only to those who may write', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  const line = `PUT /pithos/object-store/v1/${alice.userId}/pithos/o`
  const headers = { ...TEXT, 'Content-Length': '3', Expect: '100-continue' }
  expect(await rawRequest(cloud.url, line, bob.token, headers, 'abc')).toMatch(/^HTTP\/1.1 403 /)
  expect(await rawRequest(cloud.url, line, alice.token, headers, 'abc')).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 /)
})

test('more large uploads than a process may receive at once are told to come again', async ({ onTestFinished }) => {
  const settings = { PITHOS_BACKEND_BLOCK_SIZE: 1024, PITHOS_UPLOADS_AT_ONCE: 1 }
  const { cloud, alice } = await openAlice(onTestFinished, { settings })
  const { promise: allowed, resolve: allow } = Promise.withResolvers<void>()
  async function* slow() {
    yield Buffer.alloc(5000, 1)
    await allowed
    yield Buffer.alloc(5000, 2)
  }
  const first = alice.send('PUT', 'pithos/first', { headers: TEXT, body: slow() })
  await expect.poll(() => cloud.store.blocks.usage().then(({ blocks }) => blocks)).toBeGreaterThan(0)
  const second = await put(alice, 'second', 'x'.repeat(5000))
  expect([second.status, second.headers['retry-after']]).toEqual([503, '2'])
  expect((await put(alice, 'small', 'x')).status).toBe(201)
  allow()
  expect((await first).status).toBe(201)
  expect((await put(alice, 'second', 'x'.repeat(5000))).status).toBe(201)
})
