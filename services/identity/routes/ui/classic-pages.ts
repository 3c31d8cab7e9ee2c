// Addresses of the original pages that are more than a page: links in mails, bookmarks and other services lead here.
// The pages themselves, /astakos/ui/login and the like, belong to the web page.
import { type Plugin, Type } from '@synnefo/lib/http'
import { requireFreshProof } from '../../factors/proof.ts'
import type { Identity } from '../../identity.ts'
import { removeLogin } from '../../logins/links.ts'
import { clearSessionCookie, readSessionCookie } from '../../sessions/cookie.ts'
import { endSession } from '../../sessions/sessions.ts'
import { resendByReference } from '../../users/sign-up.ts'
import { kamakirc } from './kamakirc.ts'
import { setOutcome } from './login-cookies.ts'
import { changing, originOf, signedIn } from './person.ts'
import { afterSignOut, safeNext } from './safe-next.ts'

const LoginPath = Type.Object({ id: Type.String({ pattern: '^\\d{1,18}$' }) })
const Reference = Type.Object({ reference: Type.String({ maxLength: 400 }) })
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
        await identity.db.transaction((tx) => endSession(identity, tx, person, originOf(request)))
        clearSessionCookie(identity, reply)
      }
      return reply.redirect(safeNext(identity, request.query.next, afterSignOut(identity)))
    })
  }

  for (const url of ['/ui/remove_auth_provider/:id', '/ui/remove_auth_provider/:id/']) {
    app.post(url, { schema: { params: LoginPath } }, async (request, reply) => {
      const { person } = await changing(identity, request)
      const { address } = originOf(request)
      await requireFreshProof(identity, identity.db, person)
      await identity.db.transaction((tx) => removeLogin(identity, tx, person, BigInt(request.params.id), address))
      setOutcome(identity, reply, { type: 'success', text: 'The login method was removed.' })
      return reply.redirect('/astakos/ui/profile?outcome=', 303)
    })
  }

  // The mail is sent again and the page says so, whatever the reference names. Numbers of accounts, as old links have
  // them, name nothing.
  for (const url of ['/ui/send/activation/:reference', '/ui/send/activation/:reference/']) {
    app.get(url, { schema: { params: Reference } }, async (request, reply) => {
      await resendByReference(identity, request.params.reference, originOf(request))
      return reply.redirect('/signup/mail?again=1')
    })
  }

  app.get('/ui/.kamakirc', async (request, reply) => {
    const { person } = await signedIn(identity, request)
    return kamakirc(identity, reply, person)
  })
}
