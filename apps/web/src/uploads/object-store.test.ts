// Uploads against the real object store, over HTTP.
import { connect } from '@synnefo/clients/http'
import { openObjectStore } from '@synnefo/clients/object-store'
import { openTestCloud } from '@synnefo/object-store/testing'
import type { TestContext } from 'vitest'
import { expect, test } from 'vitest'
import { digest } from './digest.ts'
import { hashBlocks } from './hash.ts'
import type { Journey, Tools } from './upload.ts'
import { upload } from './upload.ts'

const BLOCK = 4_194_304

/** A person with a container, and a line to the cloud that can be cut. */
async function openLine({ onTestFinished }: TestContext) {
  const cloud = await openTestCloud(onTestFinished)
  const person = await cloud.user()
  const line = { cut: 0, sentBlocks: 0 }
  const connection = connect({
    baseUrl: cloud.url,
    token: person.token,
    async fetch(input, init) {
      if (line.cut > 0) {
        line.cut -= 1
        throw new TypeError('fetch failed')
      }
      return fetch(input, init)
    },
  })
  const store = openObjectStore(connection, person.userId)
  await store.createContainer('files')
  const tools: Tools = {
    store,
    hash: (file, blockSize, options) => hashBlocks(file, blockSize, digest, options),
    async sendBlock(container, block, { signal, onProgress }) {
      const hash = await store.sendBlock(container, block, signal)
      line.sentBlocks += 1
      onProgress(block.size)
      return hash
    },
    pause: async () => undefined,
  }
  const read = async (name: string) =>
    new Uint8Array(await (await connection.send('GET', `/pithos/object-store/v1/${person.userId}/files/${name}`)).arrayBuffer())
  return { line, store, tools, read }
}

const journey = (file: Blob, name = 'file', createOnly = true): Journey => ({
  file,
  container: 'files',
  name,
  contentType: 'text/plain',
  createOnly,
})
const unwatched = () => ({ signal: new AbortController().signal, onProgress: () => undefined })

/** Blocks that begin differently and end in zeros, then a short one. */
const threeBlocks = () =>
  new Blob([1, 2, 3].map((start) => new Uint8Array(start === 3 ? 1_000 : BLOCK).fill(start, 0, start === 3 ? 1_000 : BLOCK / 2)))

test('a file is stored byte for byte, and a second time without sending anything', async (context) => {
  const { line, store, tools, read } = await openLine(context)
  const file = threeBlocks()
  await upload(journey(file), tools, unwatched())
  expect(line.sentBlocks).toBe(3)
  expect(await read('file')).toEqual(new Uint8Array(await file.arrayBuffer()))

  await upload(journey(file, 'folder/copy'), tools, unwatched())
  expect(line.sentBlocks).toBe(3)
  const entries = await store.listObjects('files', { delimiter: '/' })
  expect(
    entries.map((entry) => ('subdir' in entry ? entry.subdir : `${entry.name} ${entry.bytes} ${entry.content_type}`)),
  ).toEqual([`file ${file.size} text/plain`, 'folder/'])
})

test('an empty file is stored', async (context) => {
  const { tools, read } = await openLine(context)
  await upload(journey(new Blob([])), tools, unwatched())
  expect(await read('file')).toEqual(new Uint8Array())
})

test('an upload outlives a line that drops again and again', async (context) => {
  const { line, tools, read } = await openLine(context)
  const file = threeBlocks()
  line.cut = 3
  await upload(journey(file), tools, {
    signal: new AbortController().signal,
    onProgress: ({ phase }) => phase === 'sending' && line.sentBlocks === 1 && line.cut++,
  })
  expect(await read('file')).toEqual(new Uint8Array(await file.arrayBuffer()))
})

test('after a page was left, choosing the file again sends the rest', async (context) => {
  const { line, store, tools, read } = await openLine(context)
  const file = threeBlocks()
  const leaving = new AbortController()
  const left = upload(journey(file), tools, { signal: leaving.signal, onProgress: () => line.sentBlocks > 0 && leaving.abort() })
  await expect(left).rejects.toThrow(/abort/i)
  expect(await store.showObject('files', 'file')).toBeUndefined()
  const arrived = line.sentBlocks
  await upload(journey(file), tools, unwatched())
  expect(line.sentBlocks).toBeLessThan(arrived + 3)
  expect(await read('file')).toEqual(new Uint8Array(await file.arrayBuffer()))
})

test('a file that is there is replaced only when asked', async (context) => {
  const { tools, read } = await openLine(context)
  await upload(journey(new Blob(['first'])), tools, unwatched())
  await expect(upload(journey(new Blob(['second'])), tools, unwatched())).rejects.toMatchObject({ status: 412 })
  await upload(journey(new Blob(['second']), 'file', false), tools, unwatched())
  expect(new TextDecoder().decode(await read('file'))).toBe('second')
})

test('a folder that was never made is deleted with what is in it', async (context) => {
  const { store, tools } = await openLine(context)
  await upload(journey(new Blob(['a']), 'folder/a'), tools, unwatched())
  await upload(journey(new Blob(['b']), 'folder/deep/b'), tools, unwatched())
  await upload(journey(new Blob(['c']), 'folder2'), tools, unwatched())
  await store.deleteFolder('files', 'folder')
  expect((await store.listObjects('files', {})).map((entry) => 'name' in entry && entry.name)).toEqual(['folder2'])
})

test('versions are listed and containers emptied', async (context) => {
  const { store, tools } = await openLine(context)
  for (const text of ['one', 'two']) await upload(journey(new Blob([text]), 'file', false), tools, unwatched())
  expect(await store.listVersions('files', 'file')).toHaveLength(2)
  await expect(store.deleteContainer('files')).rejects.toMatchObject({ status: 409 })
  await store.emptyContainer('files')
  await store.deleteContainer('files')
  expect(await store.listContainers()).toEqual([])
})
