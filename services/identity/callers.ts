import { plugin } from '@synnefo/lib/http'
import type { FastifyRequest } from 'fastify'
import type { Identity } from './identity.ts'
import type { Principal } from './tokens/authenticate.ts'

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
}

export function callerOf({ uuid, email, groups, projects, tokenId, sessionId }: Principal): Caller {
  return { userId: uuid, email, roles: groups.map(({ name }) => name), projects, tokenId, sessionId }
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

/** Every route registered beside this plugin demands a token and finds who shows it in `request.caller`. */
export const callers = plugin<{ identity: Identity }>(async (app, { identity }) => {
  app.decorateRequest('caller', null as unknown as Caller)
  app.addHook('onRequest', async (request) => {
    request.caller = await authenticate(identity, shownToken(request))
  })
})
