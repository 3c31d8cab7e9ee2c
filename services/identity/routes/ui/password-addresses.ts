// The classic addresses of methods that ask for a name and a password. The form is on the sign-in page; programs that
// send the original form get what a browser got.
import { Fault } from '@synnefo/lib/fault'
import { type Plugin, type Static, Type } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { proveByDirectory } from '../../logins/directory.ts'
import { newHandshake } from '../../logins/handshakes.ts'
import { signIn } from '../../sessions/sign-in.ts'
import { isForeign } from '../cross-origin.ts'
import { orToldWhy } from './login-addresses.ts'
import { enterWith, goOn } from './login-outcomes.ts'
import { findSignedIn, originOf } from './person.ts'
import { afterSignIn, safeNext } from './safe-next.ts'

const PAGES = [
  ['/ui/local', 'local'],
  ['/ui/login/local', 'local'],
  ['/ui/login/ldap', 'ldap'],
] as const

const Text = Type.String({ maxLength: 2000 })
const Form = Type.Object({
  username: Type.String({ maxLength: 254 }),
  password: Type.String({ maxLength: 512 }),
  next: Type.Optional(Text),
  key: Type.Optional(Text),
})

const queryOf = (request: FastifyRequest) => new URL(request.url, 'http://here.invalid').searchParams

export const passwordAddresses: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  const offered: readonly string[] = identity.settings.ASTAKOS_IM_MODULES
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 16_384 },
    (_request: unknown, body: string, done: (error: null, form: object) => void) =>
      done(null, Object.fromEntries(new URLSearchParams(body))),
  )

  for (const [path, module] of PAGES) {
    if (!offered.includes(module)) continue
    for (const url of [path, `${path}/`]) {
      app.get(url, async (request, reply) => {
        // Pages for those who are not signed in: first out, then here again. Who was led here by another site stays in,
        // because the way out does not end a session at the wish of one; it would only lead back here.
        if (await findSignedIn(identity, request)) {
          if (request.headers['sec-fetch-site'] === 'cross-site') return reply.redirect(afterSignIn(identity))
          return reply.redirect(`/astakos/ui/logout?next=${encodeURIComponent(request.url)}`)
        }
        const query = queryOf(request)
        query.set('method', module)
        return reply.redirect(`/astakos/ui/login?${query}`)
      })
      app.post<{ Body: Static<typeof Form> }>(url, { schema: { body: Form } }, (request, reply) =>
        orToldWhy(identity, request, reply, module, (started) => {
          if (isForeign(identity, request)) throw new Fault('forbidden', 'Sign in on the page of this cloud.')
          const { next, key = null } = request.body
          const page = { module, next: safeNext(identity, next, '/'), person: null, key }
          started(page)
          return module === 'local' ? byPassword(request, reply, page) : byDirectory(request, reply, page)
        }),
      )
    }
  }

  type Request = FastifyRequest<{ Body: Static<typeof Form> }>
  interface Wish {
    next: string
    key: string | null
  }

  async function byPassword(request: Request, reply: FastifyReply, wish: Wish) {
    const { username: email, password } = request.body
    const outcome = await signIn(identity, { email, password }, originOf(request))
    return enterWith(identity, request, reply, { ...wish, module: 'local' }, outcome)
  }

  async function byDirectory(request: Request, reply: FastifyReply, wish: Wish) {
    const claims = await proveByDirectory(identity, request.body, originOf(request))
    const handshake = newHandshake({ ...wish, module: 'ldap', person: null, switchFrom: null })
    return goOn(identity, request, reply, handshake, claims)
  }

  if (offered.includes('ldap')) {
    for (const url of ['/ui/login/ldap/add', '/ui/login/ldap/add/']) {
      app.get(url, async (request, reply) => {
        if (await findSignedIn(identity, request)) return reply.redirect(`/signin/link?${queryOf(request)}`)
        return reply.redirect(`/astakos/ui/login?next=${encodeURIComponent(request.url)}`)
      })
    }
  }
}
