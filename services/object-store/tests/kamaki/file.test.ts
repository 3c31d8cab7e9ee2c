// Every form of `kamaki file`, as the requests that it sends.
import { createHash } from 'node:crypto'
import { hashBlock } from '@synnefo/engine-blocks'
import { expect, test } from 'vitest'
import { BLOCK, type Kamaki, lengthOf, NO_BODY, namesOf, openKamakis, upload } from './kamaki.ts'

async function openFiles(onTestFinished: Parameters<typeof openKamakis>[0]): Promise<Kamaki> {
  const [kamaki] = await openKamakis(onTestFinished)
  await kamaki!.run('PUT', '/pithos', NO_BODY)
  return kamaki!
}

const UPDATE = '?update&format=json'
const FOLDER = { 'Content-Type': 'application/directory', ...NO_BODY }

test('file info', async ({ onTestFinished }) => {
  const { run, send, ...kamaki } = await openFiles(onTestFinished)
  const made = await upload({ run, send, ...kamaki }, '/pithos/a%20b', 'one', { 'X-Object-Sharing': 'read=*' })
  const version = made.headers.get('x-object-version')!
  expect((await run('HEAD', '/pithos/a%20b')).headers.get('x-object-sharing')).toBe('read=%2A')
  expect((await run('HEAD', `/pithos/a%20b?version=${version}`)).headers.get('content-length')).toBe('3')
  const list = `/pithos/a%20b?format=json&hashmap=True&version=${version}`
  const etag = made.headers.get('etag')!
  expect((await run('GET', list, { 'If-Match': etag })).json()).toMatchObject({ bytes: 3 })
  expect((await send('GET', list, { 'If-None-Match': etag })).status).toBe(304)
  expect((await send('GET', list, { 'If-Match': 'other' })).status).toBe(412)
  for (const date of ['1700000000.12', 'Tue Nov 14 22:13:20 2023'])
    expect((await run('GET', list, { 'If-Modified-Since': date })).json()).toMatchObject({ bytes: 3 })
  const { versions } = (await run('GET', '/pithos/a%20b?format=json&version=list')).json() as { versions: [number, string][] }
  expect(versions.map(([id, time]) => [String(id), Number.isNaN(Number(time))])).toEqual([[version, false]])
  expect((await send('HEAD', '/pithos/none')).status).toBe(404)
  await run('HEAD', '/pithos')
})

test('file list', async ({ onTestFinished }) => {
  const kamaki = await openFiles(onTestFinished)
  const { run } = kamaki
  await run('PUT', '/pithos/dir', FOLDER)
  for (const name of ['dir/one', 'dir/sub/two', 'dir2', 'top'])
    await upload(kamaki, `/pithos/${name}`, name, { 'X-Object-Meta-Tag': 'x' })
  const names = async (query: string, headers: Record<string, string> = {}) =>
    namesOf(await run('GET', `/pithos?${query}format=json`, headers))
  expect(await names('')).toEqual(['dir', 'dir/one', 'dir/sub/two', 'dir2', 'top'])
  expect(await names('prefix=dir&')).toEqual(['dir', 'dir/one', 'dir/sub/two', 'dir2'])
  expect(await names('limit=2&marker=dir&')).toEqual(['dir/one', 'dir/sub/two'])
  expect(await names('prefix=dir&delimiter=%2F&')).toEqual(['dir/one', 'dir/sub/'])
  expect(await names('path=dir&')).toEqual(['dir/one'])
  expect(await names('meta=T%2Ca%2Cg&')).toEqual([])
  expect(await names('meta=Tag&')).toEqual(['dir/one', 'dir/sub/two', 'dir2', 'top'])
  expect(await names('shared=None&')).toEqual([])
  expect(await names('public=None&')).toEqual([])
  expect(await names(`until=${Date.now() / 1000 + 5.5}&`)).toHaveLength(5)
  expect(await names('', { 'If-Unmodified-Since': '1700000000.12' })).toHaveLength(5)
  // Blanks come encoded twice and match nothing, but are no error.
  await upload(kamaki, '/pithos/with%20blank', 'x')
  expect(await names('prefix=with%2520blank&')).toEqual([])
  expect(await names('prefix=with%20blank&')).toEqual(['with blank'])
})

test('file modify', async ({ onTestFinished }) => {
  const kamaki = await openFiles(onTestFinished)
  const { run } = kamaki
  await upload(kamaki, '/pithos/o', 'data')
  const post = (headers: Record<string, string>) => run('POST', `/pithos/o${UPDATE}`, { ...headers, ...NO_BODY })
  const head = async (name: string) => (await run('HEAD', '/pithos/o')).headers.get(name)
  await post({ 'X-Object-Sharing': 'read=u1,u2:group;write=u3' })
  expect(decodeURIComponent((await head('x-object-sharing'))!)).toBe('read=u1,u2:group; write=u3')
  await post({ 'X-Object-Sharing': '' })
  expect(await head('x-object-sharing')).toBeUndefined()
  await post({ 'X-Object-Meta-Caf%C3%A9': 'cr%C3%A8me', 'X-Object-Meta-Plain': '100%25' })
  expect([await head('x-object-meta-caf%c3%a9'), await head('x-object-meta-plain')]).toEqual(['cr%C3%A8me', '100%25'])
  await post({ 'X-Object-Meta-Plain': '' })
  expect([await head('x-object-meta-caf%c3%a9'), await head('x-object-meta-plain')]).toEqual(['cr%C3%A8me', undefined])
})

test('file publish, file unpublish', async ({ onTestFinished }) => {
  const kamaki = await openFiles(onTestFinished)
  await upload(kamaki, '/pithos/o', 'data')
  const post = (value: string) => kamaki.run('POST', `/pithos/o${UPDATE}`, { 'X-Object-Public': value, ...NO_BODY })
  const link = async () => (await kamaki.run('HEAD', '/pithos/o')).headers.get('x-object-public')
  await post('True')
  expect(await link()).toMatch(/\/pithos\/public\/\w+$/)
  await post('False')
  expect(await link()).toBeUndefined()
  await post('False')
})

test('file create, file mkdir', async ({ onTestFinished }) => {
  const { run } = await openFiles(onTestFinished)
  await run('PUT', '/pithos/a', { ...BLOCK, ...NO_BODY })
  await run('PUT', '/pithos/b', { 'Content-Type': 'text/x-odd', ...NO_BODY })
  await run('PUT', '/pithos/c', FOLDER)
  const types = async (name: string) => (await run('HEAD', `/pithos/${name}`)).headers.get('content-type')
  expect([await types('a'), await types('b'), await types('c')]).toEqual([
    'application/octet-stream',
    'text/x-odd',
    'application/directory',
  ])
})

test('file delete', async ({ onTestFinished }) => {
  const kamaki = await openFiles(onTestFinished)
  const { run, send } = kamaki
  await run('PUT', '/pithos/dir', FOLDER)
  for (const name of ['dir/one', 'one', 'two', 'three']) await upload(kamaki, `/pithos/${name}`, name)
  await run('HEAD', '/pithos/one')
  expect(namesOf(await run('GET', '/pithos?format=json&prefix=one%2F'))).toEqual([])
  await run('DELETE', '/pithos/one?delimiter=')
  expect((await send('HEAD', '/pithos/one')).status).toBe(404)
  await run('DELETE', '/pithos/dir?delimiter=%2F')
  expect(namesOf(await run('GET', '/pithos?format=json'))).toEqual(['three', 'two'])
  // A moment with a fraction before anything was made purges nothing.
  await run('DELETE', '/pithos/two?until=1000000000.5')
  expect(namesOf(await run('GET', '/pithos?format=json'))).toEqual(['three', 'two'])
  // Without a path the name of the container lands in `until`.
  await run('DELETE', '/pithos?until=pithos&delimiter=%2F')
  expect(namesOf(await run('GET', '/pithos?format=json'))).toEqual([])
  await run('HEAD', '/pithos')
})

test('file copy, file move', async ({ onTestFinished }) => {
  const kamaki = await openFiles(onTestFinished)
  const { run, send, userId } = kamaki
  await run('PUT', '/other', NO_BODY)
  const first = await upload(kamaki, '/pithos/na%C3%AFve%20one', 'first')
  await upload(kamaki, '/pithos/na%C3%AFve%20one', 'second')
  expect((await send('GET', '/nowhere?format=json&prefix=x')).status).toBe(404)
  await run('GET', '/other?format=json&prefix=copy')
  await run('HEAD', '/pithos/na%C3%AFve%20one')
  const from = (header: string, path: string, more: Record<string, string> = {}) => ({
    [header]: path,
    'X-Source-Account': userId,
    ...more,
    ...NO_BODY,
  })
  await run('PUT', '/other/copy?format=json', from('X-Copy-From', '/pithos/na%C3%AFve%20one'))
  const version = {
    'X-Source-Version': first.headers.get('x-object-version')!,
    'Content-Type': 'text/html',
    'X-Object-Public': 'True',
  }
  await run('PUT', '/other/old?format=json', from('X-Copy-From', '/pithos/na%C3%AFve%20one', version))
  await run('PUT', '/other/moved?format=json', from('X-Move-From', '/pithos/na%C3%AFve%20one'))
  const read = async (name: string) => (await run('GET', `/other/${name}?format=json`, { Range: 'bytes=0-4' })).body
  expect([await read('copy'), await read('old'), await read('moved')]).toEqual(['secon', 'first', 'secon'])
  const old = (await run('HEAD', '/other/old')).headers
  expect([old.get('content-type'), old.get('x-object-public')]).toEqual(['text/html', expect.stringMatching(/public/)])
  expect((await send('HEAD', '/pithos/na%C3%AFve%20one')).status).toBe(404)
  // A folder: its marker is made anew, then the old one goes.
  await run('PUT', '/pithos/dir', FOLDER)
  await run('PUT', '/other/dir', FOLDER)
  await run('DELETE', '/pithos/dir?delimiter=')
  for (const [method, format, type] of [
    ['COPY', 'json', 'application/json; charset=UTF-8'],
    ['MOVE', 'xml', 'application/xml; charset=UTF-8'],
  ] as const) {
    const headers = { Destination: '/pithos/by-method', 'Destination-Account': userId, 'X-Object-Meta-A': '1', ...NO_BODY }
    const answer = await run(method, `/other/copy?format=${format}&ignore_content_type=None`, headers)
    expect(answer.headers.get('content-type')).toBe(type)
  }
})

test('file append, file truncate, file overwrite', async ({ onTestFinished }) => {
  const kamaki = await openFiles(onTestFinished)
  const { run, send } = kamaki
  await upload(kamaki, '/pithos/o', 'Hello')
  const post = (headers: Record<string, string>, body = '') =>
    send('POST', `/pithos/o${UPDATE}`, { ...headers, ...lengthOf(body) }, body)
  await run('HEAD', '/pithos')
  const parts = [', Pi', 'thos', '!']
  for (const part of parts) expect((await post({ ...BLOCK, 'Content-Range': 'bytes */*' }, part)).status).toBe(204)
  const truncate = (size: number) =>
    post({
      'Content-Type': 'text/plain',
      'Content-Range': `bytes 0-${size}/*`,
      'X-Object-Bytes': String(size),
      'X-Source-Object': '/pithos/o',
    })
  for (const tooBig of [14, 15]) expect([400, 416]).toContain((await truncate(tooBig)).status)
  expect((await truncate(5)).status).toBe(204)
  expect((await run('HEAD', '/pithos/o')).headers.get('x-object-hash')).toBe(
    '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969',
  )
  const version = (await run('HEAD', '/pithos/o')).headers.get('x-object-version')!
  expect((await post({ ...BLOCK, 'Content-Range': 'bytes 1-3/*', 'X-Source-Version': version }, 'ipp')).status).toBe(204)
  expect((await run('GET', '/pithos/o')).body).toBe('Hippo')
})

test('file upload', async ({ onTestFinished }) => {
  const kamaki = await openFiles(onTestFinished)
  const { run, send } = kamaki
  expect((await send('HEAD', '/pithos/o')).status).toBe(404)
  expect((await run('HEAD', '/pithos')).headers.get('x-container-policy-quota')).toBe('0')
  await run('GET', '/pithos?format=json')
  const stated = {
    'Content-Encoding': 'gzip',
    'Content-Disposition': 'attachment',
    'X-Object-Sharing': 'read=*;write=u1',
    'X-Object-Public': 'True',
  }
  await upload(kamaki, '/pithos/o', 'Hello, Pithos!', { 'Content-Type': 'application/x-thing', ...stated })
  const { headers } = await run('HEAD', '/pithos/o')
  expect(
    ['content-type', 'content-encoding', 'content-disposition', 'x-object-sharing'].map((name) => headers.get(name)),
  ).toEqual(['application/x-thing', 'gzip', 'attachment', 'read=%2A; write=u1'])
  expect(headers.get('x-object-public')).toMatch(/public/)
  await upload(kamaki, '/pithos/empty', '')
  const map = JSON.stringify({ bytes: 14, hashes: [await hashBlock(Buffer.from('Hello, Pithos!'))] })
  const again = (condition: Record<string, string>) =>
    send('PUT', '/pithos/o?format=json&hashmap=True', { 'Content-Type': 'text/plain', ...condition, ...lengthOf(map) }, map)
  expect((await again({ 'If-None-Match': '*' })).status).toBe(412)
  expect((await again({ 'If-Match': headers.get('etag')! })).status).toBe(201)
  // --unchunked
  const md5 = createHash('md5').update('whole').digest('hex')
  await run('PUT', '/pithos/whole?format=json', { 'Content-Type': 'text/plain', ETag: md5, ...lengthOf('whole') }, 'whole')
  // -r
  expect(namesOf(await run('GET', '/pithos?format=json&path=tree'))).toEqual([])
  await run('PUT', '/pithos/tree', FOLDER)
  await upload(kamaki, '/pithos/tree/leaf', 'leaf')
  expect(namesOf(await run('GET', '/pithos?format=json&path=tree'))).toEqual(['tree/leaf'])
})

test('file upload into a folder of somebody else', async ({ onTestFinished }) => {
  const [alice, bob] = (await openKamakis(onTestFinished, 2)) as [Kamaki, Kamaki]
  await alice.run('PUT', '/pithos', NO_BODY)
  await alice.run('PUT', '/pithos/dir', { ...FOLDER, 'X-Object-Sharing': `write=${bob.userId}` })
  await bob.run('PUT', '/pithos', NO_BODY)
  const hers = `//${alice.userId}/pithos`
  const parameters = (await bob.run('HEAD', hers)).headers
  expect([parameters.get('x-container-block-size'), parameters.get('x-container-block-hash')]).toEqual(['4194304', 'sha256'])
  await upload(bob, `${hers}/dir/from-bob`, 'a present', {}, 'pithos')
  expect((await alice.run('GET', '/pithos/dir/from-bob')).body).toBe('a present')
  expect((await alice.run('HEAD', '/pithos/dir/from-bob')).headers.get('x-object-modified-by')).toBe(bob.userId)
})

test('file cat, file download', async ({ onTestFinished }) => {
  const kamaki = await openFiles(onTestFinished)
  const { run, send } = kamaki
  const first = await upload(kamaki, '/pithos/dir/o', '0123456789')
  await upload(kamaki, '/pithos/dir/o', 'changed since')
  const version = first.headers.get('x-object-version')!
  const list = (await run('GET', `/pithos/dir/o?format=json&hashmap=True&version=${version}`)).json()
  expect(list).toMatchObject({ block_size: 4194304, bytes: 10 })
  const part = (range: string) => run('GET', `/pithos/dir/o?format=json&version=${version}`, { Range: `bytes=${range}` })
  expect([(await part('0-9')).body, (await part('2-4')).body, (await part('-3')).body]).toEqual(['0123456789', '234', '789'])
  expect((await part('5')).status).toBe(200)
  expect(namesOf(await run('GET', '/pithos?format=json&prefix=dir'))).toEqual(['dir/o'])
  expect((await send('GET', '/pithos/dir/o?format=json&hashmap=True', { 'If-None-Match': '*' })).status).toBe(304)
  await run('GET', '/pithos/dir/o?format=json&hashmap=True', { 'If-Unmodified-Since': '1700000000.5' })
})
