import { Fault } from '@synnefo/lib/fault'
import { etagOf } from '../../objects/etag.ts'
import type { Precondition } from '../../objects/write.ts'
import type { ObjectStore } from '../../open.ts'
import type { RequestHeaders } from './headers.ts'

export interface Entity {
  /** Undefined for what has none. */
  etag: string | undefined
  changedAt: Date
}

const FORMS = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/, // RFC 1123
  /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/, // RFC 850
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/, // asctime
]

/** Milliseconds since 1970; undefined for what is no HTTP date. */
export function readDate(text: string | undefined): number | undefined {
  if (text === undefined || !FORMS.some((form) => form.test(text))) return undefined
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(time) ? undefined : time
}

/** Whether a list of entity tags names this one. Quoted or bare, weak or not, or `*` for anything there is. */
export function matchesTag(list: string, etag: string | undefined): boolean {
  if (list.trim() === '*') return etag !== undefined
  const tags = [...list.matchAll(/(?:W\/)?"([^"]*)"|([^\s,"]+)/g)].map(([, quoted, bare]) => (quoted ?? bare)!.toLowerCase())
  return etag !== undefined && tags.includes(etag.toLowerCase())
}

/** For reading: throws 412, and answers whether what the client has is still the same. */
export function isNotModified(headers: RequestHeaders, { etag, changedAt }: Entity): boolean {
  const changed = Math.floor(changedAt.getTime() / 1000) * 1000
  const unmodifiedSince = readDate(headers.get('if-unmodified-since'))
  if (unmodifiedSince !== undefined && changed > unmodifiedSince) throw preconditionFailed()
  const match = headers.get('if-match')
  if (match !== undefined && !matchesTag(match, etag)) throw preconditionFailed()
  const noneMatch = headers.get('if-none-match')
  if (noneMatch !== undefined && etag !== undefined) return matchesTag(noneMatch, etag) // decides alone when given
  const modifiedSince = readDate(headers.get('if-modified-since'))
  return modifiedSince !== undefined && changed <= modifiedSince
}

/** For writing: refuses with 412 when the object is not what the client expects. */
export function writePrecondition(store: ObjectStore, headers: RequestHeaders): Precondition {
  const match = headers.get('if-match')
  const noneMatch = headers.get('if-none-match')
  return (current) => {
    const etag = current ? etagOf(store, current) : undefined
    if (match !== undefined && !matchesTag(match, etag)) throw preconditionFailed()
    if (noneMatch !== undefined && matchesTag(noneMatch, etag)) throw preconditionFailed()
  }
}

function preconditionFailed(): Fault {
  return new Fault('preconditionFailed', 'The resource is not in the state that the request demands.')
}
