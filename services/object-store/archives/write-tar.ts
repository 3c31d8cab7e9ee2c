// Writes a tar as it is read.

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Pack, pack } from 'tar-stream'
import type { PackedEntry } from './pack.ts'

/** What the plain header holds; larger ones are told in an extended header too, which all programs read. */
const LARGEST_SIZE = 8 ** 11 - 1

export async function* writeTar(entries: AsyncIterable<PackedEntry>): AsyncGenerator<Buffer> {
  const tar = pack()
  const filled = fill(tar, entries).catch((error: Error) => tar.destroy(error))
  try {
    yield* tar as AsyncIterable<Buffer>
  } finally {
    tar.destroy()
    await filled
  }
}

async function fill(tar: Pack, entries: AsyncIterable<PackedEntry>): Promise<void> {
  for await (const { path, folder, sizeBytes: size, modifiedAt: mtime, read } of entries) {
    if (folder) tar.entry({ name: `${path}/`, type: 'directory', mode: 0o755, mtime })
    else {
      const pax = size > LARGEST_SIZE ? { size: String(size) } : null
      await pipeline(Readable.from(read()), tar.entry({ name: path, size, mode: 0o644, mtime, pax }))
    }
  }
  tar.finalize()
}

/** Fast rather than small: most of what people store is compressed already. */
export function gzip(tar: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const packer = createGzip({ level: 1, chunkSize: 256 * 1024 })
  const source = Readable.from(tar)
  source.on('error', (error) => packer.destroy(error))
  packer.on('close', () => source.destroy())
  return source.pipe(packer)
}
