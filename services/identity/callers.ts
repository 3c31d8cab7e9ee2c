import { plugin } from '@synnefo/lib/http'
import type { FastifyRequest } from 'fastify'
import type { Identity } from './identity.ts'
import type { Principal } from './tokens/authenticate.ts'
import { checkScope, readStoredScopes, useOf } from './tokens/scopes.ts'
import type { Scope, ScopedService } from './wire/token-scopes.ts'

/** Who is asking, as all services see it. */
export interface Caller {
  /** uuid */
  userId: string
  email: string
  /** Names of groups. */
  roles: string[]
  /** uuids of the projects that may be used, the default one first. */
  projects: string[]
  /** Set when an API token was shown. */
  tokenId: bigint | null
  /** Set when a browser session stands behind the request. */
  sessionId: bigint | null
  /** What the token is limited to; null: nothing but what the person may do. */
  scopes: readonly Scope[] | null
}

export function callerOf({ uuid, email, groups, projects, tokenId, sessionId, scopes }: Principal): Caller {
  const roles = groups.map(({ name }) => name)
  return { userId: uuid, email, roles, projects, tokenId, sessionId, scopes: readStoredScopes(scopes) }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route below the plugin `callers`. */
    caller: Caller
  }
}

/** The token that a request shows: in the header, or (old clients and download links) in the query. */
export function shownToken(request: FastifyRequest): string | undefined {
  const header = request.headers['x-auth-token']
  if (header !== undefined) return Array.isArray(header) ? header[0] : header
  const query = (request.query as Record<string, unknown> | undefined)?.['X-Auth-Token']
  return typeof query === 'string' ? query : undefined
}

/** Answers who shows this token; throws `unauthorized`. */
export async function authenticate(identity: Identity, token: string | undefined): Promise<Caller> {
  return callerOf(await identity.authenticator.authenticate(token))
}

interface CallersOptions extends Record<string, unknown> {
  identity: Identity
  /** What these routes belong to; undefined: to the web page, where tokens with scopes have no business. */
  service: ScopedService | undefined
}

/**
 * Every route registered beside this plugin demands a token, one whose scopes are for this service and this use of it,
 * and finds who shows it in `request.caller`.
 */
export const callers = plugin<CallersOptions>(async (app, { identity, service }) => {
  app.decorateRequest('caller', null as unknown as Caller)
  app.addHook('onRequest', async (request) => {
    request.caller = await authenticate(identity, shownToken(request))
    checkScope(request.caller.scopes, service, useOf(request.method))
  })
})
