// Addresses of the original pages that are more than a page: links in mails, bookmarks and other services lead here.
// The pages themselves, /astakos/ui/login and the like, belong to the web page.
import { type Plugin, Type } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { clearSessionCookie, readSessionCookie } from '../../sessions/cookie.ts'
import { endSession } from '../../sessions/sessions.ts'
import { kamakirc } from './kamakirc.ts'
import { signedIn } from './person.ts'
import { safeNext } from './safe-next.ts'

const Next = Type.Object({ next: Type.Optional(Type.String()) })

export const classicPages: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  for (const url of ['/', '/ui']) app.get(url, async (_request, reply) => reply.redirect('/astakos/ui/'))

  for (const url of ['/ui/logout', '/ui/logout/']) {
    app.get(url, { schema: { querystring: Next } }, async (request, reply) => {
      const cookie = readSessionCookie(request)
      const person = cookie && (await identity.authenticator.findSession(cookie))
      // Another site may lead here, but not end a session: its picture or frame is not the person's wish.
      const site = request.headers['sec-fetch-site']
      if (person && site !== 'cross-site') {
        await identity.db.transaction((tx) => endSession(identity, tx, person))
        clearSessionCookie(identity, reply)
      }
      return reply.redirect(safeNext(identity, request.query.next))
    })
  }

  app.get('/ui/.kamakirc', async (request, reply) => {
    const { person } = await signedIn(identity, request)
    return kamakirc(identity, reply, person)
  })
}
