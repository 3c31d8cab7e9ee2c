// What the compute, network, volume and image dialects of the cloud share (compute-api.md §2): how faults look, which
// answers unknown addresses and wrong methods get, that nothing is cached, and what a body must be.
import type { FastifyRequest } from 'fastify'
import { Fault } from '../fault/index.ts'
import { answerFaults } from './faults.ts'
import type { App, Plugin } from './server.ts'

/** Our kinds whose name on this wire differs. */
const NAMES: Partial<Record<Fault['kind'], string>> = {
  badMethod: 'notAllowed',
  unsupportedMediaType: 'badMediaType',
  entityTooLarge: 'requestEntityTooLarge',
  insufficientStorage: 'serviceUnavailable',
}

/** What an address that no route has is told: 400 in this dialect, not 404. */
const UNKNOWN_ENDPOINT = new Fault('badRequest', 'API endpoint not found')

/** Wraps the routes of one API. They await whatever they register, so that every address is known when they return. */
export function openstackDialect<Options extends Record<string, unknown>>(
  declareRoutes: (app: App, options: Options) => Promise<void>,
): Plugin<Options> {
  return async (app, options) => {
    answerFaults(
      app,
      ({ kind, code, message, details }) => {
        const status = kind === 'insufficientStorage' ? 503 : code
        return { body: { [NAMES[kind] ?? kind]: { code: status, message, details } }, code: status }
      },
      UNKNOWN_ENDPOINT,
    )
    app.addHook('onRequest', requireJson)
    app.addHook('onSend', async (_request, reply) => {
      if (!reply.hasHeader('cache-control')) reply.header('Cache-Control', 'no-cache, no-store, must-revalidate, max-age=0')
      reply.header('Vary', 'X-Auth-Token')
    })
    const refuseOthers = collectMethods(app)
    await declareRoutes(app, options)
    refuseOthers()
  }
}

/** A body is JSON, or the request is malformed (400, where other dialects say 415). */
async function requireJson({ headers }: FastifyRequest) {
  const length = headers['content-length']
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return
  if (!headers['content-type']?.startsWith('application/json')) {
    throw new Fault('badRequest', 'A request with a body needs the header Content-Type: application/json.')
  }
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Answers how to declare, for every address seen until then, that its other methods are 405 with `Allow`. */
export function collectMethods(app: App): () => void {
  const known = new Map<string, Set<string>>()
  let collecting = true
  app.addHook('onRoute', ({ url, method }) => {
    if (!collecting) return
    const path = url.slice(app.prefix.length)
    const methods = known.get(path) ?? new Set()
    for (const each of [method].flat()) methods.add(each)
    known.set(path, methods)
  })
  return () => {
    collecting = false
    for (const [url, methods] of known) {
      const allow = [...methods].join(',')
      const refuse = async () => {
        throw new Fault('badMethod', `This address answers ${allow} only.`, { headers: { Allow: allow } })
      }
      const others = METHODS.filter((method) => !methods.has(method))
      if (others.length > 0) app.route({ method: others, url, onRequest: refuse, handler: refuse })
    }
  }
}
