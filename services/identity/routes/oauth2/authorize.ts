// GET and POST …/auth: a client sends a person here, who goes back with a code.
import type { App } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { isClientSecret, knownClient, redirectUriFor } from '../../oauth2/clients.ts'
import { oauthFault } from '../../oauth2/faults.ts'
import { type Agreement, issueCode } from '../../oauth2/grants.ts'
import { withParameters } from '../../oauth2/redirect-uri.ts'
import type { OAuthClientRow } from '../../store/oauth2-clients.ts'
import { answerPage, html, PRIVATE } from '../html.ts'
import { csrfField, FOREIGN_FORM, formOf, hasCsrfToken, isForm, queryOf } from '../ui/form.ts'
import { findSignedIn, originOf, type SignedIn } from '../ui/person.ts'
import { basicCredentials, parameter } from './parameters.ts'

export function authorizationRoutes(app: App, identity: Identity): void {
  for (const url of ['/auth', '/auth/']) {
    app.get(url, async (request, reply) => {
      const fields = queryOf(request)
      const asked = await readRequest(identity, request, fields)
      const present = await findSignedIn(identity, request)
      if (!present?.person.hasSignedTerms) return firstThings(reply, request, fields, present ? 'approval_terms' : 'login')
      if (asked.client.isTrusted) return agree(identity, request, reply, present, asked)
      const wantsJson = /^\s*application\/json\b/.test(request.headers.accept ?? '')
      return wantsJson ? reply.headers(PRIVATE).send(described(asked)) : askPerson(identity, reply, present, asked)
    })
    app.post(url, async (request, reply) => {
      const fields = isForm(request) ? formOf(request) : new URLSearchParams()
      if (fields.size === 0) throw oauthFault('invalid_request', 'The parameters are expected as a form')
      const asked = await readRequest(identity, request, fields)
      const present = await findSignedIn(identity, request)
      if (!present?.person.hasSignedTerms) return firstThings(reply, request, fields, present ? 'approval_terms' : 'login')
      if (!hasCsrfToken(identity, request, fields, present)) throw oauthFault('invalid_request', FOREIGN_FORM)
      if (fields.get('decision') !== 'refuse') return agree(identity, request, reply, present, asked)
      const refusal = { error: 'access_denied', error_description: 'The person did not agree', state: asked.state }
      return reply.headers(PRIVATE).redirect(withParameters(asked.redirectUri, refusal))
    })
  }
}

interface Asked extends Agreement {
  state: string | undefined
}

async function readRequest(identity: Identity, request: FastifyRequest, fields: URLSearchParams): Promise<Asked> {
  const responseType = parameter(fields, 'response_type')
  if (responseType === undefined) throw oauthFault('invalid_request', 'response_type is missing')
  if (responseType !== 'code') throw oauthFault('unsupported_response_type', 'response_type is not code')
  const client = await askingClient(identity, request, parameter(fields, 'client_id'))
  const redirectUri = redirectUriFor(identity, client, parameter(fields, 'redirect_uri'))
  const scope = parameter(fields, 'scope')?.trim().split(' ')[0] || redirectUri
  return { client, redirectUri, scope, state: parameter(fields, 'state'), challenge: readChallenge(identity, client, fields) }
}

async function askingClient(identity: Identity, request: FastifyRequest, clientId: string | undefined): Promise<OAuthClientRow> {
  if (clientId === undefined) throw oauthFault('invalid_request', 'client_id is missing')
  const client = await knownClient(identity, clientId)
  const basic = basicCredentials(request)
  if (!basic) return client
  const right =
    basic.identifiers.includes(clientId) && (await isClientSecret(identity, client, basic.secrets, originOf(request).address))
  if (!right) throw oauthFault('invalid_client', 'The client is not known, or its credentials are wrong')
  return client
}

/** PKCE: with S256 only, and for clients without a secret always, unless the operator lets old ones be. */
function readChallenge({ settings }: Identity, client: OAuthClientRow, fields: URLSearchParams): string | undefined {
  const challenge = parameter(fields, 'code_challenge')
  const method = parameter(fields, 'code_challenge_method')
  if (challenge === undefined) {
    if (client.type === 'public' && settings.OAUTH2_PKCE_REQUIRED)
      throw oauthFault('invalid_request', 'code_challenge is missing: clients without a secret use PKCE')
    return undefined
  }
  if (method !== 'S256') throw oauthFault('invalid_request', 'code_challenge_method is not S256')
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) throw oauthFault('invalid_request', 'code_challenge is not the form of S256')
  return challenge
}

/** The person signs in, or signs the terms, and comes back. */
function firstThings(
  reply: FastifyReply,
  { raw }: FastifyRequest,
  fields: URLSearchParams,
  page: 'login' | 'approval_terms',
): FastifyReply {
  const path = (raw.url ?? '').split('?')[0]
  const again = new URLSearchParams(fields)
  again.delete('csrfmiddlewaretoken')
  return reply.headers(PRIVATE).redirect(`/astakos/ui/${page}?next=${encodeURIComponent(`${path}?${again}`)}`)
}

async function agree(identity: Identity, request: FastifyRequest, reply: FastifyReply, { person }: SignedIn, asked: Asked) {
  const { address } = originOf(request)
  const code = await identity.db.transaction((tx) => issueCode(identity, tx, person, asked, address))
  return reply.headers(PRIVATE).redirect(withParameters(asked.redirectUri, { code, state: asked.state }))
}

const described = ({ client, redirectUri, scope, state }: Asked) => ({
  client: client.identifier,
  redirect_uri: redirectUri,
  scope,
  state: state ?? null,
})

function askPerson(identity: Identity, reply: FastifyReply, present: SignedIn, asked: Asked): FastifyReply {
  const { client, redirectUri, scope, state, challenge } = asked
  const fields = {
    response_type: 'code',
    client_id: client.identifier,
    redirect_uri: redirectUri,
    scope,
    ...(state === undefined ? {} : { state }),
    ...(challenge === undefined ? {} : { code_challenge: challenge, code_challenge_method: 'S256' }),
  }
  const hidden = Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
  return answerPage(identity, reply, {
    title: `${client.identifier} asks who you are`,
    body: html`
<p>If you agree, it will learn your name, your user id and your groups, and that you asked for this:</p>
<dl><dt>For</dt><dd>${scope}</dd><dt>Then you go to</dt><dd>${redirectUri}</dd><dt>Signed in as</dt><dd>${present.person.email}</dd></dl>
<form method="post">
${csrfField(identity, present)}${hidden}
<div class="acts">
<button class="main" name="decision" value="agree">Agree</button>
<button name="decision" value="refuse">Refuse</button>
</div>
</form>`,
  })
}
