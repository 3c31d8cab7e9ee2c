// HTTP/1.1 as bytes: what a client puts on the wire is what is sent, in its order and spelling.
import { once } from 'node:events'
import { connect } from 'node:net'

export interface RawAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
  json(): unknown
}

/** Sends one request on a connection of its own and reads the whole answer. */
export async function sendRaw(url: string, lines: readonly string[], body: string | Buffer = ''): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.write(body)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    if (isWhole(Buffer.concat(chunks), lines[0]!.startsWith('HEAD'))) socket.end()
  })
  await once(socket, 'close')
  return readAnswer(Buffer.concat(chunks))
}

function split(data: Buffer): { head: string; rest: Buffer } | undefined {
  const end = data.indexOf('\r\n\r\n')
  return end === -1 ? undefined : { head: data.subarray(0, end).toString('latin1'), rest: data.subarray(end + 4) }
}

function isWhole(data: Buffer, headOnly: boolean): boolean {
  const parts = split(data)
  if (!parts) return false
  const length = /^content-length: *(\d+)/im.exec(parts.head)?.[1]
  if (headOnly || / (204|304) /.test(parts.head.split('\r\n')[0]!)) return true
  return length === undefined ? parts.rest.includes('0\r\n\r\n') : parts.rest.length >= Number(length)
}

function readAnswer(data: Buffer): RawAnswer {
  const { head, rest } = split(data)!
  const [first = '', ...fields] = head.split('\r\n')
  const headers = Object.fromEntries(
    fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]),
  )
  const body = headers['transfer-encoding'] === 'chunked' ? unchunk(rest) : rest
  return { status: Number(first.split(' ')[1]), headers, body, json: () => JSON.parse(body.toString()) }
}

function unchunk(data: Buffer): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    const end = data.indexOf('\r\n', at)
    const size = Number.parseInt(data.subarray(at, end).toString(), 16)
    if (!size) return Buffer.concat(pieces)
    pieces.push(data.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}
