// What clients send, by query or form: each name once, and nothing that cannot be stored.
import type { FastifyRequest } from 'fastify'
import { oauthFault } from '../../oauth2/faults.ts'

const LONGEST = 8_000

export function parameter(fields: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = fields.getAll(name)
  if (others.length > 0) throw oauthFault('invalid_request', `${name} is given more than once`)
  if (value === undefined || value === '') return undefined // RFC 6749: sent without a value is not sent
  if (value.includes('\0') || value.length > LONGEST) throw oauthFault('invalid_request', `${name} is not valid`)
  return value
}

export interface BasicCredentials {
  /** As sent, and as RFC 6749 would have it: with escapes of a form. */
  identifiers: string[]
  secrets: string[]
}

/** The credentials of an Authorization header, if there is one. */
export function basicCredentials({ headers }: FastifyRequest): BasicCredentials | undefined {
  const { authorization } = headers
  if (authorization === undefined) return undefined
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? []
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1 || text.includes('\0')) throw oauthFault('invalid_client', 'The Authorization header is not one of HTTP Basic')
  const spellings = (part: string) => [part, unescaped(part)]
  return { identifiers: spellings(text.slice(0, colon)), secrets: spellings(text.slice(colon + 1)) }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
