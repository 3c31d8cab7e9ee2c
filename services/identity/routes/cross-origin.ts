import { Fault } from '@synnefo/lib/fault'
import { plugin } from '@synnefo/lib/http'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../identity.ts'
import { readSessionCookie, showsCsrfToken } from '../sessions/cookie.ts'

const SAFE = ['GET', 'HEAD', 'OPTIONS']

/** Changes that need no session. All others need the CSRF token of the session whose cookie comes along. */
export const OPEN_CHANGES: readonly string[] = [
  '/login',
  '/login/ldap',
  '/login/second-step',
  '/login/second-step/passkey',
  '/login/passkey/options',
  '/login/passkey',
  '/signup',
  '/resend',
  '/activate',
  '/logins/pending',
  '/logins/signup',
  '/password/forgotten',
  '/password/link',
  '/password/reset',
  '/email-change/confirm',
]

/** Nothing is changed at the wish of another site's page: neither with a session, nor before there is one. */
export const crossOrigin = plugin<{ identity: Identity; base: string }>(async (app, { identity, base }) => {
  const open = new Set(OPEN_CHANGES.map((path) => base + path))
  app.addHook('onRequest', async (request, reply) => {
    reply.header('Cache-Control', 'no-store')
    if (SAFE.includes(request.method)) return
    if (isForeign(identity, request)) throw new Fault('forbidden', 'This call is for the pages of this cloud only.')
    const cookie = readSessionCookie(request)
    if (cookie === undefined || open.has(request.routeOptions.url ?? '') || showsCsrfToken(identity, cookie, request)) return
    // The cookie of a session that has ended gives no rights, and must not stand in the way of the next one.
    if (!(await identity.authenticator.findSession(cookie))) return
    throw new Fault('forbidden', 'The CSRF token is missing or belongs to another session. Reload the page.')
  })
})

/** Whether the page that sends this is of another origin, as far as the browser says. */
export function isForeign(identity: Identity, { headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'cross-site' || site === 'same-site'
  const { origin, host } = headers
  if (origin === undefined) return false // no page: a program
  return URL.parse(origin)?.host !== host && origin !== new URL(identity.baseUrl()).origin
}
