// The entries of a container as text, JSON and XML. The fields of an object are described once; a page holds a list for
// each column, and JSON is written straight from these lists, because objects made for a page of a thousand entries cost
// more than all the rest of it.
import type { EntryPage, ObjectColumns } from '../../store/listings.ts'
import { escapeXml, isoTime, XML_HEAD } from './answer.ts'
import { writeSharing } from './sharing.ts'

export interface ItemOptions {
  /** The caller owns the container. */
  owner: boolean
  /** The entity tag is the MD5 where there is one. */
  md5: boolean
  /** As it was at a moment: what belongs to the path, and when that last changed, is left out. */
  past: boolean
  /** The address of a public link. */
  linkUrl: (id: string) => string
}

interface Field {
  name: string
  /** How it stands in JSON: as a string, as a string in which nothing needs an escape, or as it is. */
  form: 'text' | 'plain' | 'bare'
  /** Undefined: this object has no such field. */
  of(i: number): string | undefined
}

/** What is said of each object, in this order. */
function fieldsOf(page: EntryPage, objects: ObjectColumns, { owner, md5, past, linkUrl }: ItemOptions): Field[] {
  const { names } = page
  const { sizes, hashes, checksums, contentTypes, times, uuids, ids, modifiers, availability, sharing, links } = objects
  const fields: Field[] = [
    { name: 'name', form: 'text', of: (i) => names[i]! },
    { name: 'bytes', form: 'bare', of: (i) => sizes[i]! },
    { name: 'hash', form: 'plain', of: (i) => (md5 && checksums?.[i]) || hashes[i]! },
    { name: 'content_type', form: 'text', of: (i) => contentTypes[i]! },
    { name: 'x_object_hash', form: 'plain', of: (i) => hashes[i]! },
    { name: 'x_object_uuid', form: 'plain', of: (i) => uuids[i]! },
    { name: 'x_object_version', form: 'bare', of: (i) => ids[i]! },
    { name: 'x_object_version_timestamp', form: 'plain', of: (i) => withMicros(times[i]!) },
    { name: 'x_object_modified_by', form: 'text', of: (i) => modifiers[i]! },
    { name: 'available', form: 'bare', of: (i) => availability[i]! },
    { name: 'map_check_timestamp', form: 'bare', of: () => 'null' },
  ]
  if (!past) fields.splice(4, 0, { name: 'last_modified', form: 'plain', of: (i) => isoTime(withMicros(times[i]!)) })
  if (sharing && !past) {
    fields.push({ name: 'x_object_sharing', form: 'text', of: (i) => (sharing[i] ? writeSharing(sharing[i]) : undefined) })
    if (!owner)
      fields.push({
        name: 'x_object_allowed_to',
        form: 'plain',
        of: (i) => (sharing[i] ? (sharing[i].writes ? 'write' : 'read') : undefined),
      })
  }
  if (links && owner && !past)
    fields.push({ name: 'x_object_public', form: 'text', of: (i) => (links[i] ? linkUrl(links[i]) : undefined) })
  return fields
}

/** `1322813441.5` is `1322813441.500000`. */
function withMicros(seconds: string): string {
  const point = seconds.indexOf('.')
  return point === -1 ? `${seconds}.000000` : seconds.padEnd(point + 7, '0')
}

/** The folder that the entry is, undefined for an object. */
function folderAt({ names, folders }: EntryPage, i: number): string | undefined {
  const folder = folders?.[i] ?? undefined
  return folder === names[i] ? undefined : folder
}

/** Names and folders, one per line. */
export function itemsAsText(page: EntryPage): string {
  return page.names.map((name, i) => `${folderAt(page, i) ?? name}\n`).join('')
}

export function itemsAsJson(page: EntryPage, options: ItemOptions): string {
  const { names, objects } = page
  const written = objects ? fieldsOf(page, objects, options).map(jsonOf) : []
  let text = '['
  for (let i = 0; i < names.length; i += 1) {
    if (i > 0) text += ','
    const folder = folderAt(page, i)
    if (folder !== undefined) text += `{"subdir":${JSON.stringify(folder)}}`
    else {
      let opening = '{'
      for (const field of written) {
        const value = field.of(i)
        if (value === undefined) continue
        text += opening + field.key + value
        opening = ','
      }
      text += '}'
    }
  }
  return `${text}]`
}

/** A field with its name and value as they stand in JSON. */
function jsonOf({ name, form, of }: Field): { key: string; of(i: number): string | undefined } {
  const key = `"${name}":`
  if (form === 'bare') return { key, of }
  const quote = form === 'plain' ? (value: string) => `"${value}"` : JSON.stringify
  // Neighbours often say the same.
  let before: string | undefined
  let quoted: string | undefined
  return {
    key,
    of(i) {
      const value = of(i)
      if (value === before) return quoted
      before = value
      quoted = value === undefined ? undefined : quote(value)
      return quoted
    },
  }
}

export function itemsAsXml(page: EntryPage, options: ItemOptions, container: string): string {
  const { names, objects } = page
  const fields = objects ? fieldsOf(page, objects, options) : []
  const elements = names.map((_name, i) => {
    const folder = folderAt(page, i)
    if (folder !== undefined) return `<subdir name="${escapeXml(folder)}" />`
    const inner = fields.map(({ name, form, of }) => {
      const value = of(i)
      if (value === undefined) return ''
      return `<${name}>${form === 'bare' && value === 'null' ? '' : escapeXml(value)}</${name}>`
    })
    return `<object>${inner.join('')}</object>`
  })
  // An old client splits this document at blanks and takes the fifth part.
  return `${XML_HEAD}<container name="${escapeXml(container)}">\n${elements.join('\n')}</container>`
}
