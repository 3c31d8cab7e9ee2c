// The fixed newstyle handshake: a client asks for options until it enters transmission or leaves.
import type { Inbox } from './inbox.ts'
import {
  HANDSHAKE_FLAGS,
  INFO,
  MAGIC,
  MAX_OPTION_BYTES,
  MAX_PAYLOAD_BYTES,
  OPTION,
  OPTION_HEADER_BYTES,
  OPTION_MAGIC,
  OPTION_REPLY,
  OPTION_REPLY_MAGIC,
  TRANSMISSION,
} from './protocol.ts'

/** What a server offers: one volume under its name, which is also the default export. */
export interface Export {
  name: string
  readonly sizeBytes: number
  preferredBytes: number
}

/** Many connections see one volume: requests of all are done one at a time, and a flush on any covers what was done on all. */
const FLAGS =
  TRANSMISSION.hasFlags |
  TRANSMISSION.sendFlush |
  TRANSMISSION.sendFua |
  TRANSMISSION.sendTrim |
  TRANSMISSION.sendWriteZeroes |
  TRANSMISSION.canMultiConn

export type Step = 'more' | 'waiting' | 'transmission' | 'leave'

export const GREETING = Buffer.concat([MAGIC, OPTION_MAGIC, u16(HANDSHAKE_FLAGS.fixedNewstyle | HANDSHAKE_FLAGS.noZeroes)])

export class Handshake {
  readonly #export: Export
  readonly #answer: (bytes: Buffer) => void
  #clientFlags: number | undefined
  /** An option whose data has not all arrived. */
  #header: { option: number; length: number } | undefined

  constructor(offered: Export, answer: (bytes: Buffer) => void) {
    this.#export = offered
    this.#answer = answer
  }

  step(inbox: Inbox): Step {
    if (this.#clientFlags === undefined) return this.#readFlags(inbox)
    return this.#readOption(inbox)
  }

  #readFlags(inbox: Inbox): Step {
    if (inbox.length < 4) return 'waiting'
    const flags = inbox.take(4).readUInt32BE()
    if ((flags & ~(HANDSHAKE_FLAGS.fixedNewstyle | HANDSHAKE_FLAGS.noZeroes)) !== 0) return 'leave'
    this.#clientFlags = flags
    return 'more'
  }

  #readOption(inbox: Inbox): Step {
    if (!this.#header) {
      if (inbox.length < OPTION_HEADER_BYTES) return 'waiting'
      const header = inbox.take(OPTION_HEADER_BYTES)
      if (!header.subarray(0, 8).equals(OPTION_MAGIC)) return 'leave'
      this.#header = { option: header.readUInt32BE(8), length: header.readUInt32BE(12) }
    }
    const { option, length } = this.#header
    if (length > MAX_OPTION_BYTES) return 'leave'
    if (inbox.length < length) return 'waiting'
    this.#header = undefined
    return this.#negotiate(option, inbox.take(length))
  }

  #negotiate(option: number, data: Buffer): Step {
    switch (option) {
      case OPTION.exportName:
        return this.#enterOldWay(data.toString())
      case OPTION.abort:
        this.#reply(option, OPTION_REPLY.ack)
        return 'leave'
      case OPTION.list:
        if (data.length > 0) return this.#reply(option, OPTION_REPLY.invalid, 'this option has no data')
        this.#reply(
          option,
          OPTION_REPLY.server,
          Buffer.concat([u32(Buffer.byteLength(this.#export.name)), Buffer.from(this.#export.name)]),
        )
        return this.#reply(option, OPTION_REPLY.ack)
      case OPTION.info:
      case OPTION.go:
        return this.#inform(option, data)
      default:
        return this.#reply(option, OPTION_REPLY.unsupported, 'this option is not supported')
    }
  }

  #inform(option: number, data: Buffer): Step {
    const nameBytes = data.length >= 6 ? data.readUInt32BE(0) : Number.POSITIVE_INFINITY
    if (nameBytes > data.length - 6) return this.#reply(option, OPTION_REPLY.invalid, 'the name is longer than the option')
    const asked = data.readUInt16BE(4 + nameBytes)
    if (data.length !== 6 + nameBytes + 2 * asked)
      return this.#reply(option, OPTION_REPLY.invalid, 'the option has a wrong length')
    if (!this.#isOurs(data.toString('utf8', 4, 4 + nameBytes))) {
      return this.#reply(option, OPTION_REPLY.unknown, `this server serves ${this.#export.name} only`)
    }
    const { name, sizeBytes, preferredBytes } = this.#export
    this.#reply(option, OPTION_REPLY.info, Buffer.concat([u16(INFO.export), u64(sizeBytes), u16(FLAGS)]))
    const sizes = [u32(1), u32(preferredBytes), u32(MAX_PAYLOAD_BYTES)]
    this.#reply(option, OPTION_REPLY.info, Buffer.concat([u16(INFO.blockSize), ...sizes]))
    for (let at = 6 + nameBytes; at < data.length; at += 2) {
      if (data.readUInt16BE(at) === INFO.name)
        this.#reply(option, OPTION_REPLY.info, Buffer.concat([u16(INFO.name), Buffer.from(name)]))
    }
    this.#reply(option, OPTION_REPLY.ack)
    return option === OPTION.go ? 'transmission' : 'more'
  }

  /** This option knows no refusal but hanging up. */
  #enterOldWay(name: string): Step {
    if (!this.#isOurs(name)) return 'leave'
    const padding = this.#clientFlags! & HANDSHAKE_FLAGS.noZeroes ? 0 : 124
    this.#answer(Buffer.concat([u64(this.#export.sizeBytes), u16(FLAGS), Buffer.alloc(padding)]))
    return 'transmission'
  }

  #isOurs(name: string): boolean {
    return name === '' || name === this.#export.name
  }

  #reply(option: number, type: number, data: Buffer | string = ''): Step {
    const body = Buffer.from(data)
    this.#answer(Buffer.concat([u64(OPTION_REPLY_MAGIC), u32(option), u32(type), u32(body.length), body]))
    return 'more'
  }
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
