// Headers of this dialect travel percent-encoded: whatever holds a % is decoded, name and value.
import { Fault } from '@synnefo/lib/fault'
import type { MetadataChange } from '../../metadata.ts'
import type { Metadata } from '../../store/containers.ts'
import { normalisedHeader } from '../../wire/header-names.ts'
import { METADATA_LIMITS } from '../../wire/limits.ts'
import { decodeOnce } from './address.ts'

export interface RequestHeaders {
  /** Decoded; undefined when absent, empty when sent empty. */
  get(name: string): string | undefined
  /** Headers of this prefix by normalised full name, such as `X-Object-Meta-Some-Key`. */
  withPrefix(prefix: string, limits?: HeaderLimits): Metadata
}

interface HeaderLimits {
  count: number
  nameCharacters: number
  valueCharacters: number
}

export function readHeaders(headers: NodeJS.Dict<string | string[]>): RequestHeaders {
  const decoded = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '')
    const encoded = name.includes('%') || text.includes('%')
    if (/^(x|if)[-_]|^(destination|content-disposition|content-encoding|etag)/.test(name)) {
      checkAscii(name, text)
      const plain = encoded ? decodeOnce(name, `Header ${name}`) : name
      decoded.set(plain.replaceAll('_', '-').toLowerCase(), encoded ? decodeOnce(text, `Header ${name}`) : text)
    } else decoded.set(name, text)
  }
  return {
    get: (name) => decoded.get(name),
    withPrefix(prefix, limits: HeaderLimits = METADATA_LIMITS) {
      const found: Metadata = {}
      for (const [name, value] of decoded) {
        if (!name.startsWith(prefix) || name === prefix) continue
        if ([...name].length > limits.nameCharacters)
          throw new Fault('badRequest', `A name of ${prefix}* is longer than ${limits.nameCharacters} characters.`)
        if ([...value].length > limits.valueCharacters)
          throw new Fault('badRequest', `The value of ${name} is longer than ${limits.valueCharacters} characters.`)
        if (value.includes('\0')) throw new Fault('badRequest', `The value of ${name} holds a NUL character.`)
        found[normalisedHeader(name)] = value
      }
      if (Object.keys(found).length > limits.count)
        throw new Fault('badRequest', `There are more than ${limits.count} headers ${prefix}*.`)
      return found
    },
  }
}

function checkAscii(name: string, value: string): void {
  if (/[^\t\x20-\x7e]/.test(name + value)) throw new Fault('badRequest', `Header ${name} holds characters that are not ASCII.`)
}

/** Headers that are kept with an object beside its metadata, and sent back. */
const KEPT = {
  'content-encoding': 'Content-Encoding',
  'content-disposition': 'Content-Disposition',
  'x-object-manifest': 'X-Object-Manifest',
}

export function objectMetadata(headers: RequestHeaders): Metadata {
  const metadata = headers.withPrefix('x-object-meta-')
  for (const [header, key] of Object.entries(KEPT)) {
    const value = headers.get(header)
    if (value !== undefined) metadata[key] = value
  }
  return metadata
}

/** Metadata of a request that creates or replaces. */
export function newMetadata(items: Metadata): Metadata {
  return Object.fromEntries(Object.entries(items).filter(([, value]) => value !== ''))
}

/** What a POST says about metadata; undefined when it leaves it alone. */
export function metadataChange(items: Metadata, update: boolean): MetadataChange | undefined {
  return update && Object.keys(items).length === 0 ? undefined : { items, merge: update }
}

const ENCODED_IN_VALUES = /[^A-Za-z0-9_.\-/=,:@;" ]+/g
/** A name that held a colon or a blank would not be a header at all. */
const ENCODED_IN_NAMES = /[^A-Za-z0-9_.-]+/g

function percentEncode(text: string, encoded: RegExp): string {
  return text.replace(encoded, (part) =>
    [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}

/** Percent-encodes what headers of this dialect must not carry as it is. */
export function encodeHeader(text: string): string {
  return percentEncode(text, ENCODED_IN_VALUES)
}

export function encodeHeaderName(name: string): string {
  return percentEncode(name, ENCODED_IN_NAMES)
}

export function encodeMetadata(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [encodeHeaderName(key), encodeHeader(value)]))
}
