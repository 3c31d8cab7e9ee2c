// Carries out the requests of one client, in order, each to its end before the next begins.
import { type Volume, VolumeFault } from '../volume/volume.ts'
import type { Inbox } from './inbox.ts'
import type { Outbox } from './outbox.ts'
import {
  COMMAND,
  COMMAND_FLAG,
  ERROR,
  MAX_PAYLOAD_BYTES,
  REPLY_BYTES,
  REPLY_MAGIC,
  REQUEST_BYTES,
  REQUEST_MAGIC,
} from './protocol.ts'

interface Request {
  flags: number
  type: number
  /** The client's own number for this request, which the reply repeats. */
  cookie: Buffer
  offset: number
  length: number
}

export class Transmission {
  readonly #volume: Volume
  readonly #outbox: Outbox
  /** A write whose data has not all arrived. */
  #pending: Request | undefined

  constructor(volume: Volume, outbox: Outbox) {
    this.#volume = volume
    this.#outbox = outbox
  }

  /** Takes one step; `leave` when the client says goodbye or nothing it sends can be understood any more. */
  step(inbox: Inbox): 'more' | 'waiting' | 'leave' {
    if (!this.#pending) {
      if (inbox.length < REQUEST_BYTES) return 'waiting'
      const request = readRequest(inbox.take(REQUEST_BYTES))
      if (!request || request.type === COMMAND.disconnect) return 'leave'
      if (request.type !== COMMAND.write) {
        if (request.type === COMMAND.read) this.#answerRead(request)
        else this.#answer(request)
        return 'more'
      }
      if (request.length > MAX_PAYLOAD_BYTES) return 'leave' // the next request could not be found behind this
      this.#pending = request
    }
    if (inbox.length < this.#pending.length) return 'waiting'
    const request = this.#pending
    this.#pending = undefined
    this.#answer(request, inbox.takeParts(request.length))
    return 'more'
  }

  #answer(request: Request, data?: Buffer[]): void {
    const error = refusal(request, this.#volume.sizeBytes) ?? errorOf(() => this.#carryOut(request, data))
    const { buffer, at } = this.#outbox.reserve(REPLY_BYTES)
    writeReply(buffer, at, error, request.cookie)
  }

  #answerRead(request: Request): void {
    const { cookie, offset, length } = request
    const refused = refusal(request, this.#volume.sizeBytes)
    const dataBytes = refused === undefined ? length : 0
    const { buffer, at } = this.#outbox.reserve(REPLY_BYTES + dataBytes)
    const start = at + REPLY_BYTES
    const error = refused ?? errorOf(() => this.#volume.read(buffer, start, start + length, offset))
    if (error !== ERROR.none) this.#outbox.giveBack(dataBytes)
    writeReply(buffer, at, error, cookie)
  }

  #carryOut({ type, flags, offset, length }: Request, data: Buffer[] = []): void {
    const volume = this.#volume
    if (type === COMMAND.write) volume.write(data, length, offset)
    else if (type === COMMAND.writeZeroes) volume.writeZeroes(offset, length, { allocate: (flags & COMMAND_FLAG.noHole) !== 0 })
    else if (type === COMMAND.trim) volume.trim(offset, length)
    if (type === COMMAND.flush || (flags & COMMAND_FLAG.fua) !== 0) volume.flush()
  }
}

const FLAGS_OF: Record<number, number> = {
  [COMMAND.read]: COMMAND_FLAG.fua,
  [COMMAND.write]: COMMAND_FLAG.fua,
  [COMMAND.flush]: COMMAND_FLAG.fua,
  [COMMAND.trim]: COMMAND_FLAG.fua,
  [COMMAND.writeZeroes]: COMMAND_FLAG.fua | COMMAND_FLAG.noHole,
}

/** The error for a request that cannot be carried out as it stands; undefined when it can. */
function refusal({ type, flags, offset, length }: Request, sizeBytes: number): number | undefined {
  const known = FLAGS_OF[type]
  if (known === undefined || (flags & ~known) !== 0) return ERROR.invalid
  if (type === COMMAND.flush) return offset === 0 && length === 0 ? undefined : ERROR.invalid
  if (type === COMMAND.read && length > MAX_PAYLOAD_BYTES) return ERROR.invalid
  if (offset + length <= sizeBytes) return undefined
  return type === COMMAND.write || type === COMMAND.writeZeroes ? ERROR.noSpace : ERROR.invalid
}

function errorOf(work: () => void): number {
  try {
    work()
    return ERROR.none
  } catch (error) {
    return error instanceof VolumeFault && error.code === 'ENOSPC' ? ERROR.noSpace : ERROR.io
  }
}

function readRequest(bytes: Buffer): Request | undefined {
  if (bytes.readUInt32BE(0) !== REQUEST_MAGIC) return undefined
  return {
    flags: bytes.readUInt16BE(4),
    type: bytes.readUInt16BE(6),
    cookie: bytes.subarray(8, 16),
    offset: bytes.readUInt32BE(16) * 2 ** 32 + bytes.readUInt32BE(20), // beyond 2^53 it is rounded, and refused all the same
    length: bytes.readUInt32BE(24),
  }
}

function writeReply(buffer: Buffer, at: number, error: number, cookie: Buffer): void {
  buffer.writeUInt32BE(REPLY_MAGIC, at)
  buffer.writeUInt32BE(error, at + 4)
  cookie.copy(buffer, at + 8)
}
