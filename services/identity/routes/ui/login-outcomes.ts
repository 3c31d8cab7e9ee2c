// What a browser does next once a provider has vouched for its person.
import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { arrive } from '../../logins/arrive.ts'
import type { Claims } from '../../logins/claims.ts'
import type { Handshake } from '../../logins/handshakes.ts'
import { loginMessage } from '../../logins/messages.ts'
import { missingLogins } from '../../logins/methods.ts'
import { attachPending, needsNoForm, type PendingKey, type Registered, register, showPending } from '../../logins/pending.ts'
import { setSessionCookie } from '../../sessions/cookie.ts'
import type { SecondStep, Started } from '../../sessions/finish-sign-in.ts'
import type { LoginModule } from '../../wire/login-modules.ts'
import { pendingKeyIn, rememberMethod, setOutcome, setPendingCookie } from './login-cookies.ts'
import { findSignedIn, originOf } from './person.ts'
import { afterSignIn } from './safe-next.ts'

const UI = '/astakos/ui'

interface Page {
  module: LoginModule
  /** `/`: wherever people go after signing in. */
  next: string
  key: string | null
}

/** Signs in, links, or asks for what is missing, and sends the browser on. */
export async function goOn(
  identity: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
  handshake: Handshake,
  claims: Claims,
): Promise<FastifyReply> {
  const person = await beganIt(identity, request, handshake)
  const arrival = await arrive(identity, claims, {
    origin: originOf(request),
    ...(person ? { person } : {}),
    ...(handshake.switchFrom === null ? {} : { switchFrom: BigInt(handshake.switchFrom) }),
  })
  if (arrival.kind === 'signed in') return enterWith(identity, request, reply, handshake, arrival.outcome)
  if (arrival.kind === 'unknown') return becomeKnown(identity, request, reply, handshake, arrival.pending)
  setOutcome(identity, reply, { type: 'success', text: arrival.message })
  return reply.redirect(handshake.next === '/' ? `${UI}/profile?outcome=` : withOutcome(handshake.next))
}

/** Who was signed in when it began, if he still is. What somebody began is not finished for another. */
async function beganIt(identity: Identity, request: FastifyRequest, { person }: Handshake) {
  if (person === null) return undefined
  const now = (await findSignedIn(identity, request))?.person
  if (now?.uuid !== person) throw new Fault('badRequest', 'Your session ended or changed meanwhile. Start again.')
  return { id: now.id, uuid: now.uuid }
}

/** Hands the session to the browser, or leads it to the second step. */
export async function enterWith(
  identity: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
  page: Page,
  outcome: Started | SecondStep,
): Promise<FastifyReply> {
  rememberMethod(identity, reply, page.module)
  if (!('session' in outcome)) {
    const { challenge, factors } = outcome
    setOutcome(identity, reply, { type: 'info', text: 'One more step to sign in.', challenge, factors })
    return reply.redirect(`${UI}/login?${queryOf(page)}`)
  }
  const { user, session } = outcome
  const next = page.next === '/' ? afterSignIn(identity) : page.next
  setSessionCookie(identity, reply, session.secret, session.expiresAt)
  if (page.key !== null) {
    try {
      const attached = await attachPending(identity, user, pendingKeyIn(request, page.key), originOf(request))
      setOutcome(identity, reply, { type: 'success', text: attachedText(identity, attached.module) })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      setOutcome(identity, reply, { type: 'warning', text: error.message })
    }
    return reply.redirect(withOutcome(next))
  }
  const missing = await missingLogins(identity, identity.db, user.id)
  if (missing.length === 0) return reply.redirect(next)
  setOutcome(identity, reply, { type: 'warning', text: missing.map(({ message }) => message).join(' ') })
  return reply.redirect(`${UI}/profile?outcome=`)
}

export const attachedText = ({ settings }: Identity, module: LoginModule) =>
  `From now on you can sign in with your ${loginMessage(settings, module, 'account_prompt')}.`

/** Nobody has the identity: an account is made of it, at once where there is nothing to ask. */
async function becomeKnown(
  identity: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
  page: Page,
  pending: PendingKey & { bond: string },
): Promise<FastifyReply> {
  if (needsNoForm(await showPending(identity, pending))) {
    const registered = await register(identity, pending, {}, originOf(request))
    if (registered.state === 'active') return enterWith(identity, request, reply, page, registered.outcome)
    setOutcome(identity, reply, registeredOutcome(registered))
    return reply.redirect(`${UI}/login?${queryOf({ ...page, key: null })}`)
  }
  setPendingCookie(identity, reply, pending)
  const query = new URLSearchParams({ third_party_token: pending.token })
  if (page.next !== '/') query.set('next', page.next)
  return reply.redirect(`${UI}/signup?${query}`)
}

export function registeredOutcome({ state }: Registered) {
  return state === 'verification'
    ? { type: 'success' as const, text: 'Your account was made. Follow the link in the mail we sent you to start.' }
    : { type: 'warning' as const, text: 'Your account was made. An administrator has to approve it; you will get a mail.' }
}

function queryOf({ next, key }: Page): URLSearchParams {
  const query = new URLSearchParams({ outcome: '' })
  if (next !== '/') query.set('next', next)
  if (key !== null) query.set('key', key)
  return query
}

/** The page that is gone on to says what came of it. */
function withOutcome(next: string): string {
  const target = new URL(next, 'http://here.invalid')
  if (target.host !== 'here.invalid') return next
  target.searchParams.set('outcome', '')
  return `${target.pathname}${target.search}${target.hash}`
}
