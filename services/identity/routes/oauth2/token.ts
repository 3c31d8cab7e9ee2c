// POST …/token: a client trades a code for a token, a command line the code of its device login for an API token.
import type { App } from '@synnefo/lib/http'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { isClientSecret, knownClient, redirectUriFor } from '../../oauth2/clients.ts'
import { tradeDeviceCode } from '../../oauth2/device-login.ts'
import { oauthFault } from '../../oauth2/faults.ts'
import { tradeCode } from '../../oauth2/grants.ts'
import type { OAuthClientRow } from '../../store/oauth2-clients.ts'
import { DEVICE_GRANT } from '../../wire/device-clients.ts'
import { PRIVATE } from '../html.ts'
import { formOf, isForm } from '../ui/form.ts'
import { originOf } from '../ui/person.ts'
import { basicCredentials, parameter } from './parameters.ts'

export function tokenRoutes(app: App, identity: Identity): void {
  for (const url of ['/token', '/token/']) {
    app.post(url, async (request, reply) => {
      if (!isForm(request)) throw oauthFault('invalid_request', 'Content-Type is not application/x-www-form-urlencoded')
      const fields = formOf(request)
      const grant = parameter(fields, 'grant_type')
      if (grant === undefined) throw oauthFault('invalid_request', 'grant_type is missing')
      if (grant === DEVICE_GRANT) return reply.headers(PRIVATE).send(await deviceToken(identity, request, fields))
      if (grant !== 'authorization_code') throw oauthFault('unsupported_grant_type', 'grant_type is not authorization_code')
      const client = await authenticatedClient(identity, request, parameter(fields, 'client_id'))
      const code = parameter(fields, 'code')
      if (code === undefined) throw oauthFault('invalid_request', 'code is missing')
      const redirectUri = redirectUriFor(identity, client, parameter(fields, 'redirect_uri'))
      const trade = { code, redirectUri, verifier: parameter(fields, 'code_verifier') }
      const { secret, expiresInSeconds } = await tradeCode(identity, client, trade, originOf(request).address)
      return reply.headers(PRIVATE).send({ access_token: secret, token_type: 'Bearer', expires_in: expiresInSeconds })
    })
  }
}

/** A command line asks for the API token that its person was asked to agree to. */
async function deviceToken(identity: Identity, request: FastifyRequest, fields: URLSearchParams) {
  const [client, deviceCode] = [parameter(fields, 'client_id'), parameter(fields, 'device_code')]
  if (client === undefined) throw oauthFault('invalid_request', 'client_id is missing')
  if (deviceCode === undefined) throw oauthFault('invalid_request', 'device_code is missing')
  const { secret, expiresInSeconds, scopes } = await tradeDeviceCode(identity, { client, deviceCode }, originOf(request))
  const scope = scopes.map((text) => text.replace(/[% ]/g, encodeURIComponent)).join(' ')
  return { access_token: secret, token_type: 'Bearer', expires_in: expiresInSeconds, ...(scope ? { scope } : {}) }
}

/** Confidential clients show their secret by HTTP Basic, public ones say their id. */
async function authenticatedClient(
  identity: Identity,
  request: FastifyRequest,
  clientId: string | undefined,
): Promise<OAuthClientRow> {
  const wrong = () => oauthFault('invalid_client', 'The client is not known, or its credentials are wrong')
  const basic = basicCredentials(request)
  if (basic && clientId !== undefined && !basic.identifiers.includes(clientId)) throw wrong()
  const identifier = clientId ?? basic?.identifiers[0]
  if (identifier === undefined) throw oauthFault('invalid_request', 'client_id is missing')
  const client = await knownClient(identity, identifier)
  if (client.type === 'public' && (!basic || basic.secrets.includes(''))) return client
  const right = basic !== undefined && (await isClientSecret(identity, client, basic.secrets, originOf(request).address))
  if (!right) throw wrong()
  return client
}
