import type { Fault, FaultKind } from '@synnefo/lib/fault'
import { type FaultRenderer, writeJson } from '@synnefo/lib/http'
import { CONTENT_TYPES, chooseFormat, escapeXml, XML_HEAD } from './answer.ts'
import { readParams } from './request.ts'

/** Where this dialect has names of its own. */
const NAMES: Partial<Record<FaultKind, string>> = {
  badMethod: 'notAllowed',
  overLimit: 'requestEntityTooLarge',
  entityTooLarge: 'requestEntityTooLarge',
}

/** `{"itemNotFound": {"code": 404, "message": "...", "details": ""}}`, or the same as XML. */
export const renderPithosFault: FaultRenderer = (fault, request) => {
  if (request.method === 'HEAD') return { body: '' }
  const { message, details, code } = fault
  const name = NAMES[fault.kind] ?? fault.kind
  if (chooseFormat(readParams(request), request.headers.accept, 'json') === 'xml') {
    const body = `<${name} code="${code}"><message>${escapeXml(message)}</message><details>${escapeXml(details)}</details></${name}>`
    return { body: XML_HEAD + body, contentType: CONTENT_TYPES.xml }
  }
  return { body: writeJson({ [name]: { code, message, details: details || usage(fault) } }), contentType: CONTENT_TYPES.json }
}

/** What the quota service knows of a refusal, as people read it. */
function usage({ data }: Fault): string {
  const { limit, usage: used, provision } = (data ?? {}) as { limit?: bigint; usage?: bigint; provision?: { quantity: bigint } }
  if (limit === undefined || used === undefined || !provision) return ''
  return `Resource: Storage space, available: ${limit > used ? limit - used : 0n} bytes, requested: ${provision.quantity} bytes`
}
