// What web and desktop clients ask the identity and account services through the object store, and addresses that only
// lead on.
import type { Identity } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { continueBody, type Plugin, requestPath } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ObjectStore } from '../../open.ts'
import type { IdentityService } from './identity-service.ts'

interface ProxyOptions extends Record<string, unknown> {
  store: ObjectStore
  identity: Identity
  identityService: IdentityService
  methods: string[]
  /** Of the component, such as /pithos. */
  base: string
}

/** Between two peers only, or about who asks here. */
const NOT_PASSED_ON = [
  'host',
  'cookie',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'x-forwarded-host',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-protocol',
  'x-client-ip',
]
const NOT_PASSED_BACK = ['connection', 'keep-alive', 'transfer-encoding', 'set-cookie', 'trailer', 'upgrade']

export const proxyRoutes: Plugin<ProxyOptions> = async (app, { store, identityService, methods, base }) => {
  const prefix = `/${store.settings.PITHOS_PROXY_PREFIX}`
  for (const part of ['identity', 'account'] as const) {
    for (const url of [`${prefix}/${part}`, `${prefix}/${part}/*`]) {
      app.route({
        method: methods,
        url,
        config: { streams: true },
        handler: (request, reply) => passOn(identityService, part, below(request, `${base}${prefix}/${part}`), request, reply),
      })
    }
  }
  for (const url of [`${prefix}/ui`, `${prefix}/ui/*`]) {
    app.get(url, async (request, reply) =>
      reply.redirect(`${await identityService.urlOf('ui')}${below(request, `${base}${prefix}/ui`)}`),
    )
  }
  for (const url of ['/ui', '/public']) {
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: async (request, reply) => reply.redirect(`${base}${url}/${below(request, base + url)}`),
    })
  }
}

/** What follows a path in the request's address, with the query. No part of it leads upwards. */
function below(request: FastifyRequest, path: string): string {
  const rest = requestPath(request).slice(path.length)
  const upwards = rest.split(/\/|%2f/i).some((part) => /^(\.|%2e){1,2}$/i.test(part))
  if (upwards || /\\|%5c/i.test(rest)) throw new Fault('itemNotFound', 'Nothing is at this address.')
  return rest + (request.raw.url ?? '').slice(requestPath(request).length)
}

async function passOn(
  identityService: IdentityService,
  part: 'identity' | 'account',
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { method, raw, statedType, ip: address } = request
  continueBody(request, reply)
  const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined
  const headers = Object.fromEntries(Object.entries(raw.headers).filter(([name]) => !NOT_PASSED_ON.includes(name)))
  const answer = await identityService.ask({
    part,
    method,
    path,
    headers: { ...headers, 'content-type': statedType },
    body: hasBody ? raw : undefined,
    address,
  })
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined && !NOT_PASSED_BACK.includes(name)) reply.header(name, value)
  return reply.code(answer.status).send(answer.body)
}
