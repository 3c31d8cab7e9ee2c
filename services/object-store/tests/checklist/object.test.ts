// What existing clients and tests rely on, a test for each of its lines: objects.
import { connect } from 'node:net'
import { quotasOf } from '@synnefo/identity'
import { randomContent } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import type { TestCloud } from '../../testing.ts'
import { openAlice, put } from '../alice.ts'

const DATA = { 'Content-Type': 'application/octet-stream' }
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

test('HEAD has all headers that clients need', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'x')
  const { headers } = await alice.send('HEAD', 'pithos/o')
  const needed = ['etag', 'content-length', 'content-type', 'last-modified', 'x-object-hash', 'x-object-uuid']
  for (const name of [...needed, 'x-object-version', 'x-object-version-timestamp', 'x-object-modified-by'])
    expect(headers, name).toHaveProperty(name)
})

test('PUT answers with length, type, version and tag', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const { headers } = await put(alice, 'o', 'x')
  for (const name of ['content-length', 'content-type', 'x-object-version', 'etag']) expect(headers, name).toHaveProperty(name)
})

test('sharing reads back in order: readers, then writers', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'x', { 'X-Object-Sharing': 'read=accX:groupA,u1,u2;write=u2,u3' })
  const sharing = decodeURIComponent((await alice.send('HEAD', 'pithos/o')).headers['x-object-sharing']!)
  const [, read = '', write = ''] = /^read=([^;]*); write=([^;]*)$/.exec(sharing) ?? []
  expect([new Set(read.split(',')), new Set(write.split(','))]).toEqual([new Set(['u1', 'accx:groupa']), new Set(['u2', 'u3'])])
})

test('a copy has the hash of its source; unknown accounts are refused', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'some data')
  const from = (header: string, account: string) => ({
    [header]: '/pithos/o',
    'X-Source-Account': account,
    'Content-Length': '0',
  })
  expect((await alice.send('PUT', 'pithos/copy', { headers: from('X-Copy-From', alice.userId) })).status).toBe(201)
  const hash = async (name: string) => (await alice.send('HEAD', `pithos/${name}`)).headers['x-object-hash']
  expect(await hash('copy')).toBe(await hash('o'))
  expect((await alice.send('PUT', 'pithos/moved', { headers: from('X-Move-From', 'nobody') })).status).toBe(403)
  for (const method of ['COPY', 'MOVE']) {
    const headers = { Destination: '/pithos/there', 'Destination-Account': 'nobody' }
    expect((await alice.send(method, 'pithos/o', { headers })).status, method).toBe(404)
  }
})

test('sharing of a copy is its own, its metadata is merged', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'x', { 'X-Object-Sharing': 'read=u1', 'X-Object-Meta-A': '1', 'X-Object-Meta-B': '2' })
  const headers = { Destination: '/pithos/copy', 'X-Object-Sharing': 'write=u2', 'X-Object-Meta-B': '3', 'X-Object-Meta-C': '4' }
  expect((await alice.send('COPY', 'pithos/o', { headers })).status).toBe(201)
  expect((await alice.send('HEAD', 'pithos/copy')).headers).toMatchObject({
    'x-object-sharing': 'write=u2',
    'x-object-meta-a': '1',
    'x-object-meta-b': '3',
    'x-object-meta-c': '4',
  })
})

test('data from another object: the range is looked at first, the bytes come from its start', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'target', '')
  const post = (range: string, source: Record<string, string>) =>
    alice.send('POST', 'pithos/target?update', {
      headers: { 'Content-Type': 'text/plain', 'Content-Range': range, 'X-Source-Object': '/pithos/source', ...source },
    })
  expect((await post('bytes 1-5/*', { 'X-Source-Account': 'nobody' })).status).toBe(416)
  await put(alice, 'target', '12345')
  await put(alice, 'source', 'ello!1234')
  expect((await post('bytes 1-3/*', {})).status).toBe(204)
  expect((await alice.send('GET', 'pithos/target')).text).toBe('1ell5')
})

test('append, overwrite and truncate keep the type, and heed If-None-Match', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'Hello', { 'Content-Type': 'text/html' })
  const post = (headers: Record<string, string>, body = '') =>
    alice.send('POST', 'pithos/o?update', { headers: { ...DATA, ...headers }, body })
  const type = async () => (await alice.send('HEAD', 'pithos/o')).headers['content-type']
  for (const [headers, body] of [
    [{ 'Content-Range': 'bytes */*' }, ', Pithos!'],
    [{ 'Content-Range': 'bytes 0-4/*' }, 'HELLO'],
    [{ 'Content-Range': 'bytes 0-5/*', 'X-Object-Bytes': '5', 'X-Source-Object': '/pithos/o' }, ''],
  ] as [Record<string, string>, string][]) {
    const etag = (await alice.send('HEAD', 'pithos/o')).headers['etag']!
    expect((await post({ ...headers, 'If-None-Match': etag }, body)).status).toBe(412)
    expect((await put(alice, 'o', 'x', { 'If-None-Match': etag })).status).toBe(412)
    expect((await post(headers, body)).status).toBe(204)
    expect(await type()).toBe('text/html')
  }
  expect((await alice.send('GET', 'pithos/o')).text).toBe('HELLO')
})

test('three uploads to a container that keeps history are three versions', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await alice.send('PUT', 'kept', { headers: { 'X-Container-Policy-Versioning': 'auto' } })
  for (const body of ['1', '2', '3']) await alice.send('PUT', 'kept/o', { headers: DATA, body })
  const { versions } = (await alice.send('GET', 'kept/o?format=json&version=list')).json() as { versions: unknown[] }
  expect(versions).toHaveLength(3)
})

test('a hash list has exactly its four keys, as XML a hash of each block', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: 1024 } })
  await put(alice, 'o', randomContent(2500))
  const answer = (await alice.send('GET', 'pithos/o?format=json&hashmap')).json() as { hashes: string[] }
  expect(Object.keys(answer).sort()).toEqual(['block_hash', 'block_size', 'bytes', 'hashes'])
  expect((await alice.send('GET', 'pithos/o?format=xml&hashmap')).text).toContain(`<hash>${answer.hashes[0]}`)
})

test('a range without a dash is no range, an empty If-Range says nothing', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', '0123456789')
  const whole = await alice.send('GET', 'pithos/o', { headers: { Range: 'bytes=123' } })
  expect([whole.status, whole.text]).toEqual([200, '0123456789'])
  const part = await alice.send('GET', 'pithos/o', { headers: { Range: 'bytes=2-4', 'If-Range': '' } })
  expect([part.status, part.text]).toEqual([206, '234'])
})

test('a version below zero is an error', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'x')
  for (const method of ['GET', 'HEAD']) expect((await alice.send(method, 'pithos/o?version=-10')).status).toBe(404)
})

test('a version belongs to one object, and a blank at the end of a name counts', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const first = await put(alice, 'o', 'without')
  await put(alice, 'o%20', 'with')
  expect((await alice.send('GET', 'pithos/o')).text).toBe('without')
  expect((await alice.send('GET', 'pithos/o%20')).text).toBe('with')
  expect((await alice.send('GET', `pithos/o%20?version=${first.headers['x-object-version']}`)).status).toBe(404)
})

test('metadata has its longest key and value', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  for (const [key, value, status] of [
    [114, 256, 201],
    [115, 256, 400],
    [114, 257, 400],
  ] as const)
    expect((await put(alice, 'o', 'x', { [`X-Object-Meta-${'k'.repeat(key)}`]: 'v'.repeat(value) })).status).toBe(status)
  const name = `x-object-meta-${'k'.repeat(114)}`
  expect((await alice.send('HEAD', 'pithos/o')).headers[name]).toBe('v'.repeat(256))
})

test('bad UTF-8 in Content-Disposition and a Content-Type that is not ASCII are bad requests', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  expect((await put(alice, 'o', 'x', { 'Content-Disposition': 'attachment; filename="%f2"' })).status).toBe(400)
  expect(await rawPut(cloud, alice, Buffer.from('Content-Type: text/plaiñ'))).toBe(400)
})

/** A PUT with a header that no HTTP library sends. */
async function rawPut(cloud: TestCloud, { userId, token }: { userId: string; token: string }, header: Buffer): Promise<number> {
  const { hostname, port } = new URL(cloud.url)
  const socket = connect(Number(port), hostname)
  const line = `PUT /pithos/object-store/v1/${userId}/pithos/raw HTTP/1.1\r\nHost: cloud\r\nX-Auth-Token: ${token}\r\n`
  socket.write(Buffer.concat([Buffer.from(line), header, Buffer.from('\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx')]))
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Number(Buffer.concat(chunks).toString('latin1').split(' ')[1])
}

test('an object of no length reads as such', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', '')
  const got = await alice.send('GET', 'pithos/o')
  expect([got.status, got.headers['content-length'], got.text]).toEqual([200, '0', ''])
  expect((await alice.send('GET', 'pithos/o?format=json&hashmap')).json()).toMatchObject({ bytes: 0, hashes: [EMPTY_HASH] })
})

test('ten parts and a manifest of their beginning read as one', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  for (let i = 0; i < 10; i += 1) await put(alice, `m/${i}`, `part ${i};`)
  await put(alice, 'm', '', { 'X-Object-Manifest': 'pithos/m' })
  expect((await alice.send('GET', 'pithos/m')).text).toBe(Array.from({ length: 10 }, (_, i) => `part ${i};`).join(''))
})

test('a folder that all may read, in one that all may write, is read-only below', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  const folder = { 'Content-Type': 'application/directory' }
  await put(alice, 'd', '', { ...folder, 'X-Object-Sharing': 'write=*' })
  await put(alice, 'd/sub', '', { ...folder, 'X-Object-Sharing': 'read=*' })
  await put(alice, 'd/sub/o', 'data')
  const path = `/${alice.userId}/pithos/d`
  const byBob = (name: string) => bob.send('PUT', `${path}/${name}`, { headers: DATA, body: 'x' })
  expect((await byBob('mine')).status).toBe(201)
  expect((await byBob('sub/mine')).status).toBe(403)
  expect((await byBob('sub/o')).status).toBe(403)
  expect((await bob.send('POST', `${path}/sub/o?update`, { headers: { 'X-Object-Meta-A': '1' } })).status).toBe(403)
  expect((await bob.send('GET', `${path}/sub/o`)).text).toBe('data')
})

test('the usage that the identity service knows changes by the difference of each operation, with its answer', async ({
  onTestFinished,
}) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const usage = async () => {
    const quotas = await quotasOf(cloud.db, alice.userId)
    return Number(quotas.find(({ resource }) => resource === 'pithos.diskspace')!.usage)
  }
  const to = (name: string) => ({ headers: { Destination: `/pithos/${name}` } })
  const post = (headers: Record<string, string>, body = '') => ({ headers: { ...DATA, ...headers }, body })
  const steps: [string, () => Promise<{ status: number }>, number][] = [
    ['upload', () => put(alice, 'o', 'x'.repeat(1000)), 1000],
    ['overwrite', () => put(alice, 'o', 'x'.repeat(400)), -600],
    ['metadata', () => alice.send('POST', 'pithos/o?update', { headers: { 'X-Object-Meta-A': '1' } }), 0],
    ['append', () => alice.send('POST', 'pithos/o?update', post({ 'Content-Range': 'bytes */*' }, 'x'.repeat(50))), 50],
    ['copy', () => alice.send('COPY', 'pithos/o', to('copy')), 450],
    ['move', () => alice.send('MOVE', 'pithos/copy', to('moved')), 0],
    ['move over', () => alice.send('MOVE', 'pithos/moved', to('o')), -450],
    ['refused', () => put(alice, 'o', 'x', { 'If-None-Match': '*' }), 0],
    [
      'truncate',
      () =>
        alice.send(
          'POST',
          'pithos/o?update',
          post({ 'Content-Range': 'bytes 0-10/*', 'X-Object-Bytes': '10', 'X-Source-Object': '/pithos/o' }),
        ),
      -440,
    ],
    ['delete', () => alice.send('DELETE', 'pithos/o'), -10],
  ]
  for (const [what, step, difference] of steps) {
    const before = await usage()
    expect((await step()).status, what).toBeLessThan(what === 'refused' ? 413 : 300)
    expect((await usage()) - before, what).toBe(difference)
  }
})
