// One connection that is kept and asked one thing at a time, with as little work as can be, so that what is measured is
// the server. Bodies that are not asked for are counted, not kept.
import { connect, type Socket } from 'node:net'
import { sendNoise } from './noise.ts'

export interface LoadRequest {
  method: string
  path: string
  headers?: Readonly<Record<string, string>>
  /** Bytes, or so many bytes of noise. */
  body?: Buffer | { noiseBytes: number }
  /** Answer the body instead of only counting it. */
  keep?: boolean
}

export interface LoadAnswer {
  status: number
  headers: Map<string, string>
  bodyBytes: number
  /** Empty unless it was to be kept. */
  body: Buffer
}

export interface LoadConnection {
  ask(request: LoadRequest): Promise<LoadAnswer>
  /** All bytes sent so far, heads included. */
  sentBytes(): number
  close(): void
}

type Reading = 'head' | 'body' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer'

interface Exchange {
  request: LoadRequest
  socket: Socket
  reading: Reading
  /** Of a head or line that is not whole yet. */
  pending: Buffer
  /** Bytes of the body or chunk to come. */
  left: number
  status: number
  headers: Map<string, string>
  bodyBytes: number
  parts: Buffer[]
  resolve: (answer: LoadAnswer) => void
  reject: (error: Error) => void
}

const RECEIVE_BYTES = 256 * 1024
const PATIENCE_MS = 120_000
const NOTHING = Buffer.alloc(0)
const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')

export function openLoadConnection(origin: string): LoadConnection {
  const { hostname, port, host, protocol } = new URL(origin)
  if (protocol !== 'http:') throw new Error(`only http:// is measured: ${origin}`)
  const received = Buffer.allocUnsafe(RECEIVE_BYTES)
  let socket: Socket | undefined
  let exchange: Exchange | undefined
  let sentBefore = 0

  function open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const take = (bytes: number): boolean => {
        receive(opening, received.subarray(0, bytes))
        return true
      }
      const opening: Socket = connect({
        host: hostname,
        port: Number(port || 80),
        noDelay: true,
        onread: { buffer: received, callback: take },
      })
      const end = (error: Error) => {
        reject(error)
        closed(opening, error)
      }
      opening.setTimeout(PATIENCE_MS, () => opening.destroy(new Error('no answer in time')))
      opening.once('connect', () => resolve(opening)).on('error', end)
      opening.on('close', () => end(new Error('the server closed the connection')))
    })
  }

  function closed(which: Socket, error: Error) {
    if (socket === which) {
      sentBefore += which.bytesWritten
      socket = undefined
    }
    which.destroy()
    if (exchange?.socket !== which) return
    if (exchange.reading === 'until-close') finish(exchange)
    else fail(error)
  }

  function fail(error: Error) {
    const failed = exchange
    exchange = undefined
    failed?.reject(error)
  }

  function finish(done: Exchange) {
    exchange = undefined
    if (/close/i.test(done.headers.get('connection') ?? '')) done.socket.destroy()
    const { status, headers, bodyBytes, parts } = done
    done.resolve({ status, headers, bodyBytes, body: parts.length === 0 ? NOTHING : Buffer.concat(parts) })
  }

  function receive(from: Socket, bytes: Buffer) {
    let rest = bytes
    while (exchange && exchange.socket === from && rest.length > 0) rest = readSome(exchange, rest)
  }

  /** Reads what comes next and answers what is left of the bytes. */
  function readSome(now: Exchange, bytes: Buffer): Buffer {
    switch (now.reading) {
      case 'head':
        return readHead(now, bytes)
      case 'body':
      case 'chunk': {
        const part = bytes.subarray(0, now.left)
        take(now, part)
        now.left -= part.length
        if (now.left === 0 && now.reading === 'body') finish(now)
        else if (now.left === 0) now.reading = 'chunk-end'
        return bytes.subarray(part.length)
      }
      case 'until-close':
        take(now, bytes)
        return NOTHING
      default:
        return readLine(now, bytes)
    }
  }

  function take(now: Exchange, part: Buffer) {
    now.bodyBytes += part.length
    if (now.request.keep) now.parts.push(Buffer.from(part))
  }

  function readHead(now: Exchange, bytes: Buffer): Buffer {
    const all = now.pending.length === 0 ? bytes : Buffer.concat([now.pending, bytes])
    const end = all.indexOf(HEAD_END)
    if (end === -1) {
      now.pending = Buffer.from(all)
      return NOTHING
    }
    now.pending = NOTHING
    const [first = '', ...lines] = all.toString('latin1', 0, end).split('\r\n')
    const rest = all.subarray(end + HEAD_END.length)
    now.status = Number(first.slice(9, 12))
    if (now.status < 200) return rest // an interim answer
    for (const line of lines) {
      const colon = line.indexOf(':')
      now.headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
    }
    const length = now.headers.get('content-length')
    if (now.request.method === 'HEAD' || now.status === 204 || now.status === 304 || length === '0') finish(now)
    else if (/chunked/i.test(now.headers.get('transfer-encoding') ?? '')) now.reading = 'chunk-size'
    else if (length === undefined) now.reading = 'until-close'
    else {
      now.reading = 'body'
      now.left = Number(length)
    }
    return rest
  }

  /** Lines around chunks. */
  function readLine(now: Exchange, bytes: Buffer): Buffer {
    const all = now.pending.length === 0 ? bytes : Buffer.concat([now.pending, bytes])
    const end = all.indexOf(LINE_END)
    if (end === -1) {
      now.pending = Buffer.from(all)
      return NOTHING
    }
    now.pending = NOTHING
    const line = all.toString('latin1', 0, end)
    if (now.reading === 'chunk-end') now.reading = 'chunk-size'
    else if (now.reading === 'chunk-size') {
      now.left = Number.parseInt(line, 16)
      now.reading = now.left === 0 ? 'trailer' : 'chunk'
    } else if (line === '') finish(now)
    return all.subarray(end + LINE_END.length)
  }

  function headOf({ method, path, headers = {}, body }: LoadRequest): string {
    let head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n`
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`
    if (body) head += `Content-Length: ${'noiseBytes' in body ? body.noiseBytes : body.length}\r\n`
    else if (method === 'PUT' || method === 'POST') head += 'Content-Length: 0\r\n'
    return `${head}\r\n`
  }

  async function once(request: LoadRequest): Promise<LoadAnswer> {
    socket ??= await open()
    const through = socket
    return new Promise((resolve, reject) => {
      const headers = new Map<string, string>()
      const unread = { reading: 'head' as const, pending: NOTHING, left: 0, status: 0, headers, bodyBytes: 0, parts: [] }
      exchange = { request, socket: through, ...unread, resolve, reject }
      const { body } = request
      const head = headOf(request)
      if (body && 'noiseBytes' in body) {
        through.write(head, 'latin1')
        sendNoise(through, body.noiseBytes, () => exchange?.socket === through).catch(fail)
      } else through.write(body ? Buffer.concat([Buffer.from(head, 'latin1'), body]) : head, 'latin1')
    })
  }

  return {
    async ask(request) {
      const isReused = socket !== undefined
      try {
        return await once(request)
      } catch (error) {
        socket?.destroy()
        // A server may close a connection that rests at any time.
        if (isReused && !(request.body && 'noiseBytes' in request.body)) return once(request)
        throw error
      }
    },
    sentBytes: () => sentBefore + (socket?.bytesWritten ?? 0),
    close: () => socket?.destroy(),
  }
}
