// Cookies of signing in by other providers: one goes along on the way there and back, another tells the page what came of
// it; others say what this very browser began.
import { parseJson, writeJson } from '@synnefo/lib/json'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { HANDSHAKE_SECONDS, type Handshake, sealHandshake } from '../../logins/handshakes.ts'
import { PENDING_DAYS, type PendingKey } from '../../logins/pending.ts'
import { cookieIn } from '../../sessions/cookie.ts'
import type { OtherModule } from '../../settings/logins.ts'
import type { Factor } from '../../wire/factors.ts'
import { isLoginModule, type LoginModule } from '../../wire/login-modules.ts'

const HANDSHAKE_PATH = '/astakos/ui/login'

export function setHandshakeCookie(identity: Identity, reply: FastifyReply, handshake: Handshake): void {
  const sealed = sealHandshake(identity, handshake)
  set(identity, reply, { name: handshakeName(handshake.module), value: sealed, seconds: HANDSHAKE_SECONDS, path: HANDSHAKE_PATH })
}

export const handshakeIn = (request: FastifyRequest, module: OtherModule) => cookieIn(request, handshakeName(module))

export function clearHandshakeCookie(identity: Identity, reply: FastifyReply, module: OtherModule): void {
  set(identity, reply, { name: handshakeName(module), value: '', seconds: 0, path: HANDSHAKE_PATH })
}

const handshakeName = (module: OtherModule) => `login_${module}`

const PENDING = { name: 'login_pending', path: '/astakos/ui' }

/** Only this browser can make something of the identity that waits. */
export function setPendingCookie(identity: Identity, reply: FastifyReply, { bond }: { bond: string }): void {
  set(identity, reply, { ...PENDING, value: bond, seconds: PENDING_DAYS * 86_400 })
}

/** The token that a page brought, with what this browser has of it. */
export const pendingKeyIn = (request: FastifyRequest, token: string): PendingKey => ({
  token,
  bond: cookieIn(request, PENDING.name),
})

/** What a page says that a person comes back to. */
export interface Outcome {
  type: 'success' | 'info' | 'warning' | 'error'
  text: string
  /** The sign-in waits for its second step. */
  challenge?: string
  factors?: Factor[]
}

const OUTCOME = { name: 'login_outcome', path: '/astakos/ui' }
const OUTCOME_SECONDS = 300

export function setOutcome(identity: Identity, reply: FastifyReply, outcome: Outcome): void {
  const value = identity.keys.seal(writeJson(outcome), OUTCOME.name).toString('base64url')
  set(identity, reply, { ...OUTCOME, value, seconds: OUTCOME_SECONDS })
}

/** What is to be said, once. */
export function takeOutcome(identity: Identity, request: FastifyRequest, reply: FastifyReply): Outcome | undefined {
  const sealed = cookieIn(request, OUTCOME.name)
  if (sealed === undefined) return undefined
  set(identity, reply, { ...OUTCOME, value: '', seconds: 0 })
  try {
    return parseJson(identity.keys.unseal(Buffer.from(sealed, 'base64url'), OUTCOME.name)) as Outcome
  } catch {
    return undefined // nothing that we wrote
  }
}

const LAST_METHOD = { name: 'astakos_last_login_method', path: '/' }
const LAST_METHOD_SECONDS = 365 * 86_400

/** The sign-in page offers first what the person used last. */
export function rememberMethod(identity: Identity, reply: FastifyReply, module: LoginModule): void {
  set(identity, reply, { ...LAST_METHOD, value: module, seconds: LAST_METHOD_SECONDS })
}

export function lastMethodIn(request: FastifyRequest): LoginModule | undefined {
  const name = cookieIn(request, LAST_METHOD.name)
  return name !== undefined && isLoginModule(name) ? name : undefined
}

const RENEWAL = { name: 'weblogin_renew', path: '/astakos/weblogin' }

/** This browser asked for a new token of its own accord, for this program, and signs in first. */
export function setRenewalCookie(identity: Identity, reply: FastifyReply, program: string): void {
  const until = Date.now() + HANDSHAKE_SECONDS * 1000
  const value = `${until}.${identity.keys.sign(renewal(until, program))}`
  set(identity, reply, { ...RENEWAL, value, seconds: HANDSHAKE_SECONDS })
}

export function isRenewalOf({ keys }: Identity, request: FastifyRequest, program: string): boolean {
  const [until = '', signature = ''] = cookieIn(request, RENEWAL.name)?.split('.') ?? []
  return Number(until) > Date.now() && keys.isSigned(renewal(Number(until), program), signature)
}

export function clearRenewalCookie(identity: Identity, reply: FastifyReply): void {
  set(identity, reply, { ...RENEWAL, value: '', seconds: 0 })
}

const renewal = (until: number, program: string) => `weblogin renewal ${until} ${program}`

interface Cookie {
  name: string
  value: string
  seconds: number
  path: string
}

function set(identity: Identity, reply: FastifyReply, { name, value, seconds, path }: Cookie): void {
  const secure = identity.baseUrl().startsWith('https:') ? '; Secure' : ''
  reply.header('Set-Cookie', `${name}=${value}; Max-Age=${seconds}; Path=${path}; HttpOnly; SameSite=Lax${secure}`)
}
