// Between the browser and the services: a session becomes a short-lived token, so that services see the same requests
// from the page as from everybody and never read a cookie.
import type { IncomingHttpHeaders } from 'node:http'
import { plugin } from '@synnefo/lib/http'
import type { Identity } from '../identity.ts'
import { readSessionCookie, showsCsrfToken } from './cookie.ts'

const SAFE = ['GET', 'HEAD', 'OPTIONS']

/**
 * Sets `X-Auth-Token` on requests that come with a session cookie: on reading, and on changes that show the session's
 * CSRF token. A request with a token of its own is left alone. Costs no look at the database; whether the session still
 * lives is looked up (and remembered) by whoever authenticates the token.
 */
export const sessionGateway = plugin<{ identity: Identity }>(async (app, { identity }) => {
  app.addHook('onRequest', async (request) => {
    const { headers, method } = request
    if (headers['x-auth-token'] !== undefined) return
    const cookie = readSessionCookie(request)
    if (cookie === undefined) return
    if (!SAFE.includes(method) && !showsCsrfToken(identity, cookie, request)) return
    headers['x-auth-token'] = identity.authenticator.sessionToken(cookie)
  })
})

/** The token that stands for the session of a WebSocket's request. A browser sends cookies along from anywhere: look at `Origin` first. */
export function sessionTokenOf(identity: Identity, headers: IncomingHttpHeaders): string | undefined {
  const cookie = readSessionCookie({ headers })
  return cookie === undefined ? undefined : identity.authenticator.sessionToken(cookie)
}
