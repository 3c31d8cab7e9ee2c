// The requests of an existing command-line client, byte for byte, on the path from a new account to a file and back.
import { hashBlock } from '@synnefo/engine-blocks'
import { expect, test } from 'vitest'
import { openKamakis } from './kamaki.ts'

test('kamaki makes a container, uploads, lists, downloads and removes', async ({ onTestFinished }) => {
  const [client] = await openKamakis(onTestFinished)
  const { send: kamaki, userId } = client!

  // container create
  const made = await kamaki('PUT', '/files', { 'X-Container-Policy-Versioning': 'auto', 'Content-Length': '0' })
  expect(made.status).toBe(201)

  // file upload hello.txt /files
  const data = 'Hello, Pithos!'
  const hash = await hashBlock(Buffer.from(data))
  expect((await kamaki('HEAD', '/files/hello.txt')).status).toBe(404)
  const container = await kamaki('HEAD', '/files')
  expect([container.status, container.headers.get('x-container-policy-quota')]).toEqual([204, '0'])
  expect(await kamaki('GET', '/files?format=json')).toMatchObject({ status: 200, body: '[]' })
  const map = `{"bytes": 14, "hashes": ["${hash}"]}`
  const stating = { 'Content-Type': 'text/plain', 'X-Object-Public': 'False', 'Content-Length': String(map.length) }
  const lacking = await kamaki('PUT', '/files/hello.txt?format=json&hashmap=True', stating, map)
  expect([lacking.status, JSON.parse(lacking.body)]).toEqual([409, [hash]])
  const block = await kamaki(
    'POST',
    '/files?update&format=json',
    { 'Content-Type': 'application/octet-stream', 'Content-Length': '14' },
    data,
  )
  expect([block.status, JSON.parse(block.body)]).toEqual([202, [hash]])
  const created = await kamaki('PUT', '/files/hello.txt?format=json&hashmap=True', stating, map)
  expect([created.status, created.headers.get('etag'), created.headers.get('content-length')]).toEqual([201, hash, '0'])

  // file create, mkdir, list, info
  expect(
    (await kamaki('PUT', '/files/empty', { 'Content-Type': 'application/octet-stream', 'Content-Length': '0' })).status,
  ).toBe(201)
  expect((await kamaki('PUT', '/files/dir', { 'Content-Type': 'application/directory', 'Content-Length': '0' })).status).toBe(201)
  const listed = JSON.parse((await kamaki('GET', '/files?limit=10&format=json')).body) as {
    name: string
    bytes: number
    content_type: string
  }[]
  expect(listed.map(({ name, bytes, content_type }) => [name, bytes, content_type])).toEqual([
    ['dir', 0, 'application/directory'],
    ['empty', 0, 'application/octet-stream'],
    ['hello.txt', 14, 'text/plain'],
  ])
  const versions = JSON.parse((await kamaki('GET', '/files/hello.txt?format=json&version=list')).body) as {
    versions: [number, string][]
  }
  expect(versions.versions).toHaveLength(1)

  // file download
  const hashes = await kamaki('GET', '/files/hello.txt?format=json&hashmap=True')
  expect(JSON.parse(hashes.body)).toEqual({ block_hash: 'sha256', block_size: 4194304, bytes: 14, hashes: [hash] })
  const part = await kamaki('GET', '/files/hello.txt?format=json', { Range: 'bytes=0-13' })
  expect([part.status, part.body]).toEqual([206, data])

  // file modify --metadata-add, --read-permission
  const tagged = await kamaki('POST', '/files/hello.txt?update&format=json', {
    'X-Object-Meta-Colour': 'caf%C3%A9',
    'Content-Length': '0',
  })
  expect(tagged.status).toBe(202)
  const shared = await kamaki('POST', '/files/hello.txt?update&format=json', {
    'X-Object-Sharing': 'read=*',
    'Content-Length': '0',
  })
  expect(shared.status).toBe(202)
  const info = await kamaki('HEAD', '/files/hello.txt')
  expect([info.headers.get('x-object-meta-colour'), info.headers.get('x-object-sharing')]).toEqual(['caf%C3%A9', 'read=%2A'])

  // file copy, file move
  const from = (header: string, name: string) => ({
    [header]: `/files/${name}`,
    'X-Source-Account': userId,
    'X-Object-Public': 'False',
    'Content-Length': '0',
  })
  expect((await kamaki('PUT', '/files/copy.txt?format=json', from('X-Copy-From', 'hello.txt'))).status).toBe(201)
  expect((await kamaki('PUT', '/files/moved.txt?format=json', from('X-Move-From', 'copy.txt'))).status).toBe(201)

  // file delete, container delete -r
  expect((await kamaki('DELETE', '/files/hello.txt?delimiter=')).status).toBe(204)
  expect((await kamaki('HEAD', '/files')).headers.get('x-container-object-count')).toBe('3')
  expect((await kamaki('DELETE', '/files?delimiter=/')).status).toBe(204)
  expect((await kamaki('DELETE', `/files?until=${Math.floor(Date.now() / 1000)}.25`)).status).toBe(204)
  expect((await kamaki('HEAD', '/files')).status).toBe(404)
})
