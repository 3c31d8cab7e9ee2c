import { describe, expect, test } from 'vitest'
import { digest } from './digest.ts'
import { hashBlocks } from './hash.ts'

const hashOf = (text: string) => digest(new TextEncoder().encode(text))

// The vectors of the object store's specification.
describe('blocks are named as the object store names them', () => {
  test('an empty file has no blocks', async () => {
    expect(await hashBlocks(new Blob([]), 4, digest)).toEqual([])
  })

  test('the last block may be short', async () => {
    expect(await hashBlocks(new Blob(['abcdefghij']), 4, digest)).toEqual([
      '88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589',
      'e5e088a0b66163a0a26a5e053d2a4496dc16ab6e0e3dd1adf2d16aa84a078c9d',
      'c9df9c3f2963b19b9b95f58c4d33b053fa9f8586dd6ee04126e52a868f882108',
    ])
  })

  test('trailing zeros do not count, and a block of zeros is named like nothing', async () => {
    expect(await hashBlocks(new Blob(['ef\0\0', '\0\0\0\0', 'ij']), 4, digest)).toEqual([
      '4ca669ac3713d1f4aea07dae8dcc0d1c9867d27ea82a3ba4e6158a42206f959b',
      await hashOf(''),
      await hashOf('ij'),
    ])
  })
})

test('the hash computed here is the one browsers compute', async () => {
  const { sha256 } = await import('@noble/hashes/sha2.js')
  const { bytesToHex } = await import('@noble/hashes/utils.js')
  const bytes = new TextEncoder().encode('Hello, Pithos!')
  expect(bytesToHex(sha256(bytes))).toBe(await digest(bytes))
})

test('hashing stops when told to', async () => {
  const controller = new AbortController()
  const hashing = hashBlocks(new Blob(['abcdefgh']), 4, digest, {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  })
  await expect(hashing).rejects.toThrow(/abort/i)
})
