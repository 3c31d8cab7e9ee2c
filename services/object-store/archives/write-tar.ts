// Writes a tar as it is read: POSIX headers, with extended ones for names and sizes that those cannot hold.

import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { PackedEntry } from './pack.ts'

const BLOCK = 512
const LARGEST_SIZE = 8 ** 11 - 1

export async function* writeTar(entries: AsyncIterable<PackedEntry>): AsyncGenerator<Buffer> {
  for await (const { path, folder, sizeBytes, modifiedAt, read } of entries) {
    const name = folder ? `${path}/` : path
    const seconds = Math.floor(modifiedAt.getTime() / 1000)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII belongs into the extended header
    const plain = /^[\x01-\x7f]{1,100}$/.test(name) && sizeBytes <= LARGEST_SIZE
    if (!plain) {
      const records = Buffer.concat([record('path', name), record('size', String(sizeBytes))])
      yield header({ name: 'PaxHeader', sizeBytes: records.length, seconds, type: 'x' })
      yield padded(records)
    }
    const short = Buffer.from(name).subarray(0, 100).toString('latin1')
    yield header({ name: short, sizeBytes: sizeBytes <= LARGEST_SIZE ? sizeBytes : 0, seconds, type: folder ? '5' : '0' })
    yield* read()
    if (sizeBytes % BLOCK !== 0) yield Buffer.alloc(BLOCK - (sizeBytes % BLOCK))
  }
  yield Buffer.alloc(2 * BLOCK)
}

/** Fast rather than small: most of what people store is compressed already. */
export function gzip(tar: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const packer = createGzip({ level: 1, chunkSize: 256 * 1024 })
  const source = Readable.from(tar)
  source.on('error', (error) => packer.destroy(error))
  packer.on('close', () => source.destroy())
  return source.pipe(packer)
}

function header({ name, sizeBytes, seconds, type }: { name: string; sizeBytes: number; seconds: number; type: string }): Buffer {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 100, 'latin1')
  block.write(octal(type === '5' ? 0o755 : 0o644, 7), 100)
  block.write(octal(0, 7), 108)
  block.write(octal(0, 7), 116)
  block.write(octal(sizeBytes, 11), 124)
  block.write(octal(Math.max(0, seconds), 11), 136)
  block.fill(' ', 148, 156)
  block.write(type, 156)
  block.write('ustar\x0000', 257)
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${octal(sum, 6)}\0 `, 148)
  return block
}

const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0')

/** `length key=value`, where the length counts itself. */
function record(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + String(bytes).length
  if (String(length).length !== String(bytes).length) length = bytes + String(length).length
  return Buffer.from(length + rest)
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)])
}
