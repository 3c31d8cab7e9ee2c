// One keep-alive connection that asks one thing at a time, with as little work as can be: what is measured is the server.
import { connect, type Socket } from 'node:net'

export interface LoadRequest {
  method: 'GET' | 'POST'
  path: string
  headers?: Record<string, string>
  body?: string
}

export interface LoadAnswer {
  status: number
  body: string
}

export interface LoadConnection {
  ask(request: LoadRequest): Promise<LoadAnswer>
  close(): void
}

export async function openLoadConnection(origin: string): Promise<LoadConnection> {
  const { hostname, port, host } = new URL(origin)
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let received = Buffer.alloc(0)
  let waiting: { resolve: (answer: LoadAnswer) => void; reject: (error: Error) => void } | undefined

  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const answer = readAnswer(received)
    if (!answer) return
    received = received.subarray(answer.bytes)
    waiting?.resolve(answer)
    waiting = undefined
  })
  const broken = (error: Error) => {
    waiting?.reject(error)
    waiting = undefined
  }
  socket.on('error', broken)
  socket.on('close', () => broken(new Error('the server closed the connection')))

  return {
    ask({ method, path, headers = {}, body = '' }) {
      const lines = [
        `${method} ${path} HTTP/1.1`,
        `Host: ${host}`,
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        ...(method === 'POST' ? [`Content-Length: ${Buffer.byteLength(body)}`] : []),
      ]
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
      })
    },
    close: () => socket.destroy(),
  }
}

/** The answer at the start, once all of it is there. Every answer here says how long it is. */
function readAnswer(bytes: Buffer): (LoadAnswer & { bytes: number }) | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  const total = end + 4 + length
  if (bytes.length < total) return undefined
  return { status: Number(head.slice(9, 12)), body: bytes.toString('utf8', end + 4, total), bytes: total }
}
