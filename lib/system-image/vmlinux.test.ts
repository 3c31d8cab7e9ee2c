import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { unpackKernel } from './vmlinux.ts'

const kernel = Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.from('abc'.repeat(10))])

/** The fields of the boot protocol that lead to the packed kernel. */
function bzImage(packed: Buffer): Buffer {
  const image = Buffer.alloc(1024)
  image[0x1f1] = 1
  image.writeUInt32LE(0, 0x248)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(kernel.length)
  const payload = Buffer.concat([packed, length])
  image.writeUInt32LE(payload.length, 0x24c)
  return Buffer.concat([image, payload])
}

test.each([
  ['gzip', gzipSync(kernel)],
  ['zstd', zstdCompressSync(kernel)],
  // One sequence: 7 literals (\x7fELFabc), then 22 bytes from 3 back; the last sequence: 5 literals.
  [
    'lz4',
    Buffer.from([0x02, 0x21, 0x4c, 0x18, 18, 0, 0, 0, 0x7f, ...kernel.subarray(0, 7), 3, 0, 3, 0x50, ...kernel.subarray(29)]),
  ],
])('a kernel packed with %s is unpacked', (_, packed) => {
  expect(unpackKernel(bzImage(packed))).toEqual(kernel)
})

test('an unknown packing is left to the kernel itself', () => {
  expect(unpackKernel(bzImage(Buffer.from('what is this')))).toBeUndefined()
})
