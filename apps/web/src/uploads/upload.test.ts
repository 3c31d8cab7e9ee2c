import { ApiError } from '@synnefo/clients/http'
import { expect, test } from 'vitest'
import { digest } from './digest.ts'
import { hashBlocks } from './hash.ts'
import type { Journey, Progress, Tools } from './upload.ts'
import { upload } from './upload.ts'

/** An object store of one container, and the line to it. */
function openStore() {
  const blocks = new Map<string, Blob>()
  const objects = new Map<string, string[]>()
  const sent: string[] = []
  const pauses: number[] = []
  /** What happens instead of the next calls. */
  const accidents: unknown[] = []
  const accident = () => {
    if (accidents.length > 0) throw accidents.shift()
  }
  const tools: Tools = {
    store: {
      blockParameters: async () => ({ blockSize: 4, blockHash: 'sha256' }),
      async putBlockList(_container, name, { hashes }, { createOnly }) {
        accident()
        if (createOnly && objects.has(name)) throw new ApiError(412, 'preconditionFailed', 'The object exists')
        const missing = [...new Set(hashes.filter((hash) => !blocks.has(hash)))]
        if (missing.length === 0) objects.set(name, hashes)
        return missing
      },
    },
    hash: (file, blockSize, options) => hashBlocks(file, blockSize, digest, options),
    async sendBlock(_container, block, { signal, onProgress }) {
      accident()
      const text = await block.text()
      const [hash] = await hashBlocks(block, 4, digest)
      signal.throwIfAborted()
      blocks.set(hash!, block)
      sent.push(text)
      onProgress(block.size)
      return hash!
    },
    pause: async (seconds) => void pauses.push(seconds),
  }
  const read = async (name: string) => (await Promise.all(objects.get(name)!.map((hash) => blocks.get(hash)!.text()))).join('')
  return { tools, blocks, objects, sent, pauses, accidents, read }
}

const journey = (text: string, change: Partial<Journey> = {}): Journey => ({
  file: new Blob([text]),
  container: 'pithos',
  name: 'file',
  contentType: 'text/plain',
  createOnly: true,
  ...change,
})
const watch = () => {
  const seen: Progress[] = []
  return { seen, signal: new AbortController().signal, onProgress: (progress: Progress) => void seen.push(progress) }
}
const unreachable = () => new ApiError(0, 'unreachable', 'The cloud does not answer')

test('a file arrives as it is', async () => {
  const store = openStore()
  const seen = watch()
  await upload(journey('abcdefghij'), store.tools, seen)
  expect(await store.read('file')).toBe('abcdefghij')
  expect(seen.seen.at(-1)).toEqual({ phase: 'finishing' })
  expect(seen.seen).toContainEqual({ phase: 'sending', bytes: 10 })
})

test('only blocks that the cloud lacks travel, each once', async () => {
  const store = openStore()
  await upload(journey('abcdefgh'), store.tools, watch())
  await upload(journey('abcdwxyzabcdwxyz', { name: 'other' }), store.tools, watch())
  expect(store.sent.toSorted()).toEqual(['abcd', 'efgh', 'wxyz'])
  expect(await store.read('other')).toBe('abcdwxyzabcdwxyz')
})

test('a dropped line costs time and nothing else', async () => {
  const store = openStore()
  const seen = watch()
  store.accidents.push(unreachable(), unreachable(), unreachable(), new ApiError(503, 'serviceUnavailable', 'Starting'))
  await upload(journey('abcdefghij'), store.tools, seen)
  expect(await store.read('file')).toBe('abcdefghij')
  // All that time falls on the first call, and each pause is longer than the one before.
  expect(store.pauses).toEqual([1, 2, 4, 8])
  expect(seen.seen).toContainEqual({ phase: 'waiting', seconds: 4, reason: 'The cloud does not answer' })
})

test('going on after an interruption sends the rest', async () => {
  const store = openStore()
  const controller = new AbortController()
  const interrupted = upload(journey('abcdefghijklmnopqrstuvwx'), store.tools, {
    signal: controller.signal,
    onProgress: (progress) => progress.phase === 'sending' && progress.bytes > 4 && controller.abort(),
  })
  await expect(interrupted).rejects.toThrow(/abort/i)
  const before = store.sent.length
  expect(store.objects.has('file')).toBe(false)
  await upload(journey('abcdefghijklmnopqrstuvwx'), store.tools, watch())
  expect(store.sent.length).toBe(6)
  expect(before).toBeGreaterThan(0)
  expect(await store.read('file')).toBe('abcdefghijklmnopqrstuvwx')
})

test('what is there is not replaced unless asked', async () => {
  const store = openStore()
  await upload(journey('abcd'), store.tools, watch())
  await expect(upload(journey('wxyz'), store.tools, watch())).rejects.toMatchObject({ status: 412 })
  expect(await store.read('file')).toBe('abcd')
  await upload(journey('wxyz', { createOnly: false }), store.tools, watch())
  expect(await store.read('file')).toBe('wxyz')
})

test('a refusal is final', async () => {
  const store = openStore()
  store.accidents.push(new ApiError(413, 'requestEntityTooLarge', 'Storage space limit exceeded'))
  await expect(upload(journey('abcdefgh'), store.tools, watch())).rejects.toThrow('Storage space limit exceeded')
  expect(store.pauses).toEqual([])
  expect(store.sent).toEqual([])
})

test('a file that changes meanwhile is not stored', async () => {
  const store = openStore()
  const sendBlock: Tools['sendBlock'] = async (container, block, options) => {
    await store.tools.sendBlock(container, block, options)
    return 'another hash'
  }
  await expect(upload(journey('abcdefgh'), { ...store.tools, sendBlock }, watch())).rejects.toThrow('changed while')
  expect(store.objects.has('file')).toBe(false)
})

test('a cloud that forgets what it was sent does not keep the page busy for ever', async () => {
  const store = openStore()
  const sendBlock: Tools['sendBlock'] = async (_container, block) => (await hashBlocks(block, 4, digest))[0]!
  await expect(upload(journey('abcdefgh'), { ...store.tools, sendBlock }, watch())).rejects.toThrow('keeps asking')
})
