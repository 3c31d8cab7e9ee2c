// The session cookie: what a browser is told to keep, and what it sends back.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../identity.ts'

const NAME = 'sessionid'

/** The secret in the request's session cookie. */
export function readSessionCookie(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  const value = cookieIn(request, NAME)
  return value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : undefined
}

/** The value of a cookie that came with the request. */
export function cookieIn({ headers }: Pick<FastifyRequest, 'headers'>, name: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

export function setSessionCookie(identity: Identity, reply: FastifyReply, secret: string, expiresAt: Date): void {
  const seconds = Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000))
  reply.header('Set-Cookie', `${NAME}=${secret}; Max-Age=${seconds}; ${attributes(identity)}`)
}

export function clearSessionCookie(identity: Identity, reply: FastifyReply): void {
  reply.header('Set-Cookie', `${NAME}=; Max-Age=0; ${attributes(identity)}`)
}

const attributes = (identity: Identity) =>
  `Path=/; HttpOnly; SameSite=Lax${identity.baseUrl().startsWith('https:') ? '; Secure' : ''}`

/** The session that an answer hands to the browser: empty when it takes it away, undefined when it says nothing of it. */
export function sessionSetBy(reply: FastifyReply): string | undefined {
  const lines = [reply.getHeader('set-cookie') ?? []].flat().map(String)
  return lines
    .findLast((line) => line.startsWith(`${NAME}=`))
    ?.slice(NAME.length + 1)
    .split(';')[0]
}

/** What a page must show in `X-CSRF-Token` with every change: a page of another site cannot read it. */
export const csrfTokenOf = ({ keys }: Identity, cookie: string) => keys.sign(`csrf ${cookie}`)

export function showsCsrfToken({ keys }: Identity, cookie: string, { headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const shown = headers['x-csrf-token']
  return typeof shown === 'string' && keys.isSigned(`csrf ${cookie}`, shown)
}
