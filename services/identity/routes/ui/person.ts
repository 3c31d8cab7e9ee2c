// The person at the page: who is signed in by cookie, and with the right to change things by CSRF token.
import { Fault } from '@synnefo/lib/fault'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { readSessionCookie, showsCsrfToken } from '../../sessions/cookie.ts'
import type { Origin } from '../../sessions/sessions.ts'
import type { UserRow } from '../../store/users.ts'
import type { Principal } from '../../tokens/authenticate.ts'

export interface SignedIn {
  cookie: string
  person: Principal
}

export interface Demands {
  /** Also people who have not signed the newest terms of service: for what they need to sign them, or to leave. */
  unsigned?: boolean
}

export async function findSignedIn({ authenticator }: Identity, request: FastifyRequest): Promise<SignedIn | undefined> {
  const cookie = readSessionCookie(request)
  const person = cookie === undefined ? undefined : await authenticator.findSession(cookie)
  return person && { cookie: cookie!, person }
}

/** Who is signed in; throws `unauthorized`, and `forbidden` while the terms of service wait for a signature. */
export async function signedIn(
  identity: Identity,
  request: FastifyRequest,
  { unsigned = false }: Demands = {},
): Promise<SignedIn> {
  const found = await findSignedIn(identity, request)
  if (!found) throw new Fault('unauthorized', 'You are not signed in.')
  if (!unsigned && !found.person.hasSignedTerms) throw new Fault('forbidden', 'Pending approval terms')
  return found
}

/** Who is signed in and meant to do this: throws `forbidden` without the session's CSRF token. */
export async function changing(identity: Identity, request: FastifyRequest, demands?: Demands): Promise<SignedIn> {
  const found = await signedIn(identity, request, demands)
  if (!showsCsrfToken(identity, found.cookie, request)) {
    throw new Fault('forbidden', 'The CSRF token is missing or belongs to another session. Reload the page.')
  }
  return found
}

export const originOf = ({ ip, headers }: FastifyRequest): Origin => ({ address: ip, userAgent: headers['user-agent'] ?? '' })

type Described = Pick<UserRow, 'uuid' | 'email' | 'firstName' | 'lastName'>

export function describePerson({ uuid, email, firstName, lastName }: Described, roles: string[]) {
  return { uuid, email, firstName, lastName, roles }
}
