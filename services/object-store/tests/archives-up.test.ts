import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js'
import { pack } from 'tar-stream'
import { expect, test } from 'vitest'
import type { TestClient } from '../testing.ts'
import { list, openAlice, put } from './alice.ts'

configure({ useWebWorkers: false })

const JSON_ANSWER = { Accept: 'application/json' }
const CREATED = { 'Response Status': '201 Created', 'Response Body': '', Errors: [] }

type Files = Record<string, Uint8Array | string>

async function tarOf(files: Files): Promise<Buffer> {
  const tar = pack()
  for (const [name, data] of Object.entries(files)) {
    if (name.endsWith('/')) tar.entry({ name, type: 'directory' })
    else tar.entry({ name }, Buffer.from(data))
  }
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function zipOf(files: Files): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter())
  for (const [name, data] of Object.entries(files)) {
    if (name.endsWith('/')) await zip.add(name, undefined, { directory: true })
    else await zip.add(name, new Uint8ArrayReader(new Uint8Array(Buffer.from(data))))
  }
  return zip.close()
}

const KINDS: Record<string, (files: Files) => Promise<Uint8Array>> = {
  tar: tarOf,
  'tar.gz': async (files) => gzipSync(await tarOf(files)),
  zip: zipOf,
}

function send(who: TestClient, kind: string, body: Uint8Array, path = 'pithos', headers: Record<string, string> = JSON_ANSWER) {
  return who.send('PUT', `${path}?extract-archive=${kind}`, { headers, body })
}

for (const [kind, make] of Object.entries(KINDS)) {
  test(`every file of a ${kind} becomes an object`, async ({ onTestFinished }) => {
    const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: 65536 } })
    const large = randomContent(300_000)
    const long = `${'d'.repeat(120)}/${'n'.repeat(120)}.bin`
    const files = {
      'a/': '',
      'a/picture.PNG': 'png',
      'a/αβγ.txt': 'greek',
      './b c.json': '{}',
      '/top': large,
      [long]: 'long',
      empty: '',
    }
    const answer = await send(alice, kind, await make(files))
    expect([answer.status, answer.json()]).toEqual([200, { ...CREATED, 'Number Files Created': 7 }])
    expect((await list(alice, '')).sort()).toEqual(['a', 'a/picture.PNG', 'a/αβγ.txt', 'b c.json', 'empty', long, 'top'].sort())
    expect((await alice.send('GET', 'pithos/top')).body.equals(large)).toBe(true)
    expect((await alice.send('HEAD', 'pithos/a')).headers['content-type']).toBe('application/directory')
    expect((await alice.send('HEAD', 'pithos/a/picture.PNG')).headers['content-type']).toBe('image/png')
    const below = await send(alice, kind, await make(files), 'pithos/below/here')
    expect(below.json()).toMatchObject({ 'Number Files Created': 7 })
    expect((await alice.send('GET', 'pithos/below/here/a/%CE%B1%CE%B2%CE%B3.txt')).text).toBe('greek')
    const again = await send(alice, kind, await make(files))
    expect(again.json(), 'a folder that is there stays as it is').toEqual({ ...CREATED, 'Number Files Created': 6 })
  })

  test(`a ${kind} that ends early, or is none, is told`, async ({ onTestFinished }) => {
    const { alice } = await openAlice(onTestFinished)
    const whole = await make({ first: randomContent(2000), second: randomContent(50_000) })
    for (const body of [whole.subarray(0, whole.length - 30_000), randomContent(3000), new Uint8Array(0)]) {
      const answer = await send(alice, kind, body)
      expect([answer.status, answer.json()]).toEqual([200, expect.objectContaining({ 'Response Status': '400 Bad Request' })])
    }
    expect((await alice.send('HEAD', 'pithos/second')).status).toBe(404)
  })

  test(`a ${kind} that never ends is stopped`, async ({ onTestFinished }) => {
    const settings = { PITHOS_ARCHIVE_ENTRIES: 3, PITHOS_ARCHIVE_BYTES: 10_000 }
    const { alice } = await openAlice(onTestFinished, { settings })
    const many = await send(alice, kind, await make({ a: '1', b: '2', c: '3', d: '4' }))
    expect(many.json()).toMatchObject({ 'Number Files Created': 3, 'Response Body': expect.stringMatching(/more than 3 files/) })
    const large = await send(alice, kind, await make({ large: new Uint8Array(20_000) }))
    expect(large.json()).toMatchObject({ 'Response Status': '400 Bad Request' })
    expect((await alice.send('HEAD', 'pithos/large')).status).toBe(404)
  })
}

test('what unpacks to many times its size is stopped', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_ARCHIVE_RATIO: 50 } })
  const bomb = gzipSync(await tarOf({ bomb: Buffer.alloc(110 * 1024 * 1024) }))
  const answer = await send(alice, 'tar.gz', bomb)
  expect(answer.json()).toMatchObject({ 'Number Files Created': 0, Errors: [['bomb', '400 Bad Request']] })
  expect((await alice.send('HEAD', 'pithos/bomb')).status).toBe(404)
})

test('names are just names, and those that are none are told one by one', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const answer = await send(alice, 'tar', await tarOf({ '../up': '1', 'a/../b': '2', ['x'.repeat(1100)]: '3', last: '4' }))
  expect(answer.json()).toEqual({
    'Number Files Created': 3,
    Errors: [['x'.repeat(1100), '400 Bad Request']],
    'Response Status': '400 Bad Request',
    'Response Body': '',
  })
  expect(await list(alice, '')).toEqual(['../up', 'a/../b', 'last'])
})

test('files that have no room are told, the others are there', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Quota': '100000' } })
  const answer = await send(
    alice,
    'tar',
    await tarOf({
      small: randomContent(100),
      large: randomContent(200_000),
      medium: randomContent(60_000),
      last: randomContent(50_000),
    }),
  )
  const said = answer.json() as { 'Number Files Created': number; Errors: string[][] }
  expect(said['Number Files Created']).toBe(2)
  expect(said.Errors).toContainEqual(['large', '413 Payload Too Large'])
})

test('the answer comes as text and XML too', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const archive = await tarOf({ [`bad${'x'.repeat(1100)}`]: '1', good: '2' })
  const text = await send(alice, 'tar', archive, 'pithos', {})
  expect(text.headers['content-type']).toMatch(/^text\/plain/)
  expect(text.text).toMatch(
    /^Number Files Created: 1\nResponse Body: \nResponse Status: 400 Bad Request\nErrors:\nbadx+, 400 Bad Request\n$/,
  )
  const xml = await send(alice, 'tar', archive, 'pithos', { Accept: 'application/xml' })
  expect(xml.text).toMatch(
    /<extract><number_files_created>1<\/number_files_created>.*<errors><object><name>badx+<\/name><status>400 Bad Request/,
  )
})

test('an archive is unpacked only where its sender may write', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  const archive = await tarOf({ a: '1' })
  expect((await send(bob, 'tar', archive, `/${alice.userId}/pithos`)).status).toBe(403)
  expect((await send(bob, 'tar', archive, `/${alice.userId}/pithos/shared`)).status).toBe(403)
  expect((await send(alice, 'tar', archive, 'nowhere')).status).toBe(404)
  expect((await send(alice, 'rar', archive)).status).toBe(400)
  await put(alice, 'shared', '', { 'Content-Type': 'application/directory', 'X-Object-Sharing': `write=${bob.userId}` })
  expect((await send(bob, 'tar', archive, `/${alice.userId}/pithos/shared`)).json()).toMatchObject({ 'Number Files Created': 1 })
  const limited = await cloud.withToken(alice, ['object-store/pithos/mine/'])
  expect((await send(limited, 'tar', archive)).status).toBe(403)
  expect((await send(limited, 'tar', archive, 'pithos/other')).status).toBe(403)
  expect((await send(limited, 'tar', archive, 'pithos/mine/')).json()).toMatchObject({ 'Number Files Created': 1 })
  expect(await list(alice, '')).toEqual(['mine/a', 'shared', 'shared/a'])
})

test('archives of the common programs are read', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  await mkdir(join(folder, 'tree/deep'), { recursive: true })
  await writeFile(join(folder, 'tree/deep', 'naïve name'), 'content')
  execFileSync('tar', ['-C', folder, '-czf', join(folder, 'tree.tgz'), 'tree'])
  const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_ARCHIVE_FOLDER: folder } })
  const answer = await send(alice, 'tar.gz', await readFile(join(folder, 'tree.tgz')))
  expect(answer.json()).toEqual({ ...CREATED, 'Number Files Created': 3 })
  expect(await list(alice, '')).toEqual(['tree', 'tree/deep', 'tree/deep/naïve name'])
  await send(alice, 'zip', await zipOf({ a: '1' }))
  expect((await readdir(folder)).sort(), 'nothing is left of a ZIP').toEqual(['tree', 'tree.tgz'])
})
