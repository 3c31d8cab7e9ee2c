// What a token with scopes is let through to. There is one question per kind of place: services ask `checkScope` in the
// plugin `callers`, the APIs of identity in `person`, and the object store asks besides where in it a token reaches.
import { Fault } from '@synnefo/lib/fault'
import {
  describeScope,
  MOST_SCOPES,
  parseScope,
  type Scope,
  type ScopedService,
  scopesFor,
  writeScope,
} from '../wire/token-scopes.ts'

/** The scopes of a row; null: none, so the token may do what its owner can. */
export function readStoredScopes(texts: readonly string[] | null): Scope[] | null {
  // What this release does not understand allows nothing.
  return texts === null ? null : texts.flatMap((text) => parseScope(text) ?? [])
}

/** The scopes that somebody asks for a new token; nothing asked: null. Throws `badRequest`. */
export function readScopes(texts: readonly string[]): Scope[] | null {
  if (texts.length > MOST_SCOPES) throw new Fault('badRequest', `Field 'scopes': a token has at most ${MOST_SCOPES} scopes`)
  const scopes = texts.map((text) => {
    const scope = parseScope(text)
    if (!scope)
      throw new Fault(
        'badRequest',
        `Field 'scopes': '${text.slice(0, 100)}' is no scope, such as compute, all:read or object-store/backups`,
      )
    return scope
  })
  const limits = scopes.some((scope) => writeScope(scope) === 'all') ? [] : scopes
  return limits.length === 0 ? null : limits
}

const READING = ['GET', 'HEAD', 'OPTIONS']

/** Whether a request reads or changes; some calls read although their method says otherwise. */
export const useOf = (method: string, reads = false): 'read' | 'change' => (reads || READING.includes(method) ? 'read' : 'change')

/** Throws `forbidden` when these scopes do not reach the service, or only for reading. `service` undefined: no scope does. */
export function checkScope(scopes: readonly Scope[] | null, service: ScopedService | undefined, use: 'read' | 'change'): void {
  if (scopes === null) return
  if (service !== undefined && scopesFor(scopes, service, use).length > 0) return
  const allowed = scopes.map(describeScope).join('; ') || 'nothing that this cloud knows'
  throw new Fault('forbidden', `This token is not for that. It may: ${allowed}.`)
}
