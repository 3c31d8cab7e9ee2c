// A ZIP says at its end what is in it, so it is kept in a file without a name while it is unpacked: the file is gone when
// the request is, whatever happens.

import type { FileHandle } from 'node:fs/promises'
import { mkdtemp, open, rmdir, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '@synnefo/lib/fault'
import { type Entry, type FileEntry, Reader, ZipReader } from '@zip.js/zip.js'
import type { SharedGate } from '../content/gate.ts'
import { type ArchiveEntry, type ArchiveLimits, brokenArchive, type Meter, openMeter } from './entries.ts'

/** As much of the list of what is in it as is looked at: it is read as a whole, and long enough for a million names. */
const LONGEST_DIRECTORY = 128 * 1024 * 1024

/** The files and folders of a ZIP, once it has arrived. */
export async function* readZip(
  body: AsyncIterable<Buffer>,
  limits: ArchiveLimits,
  options: { folder: string; atMostBytes: number; zips: SharedGate; sender: string },
): AsyncGenerator<ArchiveEntry> {
  const { zips, sender, atMostBytes } = options
  if (!zips.tryEnter(sender))
    throw new Fault('serviceUnavailable', 'Too many ZIP archives at once. Try again soon.', { headers: { 'Retry-After': '10' } })
  let file: FileHandle | undefined
  try {
    file = await openNameless(options.folder || tmpdir())
    let sizeBytes = 0
    for await (const chunk of body) {
      sizeBytes += chunk.length
      if (sizeBytes > atMostBytes) throw new Fault('badRequest', `The archive is longer than ${atMostBytes} bytes.`)
      await file.writeFile(chunk) // goes on where the last one ended
    }
    yield* entriesOf(file, sizeBytes, limits)
  } finally {
    zips.leave(sender)
    await file?.close()
  }
}

async function openNameless(folder: string): Promise<FileHandle> {
  const home = await mkdtemp(join(folder, 'synnefo-zip-'))
  const path = join(home, 'archive')
  try {
    const file = await open(path, 'wx+', 0o600)
    await unlink(path)
    return file
  } finally {
    await rmdir(home)
  }
}

async function* entriesOf(file: FileHandle, sizeBytes: number, limits: ArchiveLimits): AsyncGenerator<ArchiveEntry> {
  const meter = openMeter(limits, () => sizeBytes)
  const zip = new ZipReader(readerOf(file, sizeBytes), { useWebWorkers: false, checkSignature: true, strictness: 'tolerant' })
  const entries: AsyncIterator<Entry, unknown> = zip.getEntriesGenerator()
  try {
    for (;;) {
      const next = await entries.next().catch((error) => {
        throw error instanceof Fault ? error : brokenArchive(error)
      })
      if (next.done) return
      const entry = next.value
      meter.addEntry()
      const { filename: path, uncompressedSize, directory, encrypted } = entry
      if (entry.directory) yield { path, folder: true, sizeBytes: 0, data: nothing() }
      else yield { path, folder: directory, sizeBytes: uncompressedSize, data: dataOf(entry, encrypted, meter) }
    }
  } finally {
    await zip.close()
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}

async function* dataOf(entry: FileEntry, encrypted: boolean, meter: Meter): AsyncGenerator<Buffer> {
  if (encrypted) throw new Fault('badRequest', 'The file is encrypted.')
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  let failure: unknown
  const reading = entry.getData(writable).catch((error) => {
    failure = error
    return writable.abort(error).catch(() => undefined)
  })
  try {
    for await (const chunk of readable) {
      meter.addBytes(chunk.length)
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    }
    await reading
  } catch (error) {
    throw error instanceof Fault ? error : brokenArchive(failure ?? error)
  }
  if (failure) throw brokenArchive(failure)
}

function readerOf(file: FileHandle, sizeBytes: number): Reader<FileHandle> {
  return new (class extends Reader<FileHandle> {
    override size = sizeBytes
    override async readUint8Array(index: number, length: number) {
      if (length > LONGEST_DIRECTORY) throw new Fault('badRequest', 'The list of files at the end of the archive is too long.')
      const part = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - index)))
      let filled = 0
      while (filled < part.length) {
        const { bytesRead } = await file.read(part, filled, part.length - filled, index + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return part
    }
  })(file)
}
