// Attributes of images travel in headers, in requests and answers alike (image-api.md §3).
import { Fault } from '@synnefo/lib/fault'
import type { Image } from '../images.ts'
import { decodeText, encodeText, writeLocation } from '../location.ts'

const META = 'x-image-meta-'
const PROPERTY = 'x-image-meta-property-'

const KNOWN = [
  'name',
  'disk_format',
  'container_format',
  'size',
  'checksum',
  'location',
  'created_at',
  'updated_at',
  'deleted_at',
  'status',
  'is_public',
  'owner',
  'properties',
  'id',
  'is_snapshot',
  'description',
  'store',
] as const

export type Attribute = (typeof KNOWN)[number]

export interface ReadHeaders {
  attributes: Partial<Record<Attribute, string>>
  properties: Record<string, string>
}

/** Lower case, and every ASCII punctuation character a `_`. */
const normalise = (key: string) => key.toLowerCase().replace(/[!-/:-@[-`{-~]/g, '_')

/**
 * Reads the raw list of header names and values, in which nothing has been joined. When two normalise to the same
 * property, the one written entirely in upper case wins (kamaki sends old ones in lower and new ones in upper case),
 * else the last one.
 */
export function readHeaders(rawHeaders: readonly string[]): ReadHeaders {
  const attributes: ReadHeaders['attributes'] = {}
  const properties: Record<string, { value: string; upper: boolean }> = {}
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at]!
    const value = Buffer.from(rawHeaders[at + 1]!, 'latin1').toString('utf8')
    const lower = header.toLowerCase()
    if (lower.startsWith(PROPERTY)) {
      const spelled = decodeText(header.slice(PROPERTY.length))
      const key = normalise(spelled)
      const upper = spelled === spelled.toUpperCase()
      if (upper || !properties[key]?.upper) properties[key] = { value: decodeText(value), upper }
    } else if (lower.startsWith(META)) {
      const key = normalise(header.slice(META.length)) as Attribute
      if (KNOWN.includes(key)) attributes[key] = key === 'name' ? decodeText(value) : value
    }
  }
  return { attributes, properties: Object.fromEntries(Object.entries(properties).map(([key, { value }]) => [key, value])) }
}

/** Refuses attributes that this call does not take. */
export function allowOnly({ attributes }: ReadHeaders, allowed: readonly Attribute[], message: string): void {
  const strange = Object.keys(attributes).find((key) => !allowed.includes(key as Attribute))
  if (strange) throw new Fault('badRequest', `${message}: '${strange}'`)
}

/** True for `true` in any case, false for anything else, undefined when it is not said. */
export const readPublic = ({ is_public: text }: ReadHeaders['attributes']): boolean | undefined =>
  text === undefined ? undefined : text.toLowerCase() === 'true'

const dateText = (date: Date) => date.toISOString().slice(0, 19).replace('T', ' ')

/** All attributes of an image, always the same ones, and its properties. */
export function imageHeaders(image: Image): Record<string, string> {
  const attributes: Record<string, string> = {
    name: encodeText(image.name),
    'disk-format': image.diskFormat,
    'container-format': image.containerFormat,
    size: String(image.sizeBytes),
    checksum: image.checksum,
    location: writeLocation(image.place),
    'created-at': dateText(image.createdAt),
    'updated-at': dateText(image.updatedAt),
    'deleted-at': '',
    status: image.status === 'UNAVAILABLE' ? 'SAVING' : image.status,
    'is-public': image.public ? 'True' : 'False',
    owner: image.owner,
    id: image.id,
    'is-snapshot': image.isSnapshot ? 'True' : 'False',
    description: encodeText(image.description ?? ''),
  }
  return Object.fromEntries([
    ...Object.entries(attributes).map(([key, value]) => [META + key, value]),
    ...Object.entries(image.properties).map(([key, value]) => [
      PROPERTY + encodeText(key).replaceAll('_', '-'),
      encodeText(value),
    ]),
  ])
}
