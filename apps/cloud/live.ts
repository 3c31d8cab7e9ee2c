// Live updates: one WebSocket for each open page. It carries the names of topics that changed, never data; the page
// then asks the APIs, which decide what it may see.
import type { WebSocket } from '@fastify/websocket'
import { callers, type Identity, shownToken } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { type Plugin, parseJson } from '@synnefo/lib/http'
import { ANNOUNCEMENTS, type Announcement } from '@synnefo/lib/sql'
import type { FastifyRequest } from 'fastify'

interface OpenPage {
  userId: string
  socket: WebSocket
  /** Answered the last ping. */
  isAlive: boolean
}

/** Finds lines that broke without a word. */
const PING_EVERY_MS = 30_000
/** Close code of a page that is nobody's any more. */
const SIGNED_OUT = 4001
/** "Service restart": pages connect again, and ask for everything then. */
const RESTART = 1012

export const liveUpdates: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  const pages = new Set<OpenPage>()

  function announce({ topic, userIds }: Announcement) {
    for (const { userId, socket } of pages) {
      if (userIds.length === 0 || userIds.includes(userId)) socket.send(JSON.stringify({ topic }))
    }
  }
  /** Announcements may have been missed. */
  function startOver() {
    for (const { socket } of pages) socket.close(RESTART)
  }
  function ping() {
    for (const page of pages) {
      if (!page.isAlive) page.socket.terminate()
      page.isAlive = false
      page.socket.ping()
    }
  }
  const stopListening = await identity.db.listen(
    ANNOUNCEMENTS,
    (payload) => announce(parseJson(payload) as Announcement),
    startOver,
  )
  const pinging = setInterval(ping, PING_EVERY_MS)
  app.addHook('onClose', async () => {
    clearInterval(pinging)
    await stopListening()
  })

  app.addHook('onRequest', async (request) => checkOrigin(request))
  await app.register(callers, { identity, service: undefined })
  app.get('/ui/live', { websocket: true }, (socket, request) => {
    const page: OpenPage = { userId: request.caller.userId, socket, isAlive: true }
    const unwatch = identity.authenticator.watch(shownToken(request)!, () => socket.close(SIGNED_OUT))
    pages.add(page)
    socket.on('pong', () => {
      page.isAlive = true
    })
    socket.on('message', () => socket.close(1008)) // a page has nothing to say here
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      unwatch()
      pages.delete(page)
    })
  })
}

/** A session cookie is sent along by pages of other sites too. */
function checkOrigin({ headers }: FastifyRequest): void {
  const { origin, host } = headers
  if (origin !== undefined && URL.parse(origin)?.host !== host)
    throw new Fault('forbidden', 'This address is for pages of this cloud.')
}
