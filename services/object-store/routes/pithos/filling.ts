// Large bodies go from the connection into the memory of blocks by calls of the system in threads. By way of Node's HTTP
// each mebibyte took as much of the main thread as hashing it takes of another one.
import { Fault } from '@synnefo/lib/fault'
import { continueBody, takeBody } from '@synnefo/lib/http'
import { descriptorOf, type SocketIo } from '@synnefo/lib/socket-io'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Filling } from '../../content/body.ts'
import { discardRest } from './discard.ts'

/** For less, waking a thread costs what it saves. */
const LARGE_BYTES = 1024 * 1024

interface FillingOptions {
  raw: FastifyRequest
  reply: FastifyReply
  socketIo: SocketIo
  silenceMillis: number
}

/** Undefined where the body is not large, comes in chunks or through TLS, or Node does not let go of it. */
export async function beginFilling({ raw, reply, socketIo, silenceMillis }: FillingOptions): Promise<Filling | undefined> {
  const { raw: request } = raw
  const { socket } = request
  if (!(Number(request.headers['content-length']) >= LARGE_BYTES) || descriptorOf(socket) === undefined) return undefined
  continueBody(raw, reply)
  const taken = await takeBody(request, reply.raw)
  if (!taken) return undefined

  const closed = new AbortController()
  const onClose = () => closed.abort()
  socket.once('close', onClose)
  let { read, left } = taken
  let received = 0

  /** What Node had read already. */
  function takeRead(into: Buffer): number {
    if (!read) return 0
    const copied = Math.min(read.length, into.length)
    into.fill(read.subarray(0, copied), 0, copied)
    read = copied < read.length ? read.subarray(copied) : null
    return copied
  }

  async function takeReceived(into: Buffer): Promise<number> {
    // Asked each time: the number of a closed connection soon means another one.
    const descriptor = descriptorOf(socket)
    if (descriptor === undefined) throw brokenOff()
    try {
      const bytes = await socketIo.receive(descriptor, into, { silenceMillis, signal: closed.signal })
      received += bytes
      left -= bytes
      return bytes
    } catch (cause) {
      request.destroy() // nobody knows where in the body it stands
      throw brokenOff(cause)
    }
  }

  return {
    get leftBytes() {
      return left + (read?.length ?? 0)
    },
    async fill(into) {
      const first = takeRead(into)
      const wanted = Math.min(left, into.length - first)
      if (wanted > 0 && (await takeReceived(into.subarray(first, first + wanted))) < wanted) throw brokenOff()
      return first + wanted
    },
    end() {
      socket.off('close', onClose)
      taken.giveBack(received)
      discardRest(request)
    },
  }
}

function brokenOff(cause?: unknown): Fault {
  return new Fault('badRequest', 'The body ended before it was complete.', { cause })
}
