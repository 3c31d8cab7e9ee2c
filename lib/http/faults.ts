import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Fault, faultKindOf } from '../fault/index.ts'
import { isDatabaseUnavailable, isDiskFull, isTooLongForIndex, isUnstorableText } from '../sql/errors.ts'
import type { App } from './server.ts'

/** How one dialect writes a fault. An object body is JSON; a string is sent as it is. */
export type FaultRenderer = (fault: Fault, request: FastifyRequest) => { body: unknown; contentType?: string; code?: number }

const NOTHING_HERE = new Fault('itemNotFound', 'Nothing is at this address.')

/** Renders every fault, schema violation and unknown address of this app or plugin in its dialect. */
export function answerFaults(app: App, render: FaultRenderer, unknownAddress: Fault = NOTHING_HERE): void {
  async function answer(error: unknown, request: FastifyRequest, reply: FastifyReply) {
    const fault = toFault(error)
    if (fault.code >= 500)
      request.log.error({ error: fault.cause ?? fault, method: request.method, route: request.routeOptions.url }, fault.message)
    if (fault.kind === 'internalServerError') request.server.onUnexpected(fault.cause ?? fault, request)
    const { body, contentType, code = fault.code } = render(fault, request)
    reply.code(code).headers(fault.headers)
    reply.type(contentType ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'))
    return reply.send(body)
  }
  app.setErrorHandler(answer)
  app.setNotFoundHandler((request, reply) => answer(unknownAddress, request, reply))
}

/** A Fault as it is, a violated schema as badRequest, trouble below as what the client can do about it, the rest as internalServerError. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  if (isDiskFull(error)) {
    return new Fault(
      'insufficientStorage',
      'The cloud has no disk space left. Nothing was changed; try again when its administrator has made room.',
      { cause: error },
    )
  }
  if (isDatabaseUnavailable(error)) {
    return new Fault('serviceUnavailable', 'The database does not answer. Nothing was changed; try again soon.', {
      cause: error,
      headers: { 'Retry-After': '2' },
    })
  }
  if (isUnstorableText(error))
    return new Fault('badRequest', 'The request holds a text with the character NUL, which no text may hold.', { cause: error })
  if (isTooLongForIndex(error))
    return new Fault('badRequest', 'The request holds a name of more bytes than can be kept; a shorter one will do.', {
      cause: error,
    })
  if (error instanceof Error && 'validation' in error && error.validation)
    return new Fault('badRequest', violation(error as FastifyError))
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500) {
    return new Fault(faultKindOf(error.statusCode), error.message, { cause: error })
  }
  return new Fault(
    'internalServerError',
    'Something went wrong on our side. It was logged; try again, and tell the administrator if it stays.',
    { cause: error },
  )
}

/** Names the field that is wrong, as a path into what the client sent. */
function violation({ validation = [], validationContext = 'body' }: FastifyError): string {
  const first = validation[0]
  if (!first) return `The ${validationContext} is not valid.`
  const path = first.instancePath.split('/').slice(1)
  const params = first.params as { requiredProperties?: string[]; additionalProperties?: string[]; allowedValues?: unknown[] }
  const missing = params.requiredProperties?.[0]
  const extra = params.additionalProperties?.[0]
  const field = [...path, ...((missing ?? extra) ? [missing ?? extra] : [])].join('.')
  const where = field === '' ? `The ${validationContext}` : `Field '${field}' of the ${validationContext}`
  if (missing) return `${where} is missing.`
  if (extra || first.keyword === 'boolean') return `${where} is not known.`
  const allowed = params.allowedValues ? `: one of ${params.allowedValues.join(', ')}` : ''
  return `${where} ${first.message ?? 'is not valid'}${allowed}.`
}
