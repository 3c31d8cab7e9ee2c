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

type Column = readonly (string | undefined)[]

interface Field {
  name: string
  /** How it stands in JSON: as a string, as a string in which nothing needs an escape, or as it is. */
  form: 'text' | 'plain' | 'bare'
  /** One for each entry; an object has no such field where it is undefined. */
  values: Column
}

/** What is said of each object, in this order. */
function fieldsOf({ names }: EntryPage, objects: ObjectColumns, { owner, md5, past, linkUrl }: ItemOptions): Field[] {
  const { sizes, hashes, checksums, contentTypes, uuids, ids, modifiers, availability, sharing, links } = objects
  const times = objects.times.map(secondsOf)
  const fields: Field[] = [
    { name: 'name', form: 'text', values: names },
    { name: 'bytes', form: 'bare', values: sizes },
    { name: 'hash', form: 'plain', values: md5 && checksums ? hashes.map((hash, i) => checksums[i] || hash) : hashes },
    { name: 'content_type', form: 'text', values: contentTypes },
    ...(past ? [] : [{ name: 'last_modified', form: 'plain' as const, values: isoTimes(times) }]),
    { name: 'x_object_hash', form: 'plain', values: hashes },
    { name: 'x_object_uuid', form: 'plain', values: uuids },
    { name: 'x_object_version', form: 'bare', values: ids },
    { name: 'x_object_version_timestamp', form: 'plain', values: times },
    { name: 'x_object_modified_by', form: 'text', values: modifiers },
    { name: 'available', form: 'bare', values: availability },
    { name: 'map_check_timestamp', form: 'bare', values: names.map(() => 'null') },
  ]
  if (past) return fields
  if (sharing) {
    fields.push({ name: 'x_object_sharing', form: 'text', values: sharing.map((own) => (own ? writeSharing(own) : undefined)) })
    const right = sharing.map((own) => (own ? (own.writes ? 'write' : 'read') : undefined))
    if (!owner) fields.push({ name: 'x_object_allowed_to', form: 'plain', values: right })
  }
  if (links && owner)
    fields.push({ name: 'x_object_public', form: 'text', values: links.map((id) => (id === null ? undefined : linkUrl(id))) })
  return fields
}

/** Dates are made once for objects of the same second. */
function isoTimes(times: readonly string[]): string[] {
  let second = ''
  let start = ''
  return times.map((time) => {
    const whole = time.slice(0, -7)
    if (whole !== second) {
      second = whole
      start = isoTime(whole).slice(0, -6)
    }
    const fraction = time.slice(-7)
    return fraction === '.000000' ? `${start}+00:00` : `${start}${fraction}+00:00`
  })
}

/** `1322813441500000` microseconds are `1322813441.500000` seconds. */
function secondsOf(micros: number): string {
  const digits = String(micros)
  return digits.length > 6 ? `${digits.slice(0, -6)}.${digits.slice(-6)}` : (micros / 1e6).toFixed(6)
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

/** Each object is written to the page at once: a text of the whole page would be made, copied and encoded besides. */
export function itemsAsJson(page: EntryPage, options: ItemOptions): Buffer {
  const { names, objects } = page
  const { pieces, end } = jsonPieces(objects ? fieldsOf(page, objects, options) : [])
  let bytes = Buffer.allocUnsafe(FIRST_BYTES + names.length * ITEM_BYTES)
  let at = bytes.write('[')
  for (let i = 0; i < names.length; i += 1) {
    let item = i === 0 ? '' : ','
    const folder = folderAt(page, i)
    if (folder !== undefined) item += `{"subdir":${JSON.stringify(folder)}}`
    else {
      for (let k = 0; k < pieces.length; k += 1) item = item + pieces[k]!.before + pieces[k]!.values[i]
      item += end
    }
    const most = at + item.length * 3 + 1 // a unit of UTF-16 takes three bytes at most
    if (most > bytes.length) bytes = Buffer.concat([bytes.subarray(0, at)], most * 2)
    at += bytes.write(item, at)
  }
  return bytes.subarray(0, at + bytes.write(']', at))
}

/** What an object takes in JSON, about; more is got when it does not suffice. */
const ITEM_BYTES = 640
const FIRST_BYTES = 4096

/** An object as it stands in JSON: what differs between objects, and what stands before and after it in all of them. */
function jsonPieces(fields: readonly Field[]): { pieces: { before: string; values: Column }[]; end: string } {
  const pieces: { before: string; values: Column }[] = []
  let fixed = '{'
  for (const [at, { name, form, values }] of fields.entries()) {
    const key = `${at === 0 ? '' : ','}"${name}":`
    const quote = form === 'text' ? JSON.stringify : form === 'plain' ? (value: string) => `"${value}"` : (value: string) => value
    if (values.includes(undefined)) {
      pieces.push({ before: fixed, values: values.map((value) => (value === undefined ? '' : key + quote(value))) })
      fixed = ''
    } else if (values.every((value) => value === values[0])) fixed += key + quote(values[0] ?? '')
    else {
      const mark = form === 'plain' ? '"' : ''
      pieces.push({ before: fixed + key + mark, values: form === 'text' ? values.map((value) => JSON.stringify(value)) : values })
      fixed = mark
    }
  }
  return { pieces, end: `${fixed}}` }
}

export function itemsAsXml(page: EntryPage, options: ItemOptions, container: string): string {
  const { names, objects } = page
  const fields = objects ? fieldsOf(page, objects, options) : []
  const elements = names.map((_name, i) => {
    const folder = folderAt(page, i)
    if (folder !== undefined) return `<subdir name="${escapeXml(folder)}" />`
    const inner = fields.map(({ name, form, values }) => {
      const value = values[i]
      if (value === undefined) return ''
      return `<${name}>${form === 'bare' && value === 'null' ? '' : escapeXml(value)}</${name}>`
    })
    return `<object>${inner.join('')}</object>`
  })
  // An old client splits this document at blanks and takes the fifth part.
  return `${XML_HEAD}<container name="${escapeXml(container)}">\n${elements.join('\n')}</container>`
}
