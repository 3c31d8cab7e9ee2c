// The OAuth 2.0 provider with the wire of the original (identity-api.md §9): the authorization code grant, for clients
// that want to know who a person is and what he was asked for. Beside it device login (RFC 8628) for command lines.
import { Fault } from '@synnefo/lib/fault'
import { type App, answerFaults, isOwnRequest, type Plugin } from '@synnefo/lib/http'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { oauthErrorOf, oauthFault } from '../../oauth2/faults.ts'
import { takeForms } from '../ui/form.ts'
import { authorizationRoutes } from './authorize.ts'
import { deviceRoutes } from './device.ts'
import { openIdRoutes } from './openid.ts'
import { tokenRoutes } from './token.ts'

const METHODS = { auth: ['GET', 'POST'], token: ['POST'], device_authorization: ['POST'], device: ['GET', 'POST'] }

/** Registered with the prefix of the service, /astakos/oauth2. */
export const oauth2Routes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  answerFaults(app, (fault) => ({
    body: { error: oauthErrorOf(fault), exception: fault.message },
    contentType: 'application/json; charset=utf-8',
  }))
  takeForms(app as App)
  app.addHook('onRequest', async (request) => demandEncryption(identity, request))
  authorizationRoutes(app as App, identity)
  tokenRoutes(app as App, identity)
  deviceRoutes(app as App, identity)
  await app.register(openIdRoutes, { identity })
  for (const [name, allowed] of Object.entries(METHODS)) {
    const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((method) => !allowed.includes(method))
    const refuse = async () => {
      throw new Fault('badMethod', 'Method not allowed', { headers: { Allow: allowed.join(',') } })
    }
    for (const url of [`/${name}`, `/${name}/`]) app.route({ method: others, url, onRequest: refuse, handler: refuse })
  }
}

/** Where people reach the cloud by https, codes and secrets travel no other way. */
function demandEncryption({ baseUrl }: Identity, request: FastifyRequest): void {
  if (baseUrl().startsWith('https:') && request.protocol !== 'https' && !isOwnRequest(request))
    throw oauthFault('invalid_request', 'HTTPS is required. (Behind a proxy, it says so, and is one of SYNNEFO_TRUSTED_PROXIES.)')
}
