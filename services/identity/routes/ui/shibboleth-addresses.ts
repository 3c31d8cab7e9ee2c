// Where people of a federation sign in: by SAML, or through a front-end that has asked them already.
import { Fault } from '@synnefo/lib/fault'
import { type Plugin, type Static, Type } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { openHandshake, spend } from '../../logins/handshakes.ts'
import { loginMessage } from '../../logins/messages.ts'
import { openSaml } from '../../logins/saml.ts'
import { attributesInHeaders, migrateEppn, readShibboleth, trustedProxies } from '../../logins/shibboleth.ts'
import { beginHandshake, LoginQuery, orToldWhy } from './login-addresses.ts'
import { clearHandshakeCookie, handshakeIn, setHandshakeCookie } from './login-cookies.ts'
import { goOn } from './login-outcomes.ts'

const PATH = '/ui/login/shibboleth'
const Answer = Type.Object({ SAMLResponse: Type.String({ maxLength: 500_000 }) })
/** The secret that only the browser knows that posted the answer. */
const PickUp = Type.Object({ answer: Type.Optional(Type.String({ maxLength: 200 })) })
const NO_REFERRER = ['Referrer-Policy', 'no-referrer'] as const

export const shibbolethAddresses: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  const { settings } = identity
  if (!settings.ASTAKOS_IM_MODULES.includes('shibboleth')) return
  const saml = openSaml(identity, loginMessage(settings, 'shibboleth', 'title'))
  const isTrusted = trustedProxies(settings)
  const byHeaders = settings.ASTAKOS_SHIBBOLETH_TRUSTED_PROXIES.length > 0

  for (const url of [PATH, `${PATH}/`]) {
    app.get(url, { schema: { querystring: LoginQuery } }, (request, reply) =>
      orToldWhy(identity, request, reply, 'shibboleth', async (started) => {
        const handshake = await beginHandshake(identity, request, 'shibboleth', request.query, started)
        if (byHeaders) {
          if (!isTrusted(request.socket.remoteAddress)) {
            throw new Fault('forbidden', 'This address is reached through the front-end of the federation only.')
          }
          const claims = readShibboleth(settings, attributesInHeaders(request.headers))
          await migrateEppn(identity, claims)
          return goOn(identity, request, reply, handshake, claims)
        }
        const { address, requestId } = await saml.begin({ force: request.query.force_login !== undefined })
        setHandshakeCookie(identity, reply, { ...handshake, memory: { requestId } })
        return reply.redirect(address.href)
      }),
    )
  }
  if (byHeaders) return

  app.get(`${PATH}/metadata`, async (_request, reply) => {
    reply.type('application/samlmetadata+xml; charset=utf-8')
    return saml.metadata()
  })

  app.get(`${PATH}/authenticated`, { schema: { querystring: PickUp } }, (request, reply) =>
    orToldWhy(identity, request, reply, 'shibboleth', async (started) => {
      const handshake = openHandshake(identity, 'shibboleth', handshakeIn(request, 'shibboleth'))
      started(handshake)
      clearHandshakeCookie(identity, reply, 'shibboleth')
      reply.header(...NO_REFERRER)
      await spend(identity.db, handshake.id)
      const claims = await saml.finish(handshake.memory['requestId']!, request.query.answer ?? '')
      await migrateEppn(identity, claims)
      return goOn(identity, request, reply, handshake, claims)
    }),
  )

  await app.register(async (forms) => {
    forms.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 1024 * 1024 },
      (_request: unknown, body: string, done: (error: null, form: Static<typeof Answer>) => void) =>
        done(null, Object.fromEntries(new URLSearchParams(body)) as Static<typeof Answer>),
    )
    // From the page of the identity provider, so without our cookies: the browser comes for what was said in the next step.
    forms.post<{ Body: Static<typeof Answer> }>(`${PATH}/acs`, { schema: { body: Answer } }, (request, reply) =>
      orToldWhy(identity, request, reply, 'shibboleth', async () => {
        const secret = await saml.take(request.body.SAMLResponse)
        reply.header(...NO_REFERRER)
        return reply.redirect(`/astakos${PATH}/authenticated?answer=${secret}`, 303)
      }),
    )
  })
}
