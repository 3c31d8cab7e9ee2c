// The original dialect of the object store. One route, because names may hold anything that a path can: the address is
// read from the path as it was sent, and the method is looked up in the table of its level.
import { callers, type Identity } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { type App, answerFaults, type Plugin, requestPath } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ObjectStore } from '../../open.ts'
import { headAccount, listContainers, postAccount } from './accounts.ts'
import { type Address, METHODS, readAddress } from './address.ts'
import { bulkDeleteRoute } from './bulk-delete.ts'
import { listContainer } from './container-list.ts'
import { deleteContainerRoute, headContainer, postContainer, putContainerRoute } from './containers.ts'
import { renderPithosFault } from './faults.ts'
import { openIdentityService } from './identity-service.ts'
import { postObject } from './object-post.ts'
import { getObject, headObject } from './object-read.ts'
import { copyObjectRoute, deleteObjectRoute, moveObjectRoute, putObject } from './object-write.ts'
import { proxyRoutes } from './proxies.ts'
import { publicRoutes } from './public.ts'
import { checkReach } from './reach.ts'
import { type Handler, type PithosRequest, pithosRequest, readParams } from './request.ts'
import { introduceClient, listAccounts } from './top.ts'
import { viewRoutes } from './view.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Content-Type as the client stated it: the type of an object is any text, and may be empty. */
    statedType: string | undefined
  }
}

const HANDLERS: { [Level in Address['level']]: Record<string, Handler<Level>> } = {
  top: { GET: listAccounts },
  account: { HEAD: headAccount, GET: listContainers, POST: postAccount, DELETE: bulkDeleteRoute },
  container: {
    HEAD: headContainer,
    GET: listContainer,
    PUT: putContainerRoute,
    POST: postContainer,
    DELETE: deleteContainerRoute,
  },
  object: {
    HEAD: headObject,
    GET: getObject,
    PUT: putObject,
    POST: postObject,
    DELETE: deleteObjectRoute,
    COPY: copyObjectRoute,
    MOVE: moveObjectRoute,
  },
}

export interface PithosOptions extends Record<string, unknown> {
  store: ObjectStore
  identity: Identity
}

/** Registered with the prefix of the component, such as /pithos. */
export const pithosRoutes: Plugin<PithosOptions> = async (app, { store, identity }) => {
  answerFaults(app, renderPithosFault)
  app.decorateRequest('statedType')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null)) // handlers read the body, once they have decided to
  app.addHook('onRequest', async (request, reply) => {
    takeContentType(request)
    reply.headers({ 'Cache-Control': 'max-age=0, no-cache, no-store, must-revalidate', Vary: 'X-Auth-Token' })
  })
  app.addHook('onSend', async (_request, reply) => {
    const now = new Date().toUTCString()
    reply.header('Expires', now)
    if (!reply.hasHeader('Last-Modified')) reply.header('Last-Modified', now)
  })
  const publicUrl = (id: string) => `${identity.baseUrl()}${app.prefix}/public/${id}`
  const methods = (app as unknown as App).supportedMethods.filter((method) => method !== 'OPTIONS' && method !== 'TRACE')
  await app.register(publicRoutes, { prefix: '/public', store, identity, methods })
  const identityService = openIdentityService(app, identity, store)
  await app.register(proxyRoutes, { store, identity, identityService, methods, base: app.prefix })
  const views = { store, identity, identityService, methods, base: `${app.prefix}/ui/view`, publicUrl }
  await app.register(viewRoutes, { prefix: '/ui/view', ...views })
  for (const url of ['/object-store', '/object-store/*']) app.route({ method: methods, url, handler: noEndpoint })
  await app.register(async (service) => {
    service.addHook('onRequest', async (request, reply) => {
      takeTokenOfQuery(request)
      const address = addressOf(request)
      if (!METHODS[address.level].includes(request.method) && !deletesInBulk(request, address))
        throw wrongMethod(request, address)
      const introduces = address.level === 'top' && request.headers['x-auth-token'] === undefined
      if (introduces) await introduceClient(request, reply, `${identity.baseUrl()}${requestPath(request).replace(/\/$/, '')}`)
    })
    await service.register(callers, { identity, service: 'object-store' })
    const route = {
      method: methods,
      config: { streams: true },
      handler: (request: FastifyRequest, reply: FastifyReply) => answer(store, request, reply, publicUrl),
    }
    for (const version of ['v1', 'v1.0']) service.route({ ...route, url: `/object-store/${version}/*` })
  })
}

async function answer(
  store: ObjectStore,
  raw: FastifyRequest,
  reply: FastifyReply,
  publicUrl: PithosRequest['publicUrl'],
): Promise<FastifyReply> {
  const address = addressOf(raw)
  const handler = HANDLERS[address.level][raw.method] as Handler<typeof address.level>
  const request = pithosRequest(store, raw, address, publicUrl)
  checkReach(request)
  return handler(request, reply)
}

function addressOf(request: FastifyRequest): Address {
  return readAddress(requestPath(request).replace(/^.*?\/object-store\/v1(\.0)?\//, ''))
}

/** Accounts are not deleted; what the body of such a request names is. */
function deletesInBulk(request: FastifyRequest, { level }: Address): boolean {
  return level === 'account' && request.method === 'DELETE' && readParams(request).has('bulk-delete')
}

function wrongMethod({ method }: FastifyRequest, { level }: Address): Fault {
  const allowed = METHODS[level].join(',')
  return new Fault('badMethod', `${method} is not possible here.`, { headers: { Allow: allowed } })
}

async function noEndpoint(): Promise<never> {
  throw new Fault('badRequest', 'The endpoint is not found: addresses of the object store begin with object-store/v1/.')
}

/** A token in the address is meant, whatever the header says: links carry theirs into browsers that send another. */
function takeTokenOfQuery(request: FastifyRequest): void {
  if (!request.raw.url?.includes('X-Auth-Token')) return
  const token = readParams(request).get('X-Auth-Token')
  if (token !== null) request.headers['x-auth-token'] = token
}

/** Fastify would refuse types that it cannot parse before anybody looks; here the type says nothing about how to read the body. */
function takeContentType(request: FastifyRequest): void {
  request.statedType = request.raw.headers['content-type']
  delete request.raw.headers['content-type']
}
