// The cookie of the original that tells scripts of other web UIs on the same domain who is signed in, API token included.
// Off unless the operator wants it: whatever script runs there can take the token. Where it is on, it follows the
// session: set and removed with it, and put right by the answer to every page, never by sending the browser round again.
import { plugin } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../identity.ts'
import { classicTokenOf } from '../store/tokens.ts'
import { openClassicToken } from '../tokens/tokens.ts'
import { cookieIn, readSessionCookie, sessionSetBy } from './cookie.ts'

export const tokenCookie = plugin<{ identity: Identity }>(async (app, { identity }) => {
  if (!identity.settings.ASTAKOS_COOKIE_ENABLED) return
  app.addHook('onSend', async (request, reply) => {
    const changed = sessionSetBy(reply)
    if (changed === undefined && !isPage(request)) return
    const wanted = await wantedCookie(identity, changed ?? readSessionCookie(request))
    if (wanted?.value === cookieIn(request, identity.settings.ASTAKOS_COOKIE_NAME)) return
    setTokenCookie(identity, reply, wanted)
  })
})

/** A browser loads something to look at. */
const isPage = ({ method, headers }: FastifyRequest) => method === 'GET' && headers.accept?.includes('text/html') === true

interface TokenCookie {
  value: string
  expiresAt: Date
}

async function wantedCookie(identity: Identity, session: string | undefined): Promise<TokenCookie | undefined> {
  const person = session ? await identity.authenticator.findSession(session) : undefined
  const row = person && (await classicTokenOf(identity.db, person.id))
  if (!row?.expiresAt || row.expiresAt.getTime() <= Date.now()) return undefined
  return { value: encodeURIComponent(`${person!.uuid}|${openClassicToken(identity, person!, row)}`), expiresAt: row.expiresAt }
}

function setTokenCookie({ settings }: Identity, reply: FastifyReply, wanted: TokenCookie | undefined): void {
  const { ASTAKOS_COOKIE_NAME: name, ASTAKOS_COOKIE_DOMAIN: domain, ASTAKOS_COOKIE_SECURE: secure } = settings
  const expires = wanted?.expiresAt ?? new Date(0)
  const attributes = [
    `${name}=${wanted?.value ?? ''}`,
    'Path=/',
    ...(domain ? [`Domain=${domain}`] : []),
    `Expires=${expires.toUTCString()}`,
    'SameSite=Lax',
    ...(secure ? ['Secure'] : []),
  ]
  reply.header('Set-Cookie', attributes.join('; '))
}
