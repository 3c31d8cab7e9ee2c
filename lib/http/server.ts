// One Fastify with the defaults that every dialect needs. Each differs from Fastify's own for a reason.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { Fault } from '../fault/index.ts'
import { parseJson, writeJson } from '../json/index.ts'
import type { Log } from '../log/index.ts'
import { answerBrokenRequest } from './broken-requests.ts'
import { answerFaults } from './faults.ts'
import { inOrder } from './in-order.ts'

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** A plugin whose routes have types from their TypeBox schemas. */
export type Plugin<Options extends Record<string, unknown> = Record<never, never>> = FastifyPluginAsync<
  Options,
  RawServerDefault,
  TypeBoxTypeProvider
>

const MEBIBYTE = 1024 * 1024

export interface HttpOptions {
  log: Log
  /** Bytes of a request body that is read as a whole; streams have limits of their own. */
  bodyLimitBytes?: number
  /** Believe X-Forwarded-* of a proxy on these addresses. */
  trustProxy?: boolean | string | string[]
  /** Told of errors that nobody expected, besides the log. */
  onUnexpected?: OnUnexpected
  /** Other spellings of an address that lead to the same route: answers the one that is declared. Queries are left alone. */
  spelling?: (path: string) => string
}

type OnUnexpected = (error: unknown, request: FastifyRequest) => void

export function openHttp(options: HttpOptions): App {
  const { log, bodyLimitBytes = MEBIBYTE, trustProxy = false, onUnexpected = () => {}, spelling } = options
  const app: App = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }), // URLs of users are not for the log; what failed is logged where it fails
    childLoggerFactory: (logger) => logger, // one of its own costs each request as much as its routing
    bodyLimit: bodyLimitBytes,
    trustProxy,
    ...(spelling ? { rewriteUrl: ({ url = '/' }: { url?: string }) => respell(url, spelling) } : {}),
    // A path without a HEAD of its own must answer 405, as the dialects say.
    exposeHeadRoutes: false,
    routerOptions: {
      maxParamLength: 4096, // object names hold 1024 characters, each of up to three escapes
      ignoreTrailingSlash: false,
    },
    // An address that is no address: there is no route, so no dialect, that could answer.
    frameworkErrors: (_error, _request, reply) => {
      const { kind, code, message, details } = new Fault('badRequest', 'The address holds an escape that is no UTF-8.')
      void (reply as FastifyReply).code(code).send({ [kind]: { code, message, details } })
    },
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, log),
    // Streams that still run when we stop get their time to finish (closeHttp), then are cut.
    forceCloseConnections: false,
    requestTimeout: 0, // uploads take as long as they take; slow heads are cut by headersTimeout
    return503OnClosing: true,
    serverFactory: (handle) => {
      const handler = inOrder(handle)
      const server = createServer(
        { maxHeaderSize: 64 * 1024, headersTimeout: 60_000, requestTimeout: 0, keepAliveTimeout: 75_000 },
        handler,
      )
      // Continued by `continueBody` once the request is authorised; Node would do it at once.
      server.on('checkContinue', handler)
      return server
    },
  }).withTypeProvider<TypeBoxTypeProvider>()
  if (trustProxy !== false) app.addHook('onRequest', async ({ raw }) => takeOldSpellings(raw.headers))
  const routes: Route[] = []
  declared.set(app, routes)
  app.addHook('onRoute', ({ method, url }) => void routes.push(...[method].flat().map((each) => ({ method: each, url }))))
  // A body with a wrong value is refused, not bent into shape. Fields that a schema does not name are let through and stand
  // in the body that the handler sees; where one more would say something else, the schema has `additionalProperties: false`.
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  app.setReplySerializer((payload) => writeJson(payload))
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') return done(null, undefined) // DELETE and actions come with a JSON type and nothing in it
    try {
      done(null, parseJson(text as string))
    } catch (error) {
      done(new Fault('badRequest', `The body is not valid JSON: ${(error as Error).message}`, { cause: error }))
    }
    void request
  })
  // HTTP knows these too; COPY and MOVE are how objects are copied and moved.
  for (const method of ['COPY', 'MOVE']) app.addHttpMethod(method, { hasBody: true })
  app.decorate('onUnexpected', onUnexpected)
  answerFaults(app, ({ code, kind, message, details }) => ({ body: { [kind]: { code, message, details } } }))
  app.addHook('preParsing', async (request, reply) => {
    if (!request.routeOptions.config.streams) continueBody(request, reply)
  })
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('X-Content-Type-Options', 'nosniff')
    // A client that got its answer instead of 100 Continue may or may not send the body now: only a new connection is safe.
    // And one that is kept would hold up a server that stops until its patience ends.
    if (closing || awaitsContinue(request)) reply.header('Connection', 'close')
  })
  return app
}

export interface Route {
  method: string
  /** As declared, such as /servers/:id. */
  url: string
}

const declared = new WeakMap<App, Route[]>()

/** Every route that was declared on this app: what must hold for all of them is tested by walking this list. */
export function routesOf(app: App): readonly Route[] {
  return declared.get(app) ?? []
}

declare module 'fastify' {
  interface FastifyInstance {
    onUnexpected: OnUnexpected
  }
  interface FastifyContextConfig {
    /** The handler reads the body itself and calls `continueBody` when it has decided to. */
    streams?: boolean
  }
}

/**
 * Headers of older proxies and services in their present spelling, before anybody asks: Fastify believes them of trusted
 * proxies only. The address that a service says its client has stands at the far end of the chain, so that it counts
 * only when everybody before it is trusted.
 */
function takeOldSpellings(headers: IncomingHttpHeaders): void {
  const { 'x-client-ip': client, 'x-forwarded-for': chain, 'x-forwarded-protocol': protocol } = headers
  if (typeof client === 'string' && isIP(client) !== 0)
    headers['x-forwarded-for'] = [client, ...(chain ? [chain] : [])].join(', ')
  if (typeof protocol === 'string') headers['x-forwarded-proto'] ??= protocol
}

const continued = new WeakSet<FastifyRequest>()

function awaitsContinue(request: FastifyRequest): boolean {
  return request.headers.expect?.toLowerCase() === '100-continue' && !continued.has(request)
}

/** Tells a client that asked with `Expect: 100-continue` to send the body. Called once the request is authorised. */
export function continueBody(request: FastifyRequest, reply: FastifyReply): void {
  if (!awaitsContinue(request)) return
  continued.add(request)
  reply.raw.writeContinue()
}

function respell(url: string, spelling: (path: string) => string): string {
  const end = url.search(/[?#]/)
  return end === -1 ? spelling(url) : spelling(url.slice(0, end)) + url.slice(end)
}

/** The path as the client wrote it, without the query: percent escapes are kept, so `%2F` and `//` can be told from `/`. */
export function requestPath(request: FastifyRequest): string {
  const url = request.raw.url ?? '/'
  const end = url.search(/[?#]/)
  return end === -1 ? url : url.slice(0, end)
}

/** Stops taking requests, gives those under way `graceMillis` to finish, then cuts what is left. */
export async function closeHttp(app: App, graceMillis: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMillis)
  cut.unref()
  app.server.closeIdleConnections()
  await app.close()
  clearTimeout(cut)
}
