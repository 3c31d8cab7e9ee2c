// GET /weblogin/login (identity-api.md §8): a program on a desktop or telephone opens a browser here, the person signs
// in, and the browser hands the program the API token by an address of the program's own scheme.
import { Fault } from '@synnefo/lib/fault'
import { type App, answerFaults, type Plugin } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { clearSessionCookie } from '../sessions/cookie.ts'
import { endOtherSessions, endSession } from '../sessions/sessions.ts'
import { renewClassicToken, showClassicToken } from '../tokens/tokens.ts'
import { PRIVATE } from './html.ts'
import { queryOf } from './ui/form.ts'
import { clearRenewalCookie, isRenewalOf, setRenewalCookie } from './ui/login-cookies.ts'
import { findSignedIn, originOf } from './ui/person.ts'

const LOGIN = '/astakos/weblogin/login'
/** Never, whatever the settings say: the token would be on the web, or in a script. */
const NEVER = ['http', 'https', 'ftp', 'ws', 'wss', 'javascript', 'data', 'blob', 'file', 'about', 'vbscript']

export const webLogin: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  answerFaults(app, ({ message }) => ({ body: message }))
  app.addHook('onRequest', async (_request, reply) => void reply.headers(PRIVATE))
  app.get('/', { prefixTrailingSlash: 'no-slash' }, async (_request, reply) => reply.redirect('/astakos/weblogin/'))
  for (const url of ['/login', '/login/']) {
    app.get(url, (request, reply) => handOver(identity, request, reply))
    refuseOthers(app as App, url)
  }
}

function refuseOthers(app: App, url: string): void {
  const refuse = async () => {
    throw new Fault('badMethod', 'Method not allowed', { headers: { Allow: 'GET' } })
  }
  app.route({ method: ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], url, onRequest: refuse, handler: refuse })
}

async function handOver(identity: Identity, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = queryOf(request)
  const target = checkTarget(identity, query.get('next'))
  const [force, renew] = [query.has('force'), query.has('renew')]
  const isLed = ['cross-site', 'same-site'].includes(String(request.headers['sec-fetch-site']))
  // A page of somebody else may lead here, but not end sessions or tokens. Who comes back from signing in elsewhere looks
  // the same, but for the cookie that says that his browser asked for it before.
  if (isLed && (force || (renew && !isRenewalOf(identity, request, target.href))))
    throw new Fault('forbidden', 'This address is for programs, not to be led to by other pages.')
  query.delete('force')
  const here = `${identity.baseUrl()}${LOGIN}?${query}`
  const found = await findSignedIn(identity, request)
  if (found && force) {
    await identity.db.transaction((tx) => endSession(identity, tx, found.person, originOf(request)))
    clearSessionCookie(identity, reply)
  }
  if ((!found || force) && renew) setRenewalCookie(identity, reply, target.href)
  if (!found || force) return reply.redirect(`/astakos/ui/login?next=${encodeURIComponent(here)}`)
  const { person } = found
  if (!person.hasSignedTerms) return reply.redirect(`/astakos/ui/approval_terms?next=${encodeURIComponent(here)}`)
  if (renew) clearRenewalCookie(identity, reply)
  const { address } = originOf(request)
  const { secret } = await identity.db.transaction(async (tx) => {
    if (renew) await endOtherSessions(identity, tx, person, person.sessionId ?? undefined)
    const token = renew ? await renewClassicToken(identity, tx, person) : await showClassicToken(identity, tx, person)
    const scheme = target.protocol.slice(0, -1)
    const about = { service: 'identity', actor: person.uuid, target: `token:${token.id}`, address, details: { scheme, renew } }
    await audit(tx, { ...about, action: 'token-hand-over' })
    return token
  })
  target.search = new URLSearchParams({ uuid: person.uuid, token: secret }).toString()
  return reply.redirect(target.href)
}

function checkTarget({ settings }: Identity, next: string | null): URL {
  if (!next) throw new Fault('badRequest', 'Missing next parameter')
  const target = URL.parse(next)
  const scheme = target?.protocol.slice(0, -1) ?? ''
  if (!target || NEVER.includes(scheme) || !settings.ASTAKOS_REDIRECT_ALLOWED_SCHEMES.includes(scheme))
    throw new Fault('forbidden', 'The next parameter has a scheme that is not allowed.')
  return target
}
