// The serial console of one machine. QEMU serves one client: that is us, always, so that any number of people can
// watch and type, and the last output is there for who comes later, also after a restart of this process.
import { readFile, writeFile } from 'node:fs/promises'
import { type Duplex, duplexPair } from 'node:stream'
import { connected } from '../../connected.ts'

const KEPT_BYTES = 64 * 1024
const SAVE_EVERY_MS = 1_000
/** Who reads so slowly that this much waits is cut off. */
const MAX_WAITING_BYTES = 1024 * 1024

export interface Serial {
  /** A viewer: first the last output, then everything as it comes; what it writes is typed. */
  open(): Duplex
  close(): void
}

export async function connectSerial(socketPath: string, logFile: string): Promise<Serial> {
  let recent: Buffer = await readFile(logFile).catch(() => Buffer.alloc(0))
  const viewers = new Set<Duplex>()
  const socket = await connected(socketPath)
  let saving: NodeJS.Timeout | undefined

  async function save() {
    saving = undefined
    await writeFile(logFile, recent, { mode: 0o600 }).catch(() => {}) // a lost log is no reason to stop: the disk may be full, the instance removed
  }

  socket.on('data', (output) => {
    recent = Buffer.concat([recent, output]).subarray(-KEPT_BYTES)
    saving ??= setTimeout(save, SAVE_EVERY_MS).unref()
    for (const viewer of viewers) {
      viewer.write(output)
      if (viewer.writableLength > MAX_WAITING_BYTES) viewer.destroy()
    }
  })
  socket.once('close', () => {
    if (saving !== undefined) {
      clearTimeout(saving)
      void save()
    }
    for (const viewer of viewers) viewer.destroy()
  })

  return {
    open() {
      const [near, far] = duplexPair()
      viewers.add(far)
      far.write(recent)
      far.on('data', (typed) => {
        if (socket.write(typed)) return
        far.pause()
        socket.once('drain', () => far.resume())
      })
      far.once('end', () => far.end())
      far.on('error', () => far.destroy())
      near.once('close', () => far.destroy())
      far.once('close', () => {
        viewers.delete(far)
        near.destroy()
      })
      return near
    },
    close: () => void socket.destroy(),
  }
}
