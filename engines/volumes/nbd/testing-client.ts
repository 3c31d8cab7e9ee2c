// A plain NBD client for tests and measurements: says exactly what it is told, right or wrong.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Inbox } from './inbox.ts'
import { OPTION, OPTION_MAGIC, REPLY_BYTES, REQUEST_BYTES, REQUEST_MAGIC } from './protocol.ts'

export interface Command {
  type: number
  flags?: number
  offset?: number | bigint
  /** The length of `data` unless given. */
  length?: number
  data?: Buffer
  /** How many bytes a successful reply carries. */
  expectBytes?: number
}

export interface Reply {
  error: number
  data: Buffer
}

export interface NbdClient {
  readonly socket: Socket
  readonly sizeBytes: number
  readonly flags: number
  ask(command: Command): Promise<Reply>
  close(): void
}

/** Bytes from a socket, waited for. Fails when the server hangs up. */
export function byteStream(socket: Socket) {
  const inbox = new Inbox()
  let wake = () => {}
  let gone = false
  socket.on('data', (part: Buffer) => {
    inbox.push(part)
    wake()
  })
  const leave = () => {
    gone = true
    wake()
  }
  socket.on('close', leave)
  socket.on('error', leave)
  return async (count: number): Promise<Buffer> => {
    while (inbox.length < count) {
      if (gone) throw new Error('the server hung up')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return inbox.take(count)
  }
}

/** Enters transmission by NBD_OPT_EXPORT_NAME. */
export async function connectNbd(socketPath: string, exportName: string): Promise<NbdClient> {
  const socket = connect(socketPath)
  const read = byteStream(socket)
  await once(socket, 'connect')
  await read(18)
  const header = Buffer.alloc(20)
  header.writeUInt32BE(3, 0)
  OPTION_MAGIC.copy(header, 4)
  header.writeUInt32BE(OPTION.exportName, 12)
  header.writeUInt32BE(Buffer.byteLength(exportName), 16)
  socket.write(Buffer.concat([header, Buffer.from(exportName)]))
  const answer = await read(10)

  const waiting = new Map<bigint, { expectBytes: number; resolve(reply: Reply): void; reject(error: unknown): void }>()
  let cookie = 0n
  async function receive(): Promise<never> {
    for (;;) {
      const reply = await read(REPLY_BYTES)
      const asked = waiting.get(reply.readBigUInt64BE(8))
      if (!asked) throw new Error('a reply to no request')
      waiting.delete(reply.readBigUInt64BE(8))
      const error = reply.readUInt32BE(4)
      asked.resolve({ error, data: error === 0 ? await read(asked.expectBytes) : Buffer.alloc(0) })
    }
  }
  let hungUp: unknown
  receive().catch((error) => {
    hungUp = error
    for (const { reject } of waiting.values()) reject(error)
  })

  return {
    socket,
    sizeBytes: Number(answer.readBigUInt64BE(0)),
    flags: answer.readUInt16BE(8),
    ask({ type, flags = 0, offset = 0, data, length = data?.length ?? 0, expectBytes = 0 }) {
      if (hungUp) return Promise.reject(hungUp)
      cookie += 1n
      const request = Buffer.alloc(REQUEST_BYTES)
      request.writeUInt32BE(REQUEST_MAGIC, 0)
      request.writeUInt16BE(flags, 4)
      request.writeUInt16BE(type, 6)
      request.writeBigUInt64BE(cookie, 8)
      request.writeBigUInt64BE(BigInt(offset), 16)
      request.writeUInt32BE(length, 24)
      const mine = cookie
      return new Promise((resolve, reject) => {
        waiting.set(mine, { expectBytes, resolve, reject })
        socket.write(data ? Buffer.concat([request, data]) : request)
      })
    },
    close: () => socket.destroy(),
  }
}
