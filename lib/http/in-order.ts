// Requests of one connection are served in the order in which they came. Node begins with the next one while the answer
// before it is being made, so that a client that sends without waiting would read what was before its own write
// (RFC 9112, section 9.3.2: only safe requests may be served side by side).
import type { RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** No client sends as many ahead: one that does is cut off, because each of them takes memory. */
const MOST_WAITING = 1000

interface Line {
  last: ServerResponse
  waiting: number
}

export function inOrder(serve: RequestListener): RequestListener {
  const lines = new WeakMap<Socket, Line>()

  return (request, response) => {
    const { socket } = request
    const line = lines.get(socket)
    if (!line || line.last.closed) {
      lines.set(socket, { last: response, waiting: 0 })
      return void serve(request, response)
    }
    if (line.waiting === MOST_WAITING) return void socket.destroy()
    const before = line.last
    line.last = response
    line.waiting += 1
    before.once('close', () => {
      line.waiting -= 1
      if (socket.writable) serve(request, response) // not what was sent behind an answer that ended the connection
    })
  }
}
