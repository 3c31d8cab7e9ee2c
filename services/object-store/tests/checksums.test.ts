import { createHash } from 'node:crypto'
import { hashBlock } from '@synnefo/engine-blocks'
import { randomContent } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { openAlice, put, TEXT } from './alice.ts'

const BLOCK = 128 * 1024
const WITH_MD5 = { settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK, PITHOS_UPDATE_MD5: true } }

const md5 = (data: Uint8Array | string) => createHash('md5').update(data).digest('hex')

async function hashList(data: Buffer) {
  const hashes: string[] = []
  for (let at = 0; at < data.length; at += BLOCK) hashes.push(await hashBlock(data.subarray(at, at + BLOCK)))
  return JSON.stringify({ bytes: data.length, hashes })
}

const SIZES = [0, 1, 65536, 65537, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK]

test('with PITHOS_UPDATE_MD5 the entity tag is the MD5, whatever the size and however the data came', async ({
  onTestFinished,
}) => {
  const { alice } = await openAlice(onTestFinished, WITH_MD5)
  for (const size of SIZES) {
    const data = randomContent(size)
    const told = await put(alice, `told-${size}`, data)
    expect([told.status, told.headers['etag']]).toEqual([201, md5(data)])
    const streamed = async function* () {
      for (let at = 0; at < size; at += 50_000) yield data.subarray(at, at + 50_000)
    }
    const chunked = await alice.send('PUT', `pithos/chunked-${size}`, { headers: TEXT, body: streamed() })
    expect([chunked.status, chunked.headers['etag']]).toEqual([201, md5(data)])
    const head = (await alice.send('HEAD', `pithos/told-${size}`)).headers
    expect(head).toMatchObject({ etag: md5(data), 'content-length': String(size) })
    expect(head['x-object-hash']).not.toBe(md5(data))
    const headers = { 'If-None-Match': `"${md5(data)}"` }
    expect((await alice.send('GET', `pithos/told-${size}`, { headers })).status).toBe(304)
  }
  const listed = (await alice.send('GET', 'pithos?format=json')).json() as { name: string; hash: string; x_object_hash: string }[]
  for (const { name, hash, x_object_hash } of listed) {
    expect(hash).toBe((await alice.send('HEAD', `pithos/${name}`)).headers['etag'])
    expect(hash).not.toBe(x_object_hash)
  }
})

test('an object made of a hash list has the MD5 of all its blocks', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, WITH_MD5)
  const octets = { 'Content-Type': 'application/octet-stream' }
  for (const size of SIZES) {
    const data = Buffer.concat([randomContent(Math.ceil(size / 2)), Buffer.alloc(Math.floor(size / 2))]) // zeros are blocks too
    if (size > 0) await alice.send('POST', 'pithos?update', { headers: octets, body: data })
    const made = await alice.send('PUT', `pithos/o${size}?hashmap`, { headers: TEXT, body: await hashList(data) })
    expect([made.status, made.headers['etag']], String(size)).toEqual([201, md5(data)])
    const again = await alice.send('PUT', `pithos/again${size}?hashmap`, { headers: TEXT, body: await hashList(data) })
    expect([again.status, again.headers['etag']]).toEqual([201, md5(data)])
  }
})

test('a hash list of content that only lies in a row has its MD5 too', async ({ onTestFinished }) => {
  const off = { settings: { ...WITH_MD5.settings, PITHOS_UPDATE_MD5: false } }
  const { cloud, alice } = await openAlice(onTestFinished, off)
  await put(alice, 'small', 'written while no MD5 was kept')
  Object.assign(cloud.store.settings, WITH_MD5.settings)
  const body = await hashList(Buffer.from('written while no MD5 was kept'))
  const made = await alice.send('PUT', 'pithos/again?hashmap', { headers: TEXT, body })
  expect([made.status, made.headers['etag']]).toEqual([201, md5('written while no MD5 was kept')])
  const old = (await alice.send('HEAD', 'pithos/small')).headers
  expect(old['etag']).toBe(old['x-object-hash'])
})

test('copies, moves and changes of metadata keep the MD5', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, WITH_MD5)
  const data = randomContent(BLOCK + 5)
  await put(alice, 'o', data)
  await alice.send('COPY', 'pithos/o', { headers: { Destination: '/pithos/copy' } })
  await alice.send('POST', 'pithos/o?update', { headers: { 'X-Object-Meta-A': '1' } })
  await alice.send('MOVE', 'pithos/o', { headers: { Destination: '/pithos/moved' } })
  for (const name of ['copy', 'moved']) expect((await alice.send('HEAD', `pithos/${name}`)).headers['etag']).toBe(md5(data))
})

test('without it the entity tag is the hash of the blocks, and an MD5 that was sent is checked and kept', async ({
  onTestFinished,
}) => {
  const { cloud, alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK } })
  const data = randomContent(3 * BLOCK)
  const wrong = await put(alice, 'o', data, { ETag: md5('something else') })
  expect([wrong.status, wrong.json()]).toEqual([422, { unprocessableEntity: expect.anything() }])
  expect((await alice.send('HEAD', 'pithos/o')).status).toBe(404)
  const right = await put(alice, 'o', data, { ETag: `"${md5(data).toUpperCase()}"` })
  expect(right.status).toBe(201)
  const { headers } = await alice.send('HEAD', 'pithos/o')
  expect([right.headers['etag'], headers['etag']]).toEqual([headers['x-object-hash'], headers['x-object-hash']])
  Object.assign(cloud.store.settings, { PITHOS_UPDATE_MD5: true })
  expect((await alice.send('HEAD', 'pithos/o')).headers['etag']).toBe(md5(data))
})
