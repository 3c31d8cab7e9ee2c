import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { type FileEntry, Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js'
import { extract } from 'tar-stream'
import { expect, test } from 'vitest'
import { writeTar } from '../archives/write-tar.ts'
import { writeZip } from '../archives/write-zip.ts'
import type { TestClient } from '../testing.ts'
import { openAlice, put } from './alice.ts'

async function untar(body: Buffer): Promise<Record<string, string>> {
  const tar = extract()
  tar.end(body)
  const found: Record<string, string> = {}
  for await (const entry of tar) {
    const chunks: Buffer[] = []
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk)
    found[entry.header.name] = Buffer.concat(chunks).toString('latin1')
  }
  return found
}

async function unzip(body: Buffer): Promise<Record<string, string>> {
  const zip = new ZipReader(new Uint8ArrayReader(new Uint8Array(body)), { useWebWorkers: false, checkSignature: true })
  const found: Record<string, string> = {}
  for (const entry of await zip.getEntries()) {
    const data = entry.directory ? new Uint8Array(0) : await (entry as FileEntry).getData(new Uint8ArrayWriter())
    found[entry.filename] = Buffer.from(data).toString('latin1')
  }
  return found
}

const KINDS: Record<string, { type: string; unpack: (body: Buffer) => Promise<Record<string, string>> }> = {
  tar: { type: 'application/x-tar', unpack: untar },
  'tar.gz': { type: 'application/gzip', unpack: (body) => untar(gunzipSync(body)) },
  zip: { type: 'application/zip', unpack: unzip },
}

const get = (who: TestClient, path: string, kind: string) => who.send('GET', `${path}?archive=${kind}`)

test('a folder comes as one file, and goes back as it was', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: 65536 } })
  const large = randomContent(300_000)
  const long = `${'d'.repeat(120)}/${'n'.repeat(120)}`
  const files: Record<string, string | Buffer> = { 'photos/a.txt': 'text', 'photos/αβγ': 'greek', 'photos/large': large }
  files[`photos/${long}`] = 'long'
  for (const [name, data] of Object.entries(files)) await put(alice, encodeURI(name), data)
  for (const folder of ['photos', 'photos/empty']) await put(alice, folder, '', { 'Content-Type': 'application/directory' })
  await put(alice, 'photos2', 'beside it')
  const wanted = { 'a.txt': 'text', αβγ: 'greek', large: large.toString('latin1'), [long]: 'long', 'empty/': '' }
  for (const [kind, { type, unpack }] of Object.entries(KINDS)) {
    const answer = await get(alice, 'pithos/photos', kind)
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({ 'content-type': type, 'content-disposition': `attachment; filename="photos.${kind}"` })
    expect(await unpack(answer.body), kind).toEqual(wanted)
    await alice.send('PUT', `back-${kind}`)
    const back = await alice.send('PUT', `back-${kind}?extract-archive=${kind}`, { body: answer.body })
    expect(back.text, kind).toMatch(/^Number Files Created: 5\n/)
    const whole = await get(alice, `back-${kind}`, kind)
    expect(await unpack(whole.body), kind).toEqual(wanted)
  }
})

test('an archive holds what its reader may read, and only what there is', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  await put(alice, 'd/secret', 'secret')
  expect((await get(bob, `/${alice.userId}/pithos/d`, 'tar')).status).toBe(403)
  await put(alice, 'd/shared', 'shared', { 'X-Object-Sharing': `read=${bob.userId}` })
  expect(await untar((await get(bob, `/${alice.userId}/pithos/d`, 'tar')).body)).toEqual({ shared: 'shared' })
  expect((await get(alice, 'pithos/none', 'tar')).status).toBe(404)
  expect((await get(alice, 'none', 'tar')).status).toBe(404)
  expect((await get(alice, 'pithos', 'rar')).status).toBe(400)
  const limited = await cloud.withToken(alice, ['object-store/pithos/d/sh'])
  expect(await untar((await get(limited, 'pithos', 'tar')).body)).toEqual({ 'd/shared': 'shared' })
  await alice.send('PUT', 'empty')
  for (const [kind, { unpack }] of Object.entries(KINDS)) expect(await unpack((await get(alice, 'empty', kind)).body)).toEqual({})
})

test('an archive shows the past, manifests with their parts, and no names that lead elsewhere', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  const written = await put(alice, 'o', 'before')
  const then = (await alice.send('GET', 'pithos/o?version=list')).json() as { versions: [number, string][] }
  expect(written.status).toBe(201)
  await put(alice, 'o', 'after')
  await put(alice, '../../up', 'up')
  await put(alice, 'm', '', { 'X-Object-Manifest': 'pithos/o' })
  expect(await untar((await get(alice, 'pithos', 'tar')).body)).toEqual({ '__/__/up': 'up', m: 'after', o: 'after' })
  const until = Number(then.versions[0]![1]) + 0.0005
  expect(await untar((await alice.send('GET', `pithos?archive=tar&until=${until.toFixed(6)}`)).body)).toEqual({ o: 'before' })
})

test('files of any length fit: headers are those that the programs read', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const sizes = { tiny: 1, edge: 512, medium: 65_537 }
  async function* entries() {
    for (const [path, sizeBytes] of Object.entries(sizes)) {
      const modifiedAt = new Date('2024-05-06T07:08:10Z')
      yield {
        path,
        folder: false,
        sizeBytes,
        modifiedAt,
        async *read() {
          yield Buffer.alloc(sizeBytes, path)
        },
      }
    }
  }
  const bytes = async (from: AsyncIterable<Buffer>) => {
    const chunks: Buffer[] = []
    for await (const chunk of from) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  await writeFile(join(folder, 'a.tar'), await bytes(writeTar(entries())))
  await mkdir(join(folder, 'out'))
  execFileSync('tar', ['-C', join(folder, 'out'), '-xf', join(folder, 'a.tar')])
  for (const [path, size] of Object.entries(sizes))
    expect((await readFile(join(folder, 'out', path))).equals(Buffer.alloc(size, path))).toBe(true)
  expect(Object.keys(await unzip(await bytes(writeZip(entries()))))).toEqual(Object.keys(sizes))
})

test('sizes beyond what plain headers hold are told in extended ones', async () => {
  const sizeBytes = 9 * 1024 ** 3
  async function* entries() {
    yield { path: 'huge', folder: false, sizeBytes, modifiedAt: new Date(), async *read() {} }
  }
  const head = (await writeTar(entries()).next()).value as Buffer
  expect(head.subarray(156, 157).toString()).toBe('x')
  const tar = writeTar(entries())
  await tar.next()
  expect(((await tar.next()).value as Buffer).toString()).toContain(`size=${sizeBytes}\n`)
  const chunks: Buffer[] = []
  for await (const chunk of writeZip(entries())) chunks.push(chunk)
  const zip = new ZipReader(new Uint8ArrayReader(new Uint8Array(Buffer.concat(chunks))), { useWebWorkers: false })
  expect((await zip.getEntries()).map(({ filename, uncompressedSize, zip64 }) => [filename, uncompressedSize, zip64])).toEqual([
    ['huge', sizeBytes, true],
  ])
})

test('a download that breaks off holds nothing', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const data = randomContent(20_000_000)
  await put(alice, 'large', data)
  for (const kind of Object.keys(KINDS)) {
    const stop = new AbortController()
    const url = `${cloud.url}/pithos/object-store/v1/${alice.userId}/pithos?archive=${kind}`
    const answer = await fetch(url, { headers: { 'X-Auth-Token': alice.token }, signal: stop.signal })
    await answer.body!.getReader().read()
    stop.abort()
  }
  expect((await get(alice, 'pithos', 'tar')).body.length).toBeGreaterThan(data.length)
})
