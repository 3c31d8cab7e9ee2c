// One client from greeting to goodbye. Whatever it sends, it can only lose its own connection.
import type { Socket } from 'node:net'
import type { Volume } from '../volume/volume.ts'
import { GREETING, Handshake } from './handshake.ts'
import { Inbox } from './inbox.ts'
import { Outbox } from './outbox.ts'
import { Transmission } from './transmission.ts'

const HANDSHAKE_MS = 30_000
/** A client that does not fetch its replies is not served further. */
const WAITING_REPLY_BYTES = 4 * 1024 * 1024
export const PREFERRED_BYTES = 4096

export interface ConnectionOptions {
  name: string
  volume: Volume
  /** Called after requests were carried out. */
  onWorked: () => void
}

export function attend(socket: Socket, { name, volume, onWorked }: ConnectionOptions): void {
  const inbox = new Inbox()
  const outbox = new Outbox(socket)
  const offered = { name, sizeBytes: volume.sizeBytes, preferredBytes: PREFERRED_BYTES }
  const handshake = new Handshake(offered, (bytes) => socket.write(bytes))
  const transmission = new Transmission(volume, outbox)
  let phase: Handshake | Transmission = handshake

  function work(): void {
    while (outbox.waitingBytes <= WAITING_REPLY_BYTES) {
      const outcome = phase.step(inbox)
      if (outcome === 'waiting') break
      if (outcome === 'leave') {
        outbox.send()
        socket.off('data', receive)
        socket.destroySoon()
        return
      }
      if (outcome === 'transmission') {
        phase = transmission
        socket.setTimeout(0)
      }
    }
    outbox.send()
    if (phase === transmission) onWorked()
    if (outbox.waitingBytes > WAITING_REPLY_BYTES) socket.pause()
  }
  function receive(part: Buffer): void {
    inbox.push(part)
    work()
  }

  socket.on('data', receive)
  socket.on('drain', () => {
    socket.resume()
    work()
  })
  socket.on('error', () => socket.destroy()) // the client went away; nothing of its is waiting
  socket.setTimeout(HANDSHAKE_MS, () => socket.destroy())
  socket.write(GREETING)
}
