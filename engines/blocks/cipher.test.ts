import { createCipheriv, createHmac, hash as digest } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomContent } from '@synnefo/lib/testing'
import fc from 'fast-check'
import { expect, type onTestFinished as OnTestFinished, test } from 'vitest'
import { type Blocks, BlocksKeyWrong, blockKey, openBlockBuffers, openCipher, openFiles } from './index.ts'

const KEY = blockKey(Buffer.alloc(32, 'k'))

async function temporaryFolder(finished: typeof OnTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'blocks-'))
  finished(() => rm(folder, { recursive: true }))
  return folder
}

async function bytesOfAllFiles(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))))
}

test('a block is AES-256 in counter mode under the HMAC of its name, so that other programs can read it too', () => {
  const content = randomContent(100_000)
  const name = digest('sha256', content)
  const key = createHmac('sha256', KEY).update(Buffer.from(name, 'hex')).digest()
  expect(openCipher(KEY).apply(name, content)).toEqual(createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(content))
})

test('any part of a block is decrypted on its own, in place or not', () => {
  const content = randomContent(200_000)
  const name = digest('sha256', content)
  const stored = openCipher(KEY).apply(name, content)
  const parts = fc.record({ from: fc.nat({ max: content.length }), bytes: fc.nat({ max: 100_000 }) })
  fc.assert(
    fc.property(parts, ({ from, bytes }) => {
      const cipher = openCipher(KEY)
      const part = Buffer.from(stored.subarray(from, from + bytes))
      expect(cipher.apply(name, part, from).equals(content.subarray(from, from + bytes))).toBe(true)
      cipher.applyInto(name, part, from, part)
      expect(part.equals(content.subarray(from, from + bytes))).toBe(true)
    }),
  )
})

test('another secret makes another key, and another key another stream', () => {
  const other = blockKey(Buffer.alloc(32, 'l'))
  const name = digest('sha256', 'block')
  const streams = [KEY, other].map((key) => openCipher(key).apply(name, Buffer.alloc(32)).toString('hex'))
  expect(new Set(streams).size).toBe(2)
  expect(openCipher(KEY).check).not.toBe(openCipher(other).check)
})

test('nothing of what is put is in the files, however it is put, and the memory it came in stays as it was', async ({
  onTestFinished,
}) => {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder, cipher: openCipher(KEY) })
  const marker = 'marked-content-'.repeat(4)
  const buffers = openBlockBuffers(1024 * 1024)
  const shared = buffers.take().fill(marker)
  const contents = [Buffer.from(marker), Buffer.alloc(700_001, marker), shared, shared.subarray(0, 600_000)]
  const copies = contents.map((content) => Buffer.from(content))
  const hashes = await Promise.all(contents.map((content) => blocks.put(content)))
  for (const [at, hash] of hashes.entries()) {
    expect(contents[at]!.equals(copies[at]!)).toBe(true)
    expect((await blocks.get(hash))?.equals(copies[at]!)).toBe(true)
  }
  const files = await bytesOfAllFiles(folder)
  expect(files.length).toBeGreaterThan(2_000_000)
  expect(files.includes('marked-content')).toBe(false)
})

test('any part of any length reads the same into shared memory, which threads fill, and into other memory', async ({
  onTestFinished,
}) => {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder, cipher: openCipher(KEY) })
  const content = randomContent(700_001)
  const block = (await blocks.open(await blocks.put(content)))!
  const parts = fc.record({ from: fc.nat({ max: content.length + 10 }), bytes: fc.nat({ max: 400_000 }), shared: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(parts, { maxLength: 6 }), async (wanted) => {
      const read = await Promise.all(
        wanted.map(async ({ from, bytes, shared }) => {
          const into = Buffer.from(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
          return into.subarray(0, await block.read(into, from))
        }),
      )
      for (const [at, { from, bytes }] of wanted.entries())
        expect(read[at]!.equals(content.subarray(from, from + bytes))).toBe(true)
    }),
    { numRuns: 40 },
  )
  await block.close()
  await blocks.close()
})

const cases: [string, Uint8Array | undefined, Uint8Array | undefined, RegExp | undefined][] = [
  ['the same key', KEY, KEY, undefined],
  ['another key', KEY, blockKey(Buffer.alloc(32)), /are encrypted with another key/],
  ['no key', KEY, undefined, /are encrypted, and no key was given/],
  ['a key that came later', undefined, KEY, /are not encrypted/],
]
for (const access of ['read', 'write'] as const) {
  test.each(cases)(`a folder opens for ${access} as it was filled: %s`, async (_, filledWith, openedWith, refusal) => {
    const { onTestFinished } = await import('vitest')
    const folder = await temporaryFolder(onTestFinished)
    const open = (key: Uint8Array | undefined, how: 'read' | 'write'): Promise<Blocks> =>
      openFiles({ folder, access: how, cipher: key && openCipher(key) })
    const hash = await (await open(filledWith, 'write')).put(Buffer.from('one'))
    const opened = open(openedWith, access)
    if (!refusal) return expect(await (await opened).get(hash)).toEqual(Buffer.from('one'))
    await expect(opened).rejects.toThrow(BlocksKeyWrong)
    await expect(opened).rejects.toThrow(refusal)
  })
}

test('a reader that came first reads what is written later with its key', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const cipher = openCipher(KEY)
  const reader = await openFiles({ folder, access: 'read', cipher })
  const hash = await (await openFiles({ folder, cipher })).put(Buffer.from('one'))
  expect(await reader.get(hash)).toEqual(Buffer.from('one'))
})
