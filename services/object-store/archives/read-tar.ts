import { createGunzip } from 'node:zlib'
import { Fault } from '@synnefo/lib/fault'
import { extract } from 'tar-stream'
import { type ArchiveEntry, type ArchiveLimits, brokenArchive, openMeter } from './entries.ts'

/** The files and folders of a tar, as it arrives. Links and devices are passed over. */
export async function* readTar(
  body: AsyncIterable<Buffer>,
  limits: ArchiveLimits,
  options: { gzip: boolean },
): AsyncGenerator<ArchiveEntry> {
  const heard = heardOut(body)
  const meter = openMeter(limits, () => heard.bytes)
  const tar = extract()
  const feeding = feed(options.gzip ? gunzip(heard.chunks()) : heard.chunks(), tar)
  let stop: unknown
  try {
    for await (const entry of tar) {
      const { name, type, size = 0 } = entry.header
      meter.addEntry()
      const chunks = entry[Symbol.asyncIterator]() as AsyncIterator<Buffer>
      async function* data() {
        try {
          for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
            meter.addBytes(next.value.length)
            yield next.value
          }
        } catch (error) {
          stop = error instanceof Fault ? error : brokenArchive(error)
          throw stop
        }
      }
      if (type === 'directory' || type === 'file' || type === 'contiguous-file')
        yield { path: name, folder: type === 'directory', sizeBytes: size, data: data() }
      if (stop) throw stop
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) meter.addBytes(next.value.length) // unwanted
    }
  } catch (error) {
    throw error instanceof Fault ? error : brokenArchive(error)
  } finally {
    tar.destroy()
    await feeding
  }
}

/** A body that is received to its end, also when nobody wants it any more: who still sends would not hear the answer. */
function heardOut(body: AsyncIterable<Buffer>) {
  const heard = {
    bytes: 0,
    async *chunks() {
      const chunks = body[Symbol.asyncIterator]()
      let done = false
      try {
        for (;;) {
          const next = await chunks.next()
          done = next.done === true
          if (next.done) return
          heard.bytes += next.value.length
          yield next.value
        }
      } finally {
        while (!done) done = (await chunks.next()).done === true
      }
    },
  }
  return heard
}

interface Sink {
  write(chunk: Buffer): boolean
  end(): unknown
  destroy(error?: Error): unknown
  on(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
  readonly destroyed: boolean
}

/** Writes everything there, at the pace at which it is taken. */
async function feed(chunks: AsyncIterable<Buffer>, to: unknown): Promise<void> {
  const sink = to as Sink
  try {
    for await (const chunk of chunks) {
      if (sink.destroyed) return
      if (!sink.write(chunk)) await roomIn(sink)
    }
    sink.end()
  } catch (error) {
    sink.destroy(error as Error)
  }
}

function roomIn(sink: Sink): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      sink.off('drain', done)
      sink.off('close', done)
      resolve()
    }
    sink.on('drain', done)
    sink.on('close', done)
  })
}

async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacker = createGunzip()
  const feeding = feed(chunks, unpacker)
  try {
    yield* unpacker
  } finally {
    unpacker.destroy()
    await feeding
  }
}
