// What the identity and account APIs share (identity-api.md §2): how faults look, which answers unknown addresses and
// wrong methods get, that nothing is cached, and how bodies are read.
import { Fault } from '@synnefo/lib/fault'
import { type App, answerFaults, type Plugin, parseJson } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { element, writeXml } from './xml.ts'

/** Our kinds whose name on this wire differs. */
const NAMES: Partial<Record<Fault['kind'], string>> = {
  badMethod: 'notAllowed',
  unsupportedMediaType: 'badMediaType',
  entityTooLarge: 'requestEntityTooLarge',
}

const UNKNOWN_ENDPOINT = new Fault('badRequest', 'API endpoint not found')

export const JSON_TYPE = 'application/json; charset=UTF-8'
export const XML_TYPE = 'application/xml; charset=UTF-8'
export const XML_NAMESPACE = 'http://docs.openstack.org/identity/api/v2.0'

export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Declares everything that an address answers, and to whom; other methods are told so. */
export type Serve = (path: string, methods: Partial<Record<Method, Handler>>, who?: Pick<WhoAsks<unknown>, 'authorise'>) => void

/** Who asks: found before the body is read, and known to the handler. */
export interface WhoAsks<Who> {
  authorise(request: FastifyRequest): Promise<void>
  of(request: FastifyRequest): Who
}

export function whoAsks<Who>(find: (request: FastifyRequest) => Promise<Who>): WhoAsks<Who> {
  const found = new WeakMap<FastifyRequest, Who>()
  return {
    authorise: async (request) => void found.set(request, await find(request)),
    of: (request) => found.get(request) as Who,
  }
}

/** Wraps the routes of one API. */
export function identityDialect<Options extends Record<string, unknown>>(
  declareRoutes: (serve: Serve, options: Options) => void,
): Plugin<Options> {
  return async (app, options) => {
    answerFaults(app, renderFault, UNKNOWN_ENDPOINT)
    // Any type and none: what a body must be differs by call, and its refusal is worded there.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    app.addHook('onSend', async (_request, reply) => {
      const now = new Date().toUTCString()
      reply.headers({ Vary: 'X-Auth-Token', Expires: now, 'Last-Modified': now })
      reply.header('Cache-Control', 'no-cache, no-store, must-revalidate, max-age=0')
    })
    declareRoutes((path, methods, who) => serve(app, path, methods, who), options)
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Each address is also there with a slash at its end, and with the suffix that names the form of the answer. */
const SUFFIXES = ['', '/', '.json', '.xml']
/** Fastify has the root of a prefix with and without the slash. */
const ROOT_SUFFIXES = ['/', '/.json', '/.xml']

function serve(app: App, path: string, methods: Parameters<Serve>[1], who?: Parameters<Serve>[2]): void {
  const allow = Object.keys(methods).join(',')
  const refuse = async () => {
    throw new Fault('badMethod', 'Method not allowed', { headers: { Allow: allow } })
  }
  const others = METHODS.filter((method) => !(method in methods))
  // A parameter at the end takes the suffix in; it is cut off before anybody looks.
  const ends = /:[a-z]+$/.test(path) ? ['', '/'] : path === '' ? ROOT_SUFFIXES : SUFFIXES
  for (const end of ends) {
    const url = `${path}${end}`
    for (const [method, handler] of Object.entries(methods)) {
      app.route({
        method: method as Method,
        url,
        ...(who ? { onRequest: who.authorise } : {}),
        handler: async (request, reply) => {
          cutSuffix(request.params as Record<string, string>, path)
          const answer = await handler(request, reply)
          return reply.sent || answer === undefined ? reply.send() : answerJson(reply, answer)
        },
      })
    }
    app.route({ method: others, url, onRequest: refuse, handler: refuse })
  }
}

function cutSuffix(params: Record<string, string>, path: string): void {
  const last = /:([a-z]+)$/.exec(path)?.[1]
  if (last && params[last]) params[last] = params[last].replace(/\.(json|xml)$/, '')
}

function answerJson(reply: FastifyReply, answer: unknown): FastifyReply {
  if (typeof answer === 'string') return reply.send(answer)
  return reply.type(JSON_TYPE).send(answer)
}

/** Which form of answer is asked for: in the query, by suffix, or by Accept. */
export function wantsXml({ query, url, headers }: FastifyRequest): boolean {
  const format = (query as Record<string, unknown>)['format']
  if (format === 'xml' || format === 'json') return format === 'xml'
  const suffix = /\.(json|xml)\/?(?:\?|$)/.exec(url)?.[1]
  if (suffix) return suffix === 'xml'
  return /application\/(json|xml)/.exec(headers.accept ?? '')?.[1] === 'xml'
}

function renderFault(error: Fault, request: FastifyRequest) {
  const fault = error.kind === 'unsupportedMediaType' ? unsupportedType(request) : error
  const { kind, code, details, data } = fault
  const name = NAMES[kind] ?? kind
  const message = kind === 'internalServerError' ? 'Unexpected error' : fault.message
  if (wantsXml(request)) {
    const children = [element('message', {}, [message]), element('details', {}, [details])]
    return { body: writeXml(element(name, { xmlns: XML_NAMESPACE, code }, children)), contentType: XML_TYPE, code }
  }
  return { body: { [name]: { code, message, ...(data ? { data } : { details: '' }) } }, contentType: JSON_TYPE, code }
}

/** A type that is not even a type is refused before we are asked; here too it is 400. */
const unsupportedType = ({ headers }: FastifyRequest) =>
  new Fault('badRequest', `Unsupported Content-type: '${headers['content-type']}'`)

/** The JSON body of a request that must be one. */
export function jsonBody(request: FastifyRequest): unknown {
  const type = request.headers['content-type']
  if (type === undefined) throw new Fault('badRequest', 'Missing Content-Type header field')
  if (!type.startsWith('application/json')) throw unsupportedType(request)
  return anyJsonBody(request, 'Could not decode request body as JSON')
}

/** The body as JSON, whatever its type says it is. */
export function anyJsonBody({ body }: FastifyRequest, refusal: string): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode((body as Buffer | undefined) ?? Buffer.alloc(0))
  } catch (error) {
    throw new Fault('badRequest', 'Could not decode request as UTF-8 string', { cause: error })
  }
  try {
    return parseJson(text)
  } catch (error) {
    throw new Fault('badRequest', refusal, { cause: error })
  }
}

export type Dict = Record<string, unknown>

export const isDict = (value: unknown): value is Dict => typeof value === 'object' && value !== null && !Array.isArray(value)

export function asDict(value: unknown): Dict {
  if (!isDict(value)) throw new Fault('badRequest', 'Request should be a JSON dict')
  return value
}

/** An integer of any size, as the ledger counts; undefined for anything else, booleans and fractions included. */
export function asInteger(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined
}

/** The values of a query parameter such as `user=<uuid>,<uuid>`; undefined when it is not given. */
export function listParameter({ query }: FastifyRequest, name: string): string[] | undefined {
  const value = (query as Dict)[name]
  return typeof value === 'string' && value !== '' ? value.split(',') : undefined
}

/** UTC with an explicit offset, and microseconds only when there are any. */
export function isoDate(date: Date): string {
  const [seconds, fraction] = date.toISOString().slice(0, -1).split('.')
  return `${seconds}${fraction === '000' ? '' : `.${fraction}000`}+00:00`
}
