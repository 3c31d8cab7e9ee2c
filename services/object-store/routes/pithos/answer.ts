// What all replies of this dialect share: formats, headers, and the XML of those who still ask for it.
import { writeJson } from '@synnefo/lib/http'
import type { FastifyReply } from 'fastify'
import type { Params } from './request.ts'

export type Format = 'text' | 'json' | 'xml'

export const CONTENT_TYPES: Record<Format, string> = {
  text: 'text/plain; charset=UTF-8',
  json: 'application/json; charset=UTF-8',
  xml: 'application/xml; charset=UTF-8',
}

/** The format that a request asks for; text only where an operation has one. */
export function chooseFormat(params: Params, accept: string | undefined, fallback: Format): Format {
  const asked = params.get('format')
  if (asked === 'json' || asked === 'xml') return asked
  const first = /^[^,;]*/.exec(accept ?? '')?.[0].trim()
  if (first === 'application/json') return 'json'
  if (first === 'application/xml') return 'xml'
  return fallback
}

/** A reply without a body. Old clients look at its type and length nevertheless. */
export function answerEmpty(reply: FastifyReply, code: number, format: Format = 'json'): FastifyReply {
  return reply.code(code).headers({ 'Content-Type': CONTENT_TYPES[format], 'Content-Length': '0' }).send()
}

export function answerBody(reply: FastifyReply, format: Format, body: string | Buffer, code = 200): FastifyReply {
  return reply.code(code).headers({ 'Content-Type': CONTENT_TYPES[format] }).send(body)
}

export function answerJson(reply: FastifyReply, body: unknown, code = 200): FastifyReply {
  return answerBody(reply, 'json', writeJson(body), code)
}

/** `2023-11-14T22:13:20+00:00`, with microseconds when there are any. `seconds` is decimal text. */
export function isoTime(seconds: string): string {
  const [whole = '0', fraction = ''] = seconds.split('.')
  const date = new Date(Number(whole) * 1000).toISOString().slice(0, 19)
  const micros = fraction.padEnd(6, '0').slice(0, 6)
  return `${date}${micros === '000000' ? '' : `.${micros}`}+00:00`
}

export function isoTimeOf(date: Date): string {
  return isoTime((date.getTime() / 1000).toFixed(6))
}

export const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

export function escapeXml(text: unknown): string {
  return (
    String(text)
      .replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!)
      // Readers make other white space of these when they stand there as they are.
      .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot carry these, not even escaped
      .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
  )
}

/** The fields of an item as elements. */
export function xmlFields(item: object): string {
  return Object.entries(item)
    .map(([name, value]) => {
      const inner =
        typeof value === 'object' && value !== null
          ? Object.entries(value)
              .map(([key, each]) => `<key>${escapeXml(key)}</key><value>${escapeXml(each)}</value>`)
              .join('')
          : escapeXml(value ?? '')
      return `<${name}>${inner}</${name}>`
    })
    .join('')
}
