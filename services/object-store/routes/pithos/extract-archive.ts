// PUT with `extract-archive`: the body is an archive, and every file in it becomes an object. Answers as Swift does: 200
// when it was read, and in the body what became of it.
import { STATUS_CODES } from 'node:http'
import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply } from 'fastify'
import { ARCHIVE_KINDS, isArchiveKind } from '../../archives/entries.ts'
import { type Extracted, extractArchive } from '../../archives/extract.ts'
import { answerBody, answerJson, chooseFormat, escapeXml, XML_HEAD } from './answer.ts'
import { newMetadata, objectMetadata } from './headers.ts'
import { bodyLength, bodyOf, LARGEST_BODY, type PithosRequest } from './request.ts'

export const EXTRACT = 'extract-archive'

export async function putArchive(
  request: PithosRequest<'container'> | PithosRequest<'object'>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { store, userId, address, params, headers } = request
  const kind = params.get(EXTRACT) ?? ''
  if (!isArchiveKind(kind)) throw new Fault('badRequest', `${EXTRACT} is none of ${ARCHIVE_KINDS.join(', ')}.`)
  bodyLength(request)
  const { account, container } = address
  const prefix = 'name' in address ? address.name : ''
  const metadata = newMetadata(objectMetadata(headers))
  const body = () => bodyOf(request, reply)
  const extraction = { account, container, prefix, kind, metadata, body, atMostBytes: Number(LARGEST_BODY) }
  const extracted = await extractArchive(store, userId, extraction)
  return answerExtracted(reply, chooseFormat(params, headers.get('accept'), 'text'), extracted)
}

function answerExtracted(
  reply: FastifyReply,
  format: 'text' | 'json' | 'xml',
  { created, there, errors, end }: Extracted,
): FastifyReply {
  const empty = created + there + errors.length === 0
  const failed = empty || errors.length > 0 || end !== undefined
  const said = end?.message ?? (empty ? 'The archive holds no files.' : '')
  const list = errors.map(({ path, fault }) => [encodeURIComponent(path.toWellFormed()), statusLine(fault.code)] as const)
  const status = statusLine(failed ? 400 : 201)
  if (format === 'json')
    return answerJson(reply, { 'Number Files Created': created, Errors: list, 'Response Status': status, 'Response Body': said })
  if (format === 'xml') {
    const items = list.map(([name, each]) => `<object><name>${escapeXml(name)}</name><status>${each}</status></object>`)
    return answerBody(
      reply,
      'xml',
      `${XML_HEAD}<extract><number_files_created>${created}</number_files_created>` +
        `<response_body>${escapeXml(said)}</response_body><response_status>${status}</response_status>` +
        `<errors>${items.join('')}</errors></extract>`,
    )
  }
  const lines = [
    `Number Files Created: ${created}`,
    `Response Body: ${said}`,
    `Response Status: ${status}`,
    'Errors:',
    ...list.map(([name, each]) => `${name}, ${each}`),
  ]
  return answerBody(reply, 'text', `${lines.join('\n')}\n`)
}

function statusLine(code: number): string {
  return `${code} ${STATUS_CODES[code] ?? ''}`.trim()
}
