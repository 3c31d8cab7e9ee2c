// Values that the OpenStack-like dialects read and write alike (compute-api.md §2.3, §2.4, §3.1).
import { Fault } from '../fault/index.ts'

const MOST = 2n ** 63n - 1n

const isId = (text: string) => /^\d{1,19}$/.test(text) && BigInt(text) <= MOST

/** An id in a body or query, such as flavorRef. */
export function readId(text: string | number, what: string): bigint {
  if (!isId(String(text))) throw new Fault('badRequest', `${what} must be a whole number, not '${String(text).slice(0, 40)}'.`)
  return BigInt(text)
}

/** An id in a path: an address without a number in that place does not exist. */
export function idInPath(text: string): bigint {
  if (!isId(text)) throw new Fault('badRequest', 'API endpoint not found')
  return BigInt(text)
}

/** ISO 8601 with microseconds and offset, as clients of the original expect. */
export const dateText = (date: Date): string => date.toISOString().replace('Z', '000+00:00')

/** The links of a thing with an address. */
export const linksTo = (href: string) => [
  { rel: 'self', href },
  { rel: 'bookmark', href },
]

/** The moment of `changes-since`: with an offset, not in the future and not before the window. A `+` that arrived as a space is a `+`. */
export function readChangesSince(text: string, windowSeconds: number): Date {
  const spelled = text.replace(' ', '+')
  const moment = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(spelled) ? spelled : Number.NaN)
  if (Number.isNaN(moment.getTime())) {
    throw new Fault('badRequest', 'changes-since must be a date in ISO 8601 with an offset, such as 2026-01-31T12:00:00+00:00.')
  }
  const ageMillis = Date.now() - moment.getTime()
  if (ageMillis < 0) throw new Fault('badRequest', 'changes-since lies in the future.')
  if (ageMillis > windowSeconds * 1000)
    throw new Fault('badRequest', `changes-since lies more than ${windowSeconds} seconds back; list everything instead.`)
  return moment
}

/** What follows one of these is a name that people give, which may end as it likes. */
const NAMES = /\/(tags|metadata|os-keypairs)\/[^/]+$/

/**
 * The declared spelling of an address that a client wrote with a slash at the end, or with `.json` or `.xml` (§2.5).
 * Addresses one level deep, such as /images/, are declared with the slash.
 */
export function plainSpelling(path: string): string {
  if (NAMES.test(path)) return path
  const plain = path.replace(/\.(json|xml)$/, '')
  return /[^/]\/v\d+(\.\d+)?\/[^/]+.*\/$/.test(plain) && !plain.endsWith('/images/') ? plain.slice(0, -1) : plain
}
