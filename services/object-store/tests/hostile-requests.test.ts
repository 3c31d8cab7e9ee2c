// Requests that somebody thinks up to break the service, or to keep it busy.
import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { randomContent } from '@synnefo/lib/testing'
import { pack } from 'tar-stream'
import { expect, test } from 'vitest'
import type { TestClient, TestCloud } from '../testing.ts'
import { openAlice, put, TEXT } from './alice.ts'

/** What no header may be named as it is. */
const NAMES = ['a:b', 'a b', 'a"b', 'a=b', 'a,b', 'a/b', 'a@b', 'a;b', 'a\nb', 'a\r\nSet-Cookie: x', 'λ', '(a)']

test('metadata of any name comes back, percent-encoded', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  for (const name of NAMES) {
    const encoded = encodeURIComponent(name).replace(/[()]/g, (each) => `%${each.charCodeAt(0).toString(16)}`)
    const headers = { [`X-Object-Meta-${encoded}`]: 'v', ...TEXT }
    expect((await put(alice, 'o', 'data', headers)).status, name).toBe(201)
    const got = await alice.send('GET', 'pithos/o')
    expect([got.status, got.text], name).toEqual([200, 'data'])
    const keys = Object.keys(got.headers).filter((key) => key.startsWith('x-object-meta-'))
    expect(keys.map((key) => decodeURIComponent(key).toLowerCase())).toEqual([`x-object-meta-${name.toLowerCase()}`])
    expect((await alice.send('GET', 'pithos?format=xml')).status).toBe(200)
    await alice.send('POST', 'pithos', { headers: { [`X-Container-Meta-${encoded}`]: 'v' } })
    expect((await alice.send('HEAD', 'pithos')).status, name).toBe(204)
    await alice.send('POST', '', {
      headers: { [`X-Account-Meta-${encoded}`]: 'v', [`X-Account-Group-${encoded}`]: alice.userId },
    })
    expect((await alice.send('HEAD', '')).status, name).toBe(204)
  }
})

test('a name that the indexes cannot hold is a bad request', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  let state = 1
  const random = () => {
    state = (state * 48271) % 2147483647
    return state
  }
  const name = Array.from({ length: 1024 }, () => String.fromCodePoint(0x20000 + (random() % 40_000))).join('')
  const others = Promise.all(Array.from({ length: 5 }, (_, i) => put(alice, `other-${i}`, 'x')))
  expect((await put(alice, encodeURIComponent(name), 'x')).status).toBe(400)
  expect((await others).map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
  expect((await put(alice, encodeURIComponent('λ'.repeat(1024)), 'x')).status).toBe(201)
})

async function tarWith(entries: { name: string; type: 'directory' | 'file' }[]): Promise<Buffer> {
  const tar = pack()
  for (const { name, type } of entries) tar.entry({ name: 'x', type, pax: { path: name } }, '')
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const extract = (who: TestClient, kind: string, body: Uint8Array) =>
  who.send('PUT', `pithos?extract-archive=${kind}`, { headers: { Accept: 'application/json' }, body })

test('paths of an archive that are far too long take neither time nor memory', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const slashes = `x${'/'.repeat(1_000_000)}y`
  const entries = [
    { name: slashes, type: 'directory' as const },
    { name: 'z'.repeat(3_000_000), type: 'file' as const },
  ]
  const answer = await extract(alice, 'tar.gz', gzipSync(await tarWith([...entries, { name: 'good/', type: 'directory' }])))
  const said = answer.json() as { 'Number Files Created': number; Errors: string[][] }
  expect([said['Number Files Created'], said.Errors.length]).toEqual([1, 2])
  expect(answer.body.length).toBeLessThan(20_000)
})

test('what is passed over in an archive counts too', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_ARCHIVE_BYTES: 1_000_000 } })
  const tar = pack()
  tar.entry({ name: 'odd' }, Buffer.alloc(2_000_000))
  tar.entry({ name: 'after' }, 'x')
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk)
  const whole = Buffer.concat(chunks)
  whole.write('2', 156) // a link, which is not unpacked
  whole.fill(' ', 148, 156)
  let sum = 0
  for (const byte of whole.subarray(0, 512)) sum += byte
  whole.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const answer = await extract(alice, 'tar', whole)
  expect(answer.json()).toMatchObject({ 'Number Files Created': 0, 'Response Status': '400 Bad Request' })
})

/** A ZIP whose end says that its list of files is as long as the whole archive. */
function zipWithDirectoryOf(bytes: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(bytes, 12)
  return Buffer.concat([Buffer.alloc(bytes, deflateRawSync('x')), end])
}

test('a ZIP with a list of files that would fill the memory is refused', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const answer = await extract(alice, 'zip', zipWithDirectoryOf(129 * 1024 * 1024))
  expect(answer.json()).toMatchObject({ 'Response Body': 'The list of files at the end of the archive is too long.' })
})

/** Sends the beginning of a request and goes away. */
async function sendAndLeave({ url }: TestCloud, head: readonly string[], body: Buffer): Promise<void> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  await new Promise((resolve) => socket.write(body, resolve))
  socket.destroy()
}

test('who is slow to send parts of objects keeps nobody else waiting', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  await bob.send('PUT', 'pithos')
  for (const who of [alice, bob]) await put(who, 'o', 'data')
  const entered: string[] = []
  const { enter } = cloud.store.updates
  cloud.store.updates.enter = async (holder) => {
    entered.push(holder)
    await enter(holder)
  }
  const append = { 'Content-Type': 'application/octet-stream', 'Content-Range': 'bytes */*' }
  const end = Promise.withResolvers<void>()
  async function* slowly() {
    yield Buffer.from('slow')
    await end.promise
  }
  const slow = Array.from({ length: 40 }, () => alice.send('POST', 'pithos/o', { headers: append, body: slowly() }))
  await expect.poll(() => entered.length).toBe(40)
  const answer = await bob.send('POST', 'pithos/o', { headers: append, body: Readable.from([Buffer.alloc(100_000, 1)]) })
  expect(answer.status).toBe(204)
  end.resolve()
  expect(new Set((await Promise.all(slow)).map(({ status }) => status))).toEqual(new Set([204]))
  expect((await alice.send('GET', 'pithos/o')).text).toBe(`data${'slow'.repeat(40)}`)
})

test('who uploads slowly leaves places for others', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, { settings: { PITHOS_UPLOADS_AT_ONCE: 34 } })
  const bob = await cloud.user()
  await bob.send('PUT', 'pithos')
  const end = Promise.withResolvers<void>()
  async function* slowly() {
    yield Buffer.alloc(100_000, 1)
    await end.promise
  }
  const send = (i: number) => alice.send('PUT', `pithos/${i}`, { headers: TEXT, body: slowly() }).then(({ status }) => status)
  const first = await Promise.race([...Array(33).keys()].map(send))
  expect(first, 'the one too many').toBe(503)
  expect((await put(bob, 'large', Buffer.alloc(100_000, 1))).status).toBe(201)
  end.resolve()
})

test('long lists of nothing are read quickly', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const empty = await alice.send('POST', '?bulk-delete', {
    body: '\n'.repeat(30_000_000),
    headers: { Accept: 'application/json' },
  })
  expect(empty.json()).toMatchObject({ 'Response Status': '400 Bad Request' })
  const hashes = (body: string) => alice.send('PUT', 'pithos/o?hashmap', { headers: TEXT, body })
  expect((await hashes(`{"bytes": 1, "hashes": ${'['.repeat(5_000_000)}`)).status).toBe(400)
  expect((await hashes(`{"bytes": 9223372036854775807, "hashes": []}`)).status).toBe(400)
  expect((await hashes(' '.repeat(21 * 1024 * 1024))).text).toContain('longer than')
})

const PART = '--b\r\nContent-Disposition: form-data; name="X-Object-Data"; filename="x"\r\n\r\n'

/** The beginnings of large bodies, by where they go. */
const BEGINNINGS: Record<string, { method: string; path: string; type: string; range?: string; body: () => Promise<Buffer> }> = {
  data: { method: 'PUT', path: 'pithos/o', type: 'text/plain', body: async () => Buffer.alloc(0) },
  blocks: { method: 'POST', path: 'pithos?update', type: 'application/octet-stream', body: async () => Buffer.alloc(0) },
  part: {
    method: 'POST',
    path: 'pithos/o',
    type: 'application/octet-stream',
    range: 'bytes */*',
    body: async () => Buffer.alloc(0),
  },
  form: { method: 'POST', path: 'pithos/o', type: 'multipart/form-data; boundary=b', body: async () => Buffer.from(PART) },
  tar: { method: 'PUT', path: 'pithos?extract-archive=tar', type: 'application/x-tar', body: beginningOfTar },
  'tar.gz': {
    method: 'PUT',
    path: 'pithos?extract-archive=tar.gz',
    type: 'application/gzip',
    body: async () => gzipSync(Buffer.concat([await beginningOfTar(), randomContent(400_000)])).subarray(0, 300_000),
  },
  zip: { method: 'PUT', path: 'pithos?extract-archive=zip', type: 'application/zip', body: async () => Buffer.alloc(0) },
}

async function beginningOfTar(): Promise<Buffer> {
  const tar = pack()
  tar.entry({ name: 'large' }, Buffer.alloc(900_000, 1))
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).subarray(0, 512)
}

for (const [what, { method, path, type, range, body }] of Object.entries(BEGINNINGS)) {
  test(`who leaves while sending (${what}) takes no place of an upload along`, async ({ onTestFinished }) => {
    const { cloud, alice } = await openAlice(onTestFinished, { settings: { PITHOS_UPLOADS_AT_ONCE: 1 } })
    await put(alice, 'o', 'data')
    const head = [
      `${method} /pithos/object-store/v1/${alice.userId}/${path} HTTP/1.1`,
      'Host: x',
      `X-Auth-Token: ${alice.token}`,
      `Content-Type: ${type}`,
      ...(range ? [`Content-Range: ${range}`] : []),
      'Content-Length: 1000000',
    ]
    // Most bodies are sent so far that they count as large; each of them four times, for gates that have four places.
    for (let time = 0; time < 4; time += 1)
      await sendAndLeave(cloud, head, Buffer.concat([await body(), Buffer.alloc(300_000, 1)]))
    const upload = async () => (await put(alice, 'large', Buffer.alloc(200_000, 1))).status
    await expect.poll(upload).toBe(201)
    const rest = { headers: { 'Content-Type': type, ...(range ? { 'Content-Range': range } : {}) } }
    const isServed = async () => (await alice.send(method, path, { ...rest, body: await body() })).status < 500
    await expect.poll(isServed).toBe(true)
    await expect.poll(upload).toBe(201)
  })
}
