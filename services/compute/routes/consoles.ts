// Consoles for browsers: a WebSocket whose address holds a ticket (consoles/tickets.ts). A console ends with the
// machine, with the page, and with the session or token that opened it.
import type { Duplex } from 'node:stream'
import type { WebSocket } from '@fastify/websocket'
import { type App, type Plugin, Type } from '@synnefo/lib/http'
import type { Compute } from '../compute.ts'
import { CONSOLE_PATH } from '../consoles/hand-over.ts'
import { openWithTicket } from '../consoles/tickets.ts'

/** Bytes that may wait for a slow browser before the machine's side is held back. */
const MOST_WAITING = 1024 * 1024

export const consoleSockets: Plugin<{ compute: Compute }> = async (app, { compute }) => {
  ;(app as App).get(
    `${CONSOLE_PATH}/:ticket`,
    { websocket: true, schema: { params: Type.Object({ ticket: Type.String() }) } },
    async (socket, { params, headers }) => {
      if (!sameOrigin(headers.origin, headers.host)) return socket.close(1008, 'This page may not open consoles.')
      const early: Buffer[] = []
      const keep = (data: Buffer) => void early.push(data) // a client may speak before the machine's side is open
      socket.on('message', keep)
      try {
        const { stream, token } = await openWithTicket(compute, (params as { ticket: string }).ticket)
        socket.off('message', keep)
        for (const data of early) stream.write(data)
        join(socket, stream)
        const unwatch = compute.identity.authenticator.watch(token, () => socket.close(4001, 'Your session has ended.'))
        socket.once('close', unwatch)
      } catch (error) {
        compute.log.info({ error }, 'a console could not be opened')
        socket.close(1011, error instanceof Error ? error.message.slice(0, 120) : 'The console could not be opened.')
      }
    },
  )
}

/** Scripts of other sites cannot use a console even if they get hold of a ticket; programs send no Origin. */
function sameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

function join(socket: WebSocket, stream: Duplex) {
  stream.on('data', (data: Buffer) => {
    socket.send(data)
    if (socket.bufferedAmount > MOST_WAITING) holdBack(socket, stream)
  })
  stream.once('end', () => stream.destroy())
  stream.once('close', () => socket.close(1000, 'The machine closed the console.'))
  stream.once('error', () => socket.close(1011, 'The console of the machine broke off.'))
  socket.on('message', (data: Buffer) => void stream.write(data))
  socket.once('close', () => stream.destroy())
}

function holdBack(socket: WebSocket, stream: Duplex) {
  stream.pause()
  const look = setInterval(() => {
    if (socket.bufferedAmount > MOST_WAITING / 2) return
    clearInterval(look)
    stream.resume()
  }, 20)
  socket.once('close', () => clearInterval(look))
}
