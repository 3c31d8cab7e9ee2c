// What requests say about the public link of an object, and what its owner is told of it.
import { hashPassword } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Publication } from '../../links.ts'
import type { LinkFacts } from '../../store/links.ts'
import { readDate } from './conditions.ts'
import { encodeHeader, type RequestHeaders } from './headers.ts'

const LONGEST_PASSWORD = 256
const LONGEST_SECONDS = 10 * 366 * 86_400
const MOST_DOWNLOADS = 1_000_000_000n

/** `X-Object-Public` and the limits beside it; undefined when the request says nothing of them. */
export async function readPublication(headers: RequestHeaders): Promise<Publication | undefined> {
  const isPublic = readPublic(headers.get('x-object-public'))
  const limits = {
    expiresAt: limit(headers.get('x-object-public-expires'), readExpiry),
    downloads: limit(headers.get('x-object-public-downloads'), readDownloads),
    passwordHash: await readPassword(headers.get('x-object-public-password')),
  }
  const says = isPublic !== undefined || Object.values(limits).some((value) => value !== undefined)
  return says ? { isPublic, limits } : undefined
}

function readPublic(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined
  const wanted = text.replaceAll(' ', '').toLowerCase()
  if (wanted === 'true') return true
  if (wanted === 'false' || wanted === '') return false
  throw new Fault('badRequest', 'X-Object-Public is neither true nor false.')
}

/** An empty header takes the limit away, an absent one leaves it. */
function limit<T>(text: string | undefined, read: (text: string) => T): T | null | undefined {
  const trimmed = text?.trim()
  return trimmed === undefined ? undefined : trimmed === '' ? null : read(trimmed)
}

function readExpiry(text: string): Date {
  const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : undefined
  const moment = /^\d{1,10}$/.test(text) ? Date.now() + Number(text) * 1000 : (readDate(text) ?? iso ?? Number.NaN)
  if (Number.isNaN(moment)) throw new Fault('badRequest', 'X-Object-Public-Expires is neither a number of seconds nor a date.')
  if (moment <= Date.now()) throw new Fault('badRequest', 'X-Object-Public-Expires lies in the past.')
  if (moment > Date.now() + LONGEST_SECONDS * 1000)
    throw new Fault(
      'badRequest',
      'X-Object-Public-Expires lies more than ten years ahead: leave it empty for a link without end.',
    )
  return new Date(moment)
}

function readDownloads(text: string): bigint {
  const downloads = /^\d{1,18}$/.test(text) ? BigInt(text) : 0n
  if (downloads < 1n || downloads > MOST_DOWNLOADS)
    throw new Fault('badRequest', `X-Object-Public-Downloads is not a number from 1 to ${MOST_DOWNLOADS}.`)
  return downloads
}

async function readPassword(text: string | undefined): Promise<string | null | undefined> {
  if (text === undefined || text === '') return text === undefined ? undefined : null
  if ([...text].length > LONGEST_PASSWORD)
    throw new Fault('badRequest', `X-Object-Public-Password is longer than ${LONGEST_PASSWORD} characters.`)
  return hashPassword(text)
}

export function linkHeaders(
  { id, expiresAt, downloadsLeft, hasPassword }: LinkFacts,
  publicUrl: (id: string) => string,
): Record<string, string> {
  return {
    'X-Object-Public': encodeHeader(publicUrl(id)),
    ...(expiresAt ? { 'X-Object-Public-Expires': expiresAt.toUTCString() } : {}),
    ...(downloadsLeft === null ? {} : { 'X-Object-Public-Downloads': String(downloadsLeft) }),
    ...(hasPassword ? { 'X-Object-Public-Password': 'required' } : {}),
  }
}
