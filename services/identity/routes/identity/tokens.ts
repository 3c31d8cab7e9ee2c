// Keystone v2.0 tokens: the catalogue for everybody, and who is behind a token.
import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { shownToken } from '../../callers.ts'
import type { Identity } from '../../identity.ts'
import { accessBehind } from '../../oauth2/grants.ts'
import type { CatalogEntry } from '../../registry/catalog.ts'
import { authenticateComponent } from '../../registry/component-tokens.ts'
import { groupsOf } from '../../store/groups.ts'
import { tenantsOf } from '../../store/projects.ts'
import { findUser } from '../../store/users.ts'
import { countAgainst } from '../../throttle.ts'
import type { Principal } from '../../tokens/authenticate.ts'
import { readStoredScopes } from '../../tokens/scopes.ts'
import {
  asDict,
  type Dict,
  isDict,
  isoDate,
  JSON_TYPE,
  jsonBody,
  type Serve,
  wantsXml,
  XML_NAMESPACE,
  XML_TYPE,
} from '../dialect.ts'
import { originOf } from '../ui/person.ts'
import { person } from '../who-asks.ts'
import { element, writeXml } from '../xml.ts'

export function tokenRoutes(serve: Serve, identity: Identity): void {
  const caller = person(identity)
  serve('/v2.0/tokens', {
    POST: async (request, reply) => {
      const serviceCatalog = await identity.catalog.list()
      // Without a body nobody is authenticated: only the catalogue is asked for.
      if (!Number(request.headers['content-length'] ?? 0)) return answer(request, reply, { serviceCatalog })
      const { token, principal, tenant } = await authenticated(identity, asDict(jsonBody(request)))
      return answer(request, reply, {
        ...describe(token, principal, tenant),
        serviceCatalog: reachedBy(principal, serviceCatalog),
      })
    },
  })
  serve('/v2.0/tokens/:token', {
    GET: async (request) => ({ access: await validated(identity, request) }),
  })
  serve(
    '/v2.0/tokens/:token/endpoints',
    {
      GET: async (request) => {
        const { token } = request.params as { token: string }
        const subject = await identity.authenticator.authenticate(token).catch(() => undefined)
        if (subject?.uuid !== caller.of(request).uuid) throw new Fault('itemNotFound', 'No such token')
        const endpoints = (await identity.catalog.list()).flatMap(({ name, type, endpoints }) =>
          endpoints.map((endpoint) => ({ id: `${name}-${endpoint['versionId']}`, name, type, ...endpoint })),
        )
        return { endpoints, endpoints_links: [] }
      },
    },
    caller,
  )
  serve(
    '/v2.0/tenants',
    {
      GET: async (request) => {
        const tenants = await tenantsOf(identity.db, caller.of(request).id)
        return { tenants: tenants.map((tenant) => ({ ...tenant, enabled: true })), tenants_links: [] }
      },
    },
    caller,
  )
}

/** Whom an access token of an OAuth 2.0 client speaks of, when it was asked for what it is asked about now. */
async function validated(identity: Identity, request: FastifyRequest) {
  await limitValidations(identity, request)
  const { token } = request.params as { token: string }
  const { belongsTo } = request.query as Dict
  const access = await accessBehind(identity.db, token)
  if (access === undefined) throw new Fault('itemNotFound', 'No such token')
  if (access === 'expired') throw new Fault('itemNotFound', 'Token has expired')
  if (belongsTo !== undefined && !String(belongsTo).startsWith(access.scope))
    throw new Fault('itemNotFound', "The specified tenant is outside the token's scope")
  const user = (await findUser(identity.db, access.userId))!
  const groups = await groupsOf(identity.db, access.userId)
  const name = `${user.firstName} ${user.lastName}`
  return {
    token: { id: token, expires: isoDate(access.expiresAt), tenant: { id: user.defaultProject ?? user.uuid, name } },
    user: { id: user.uuid, name, roles: groups.map((group) => ({ id: String(group.id), name: group.name })), roles_links: [] },
  }
}

/** Anybody may ask, as the original let them; who shows no service token is slowed. */
async function limitValidations(identity: Identity, request: FastifyRequest): Promise<void> {
  const known = await authenticateComponent(identity, shownToken(request)).catch(() => undefined)
  if (known) return
  const atMost = identity.settings.OAUTH2_VALIDATIONS_PER_MINUTE
  await countAgainst(identity.db, [
    { key: ['oauth2 validation from', originOf(request).address], atMost, windowSeconds: 60, isRate: true },
  ])
}

interface Authenticated {
  token: string
  principal: Principal
  /** uuid of the project that the answer names. */
  tenant: string
}

async function authenticated({ authenticator }: Identity, body: Dict): Promise<Authenticated> {
  const auth = body['auth']
  const { token, username } = credentials(isDict(auth) ? auth : {})
  const principal = await authenticator.authenticate(token || ' ').catch((error: unknown) => {
    const unknown = error instanceof Fault && error.message === 'Invalid X-Auth-Token'
    throw unknown ? new Fault('unauthorized', 'Invalid token') : error
  })
  if (username !== undefined && username !== principal.uuid) throw new Fault('unauthorized', 'Invalid credentials')
  // A session's token is for the services behind the gateway, not to be traded for another answer.
  if (principal.tokenId === null) throw new Fault('unauthorized', 'Invalid token')
  return { token, principal, tenant: tenantFor(principal, auth as Dict) }
}

/** The token, and whom it must belong to when it came as a password. */
function credentials(auth: Dict): { token: string; username?: string } {
  const { token, passwordCredentials } = auth
  if (isDict(token) && 'id' in token) return { token: checkToken(token['id']) }
  if (isDict(passwordCredentials) && 'password' in passwordCredentials && typeof passwordCredentials['username'] === 'string') {
    return { token: checkToken(passwordCredentials['password']), username: passwordCredentials['username'] }
  }
  throw new Fault('badRequest', 'Malformed request: missing credentials')
}

function checkToken(token: unknown): string {
  if (typeof token !== 'string') throw new Fault('badRequest', 'Malformed request: missing token')
  return token
}

function tenantFor({ uuid, defaultProject, projects }: Principal, { tenantName, tenantId }: Dict): string {
  const wanted = tenantName || tenantId
  if (!wanted || wanted === uuid) return defaultProject
  if (typeof wanted === 'string' && projects.includes(wanted)) return wanted
  // An id that names nothing was never looked at; a name always was.
  if (!tenantName) return defaultProject
  throw new Fault('badRequest', 'Not conforming tenantName')
}

/** Of the catalogue, what the token's scopes are for; identity itself is where it may ask. */
function reachedBy({ scopes: texts }: Principal, catalog: readonly CatalogEntry[]): CatalogEntry[] {
  const scopes = readStoredScopes(texts)
  const reached = (type: string) =>
    type === 'identity' || scopes?.some(({ service }) => service === 'all' || service === type) !== false
  return catalog.filter(({ type }) => reached(type))
}

/** Clients check that exactly these keys are there. A token with scopes does not speak for staff, to whomever it is shown. */
function describe(token: string, principal: Principal, tenant: string) {
  const name = `${principal.firstName} ${principal.lastName}`
  return {
    token: { id: token, expires: principal.expiresAt ? isoDate(principal.expiresAt) : FAR, tenant: { id: tenant, name } },
    user: {
      id: principal.uuid,
      name,
      roles: principal.groups
        .filter(({ name }) => principal.scopes === null || name === EVERYBODY)
        .map((group) => ({ id: String(group.id), name: group.name })),
      roles_links: [],
      projects: principal.projects,
    },
  }
}

/** The group of all accounts. */
const EVERYBODY = 'default'

/** Clients parse a date; a token without an end has this one. */
const FAR = '9999-12-31T23:59:59+00:00'

interface Access extends Partial<ReturnType<typeof describe>> {
  serviceCatalog: CatalogEntry[]
}

async function answer(request: FastifyRequest, reply: FastifyReply, access: Access) {
  if (!wantsXml(request)) return accessJson(reply, access)
  reply.type(XML_TYPE)
  return writeXml(accessXml(access))
}

/** The catalogue is most of the answer and the same in all: it is written once, for as long as it is remembered. */
const written = new WeakMap<readonly CatalogEntry[], string>()

function accessJson(reply: FastifyReply, { serviceCatalog, ...about }: Access): string {
  let catalog = written.get(serviceCatalog)
  if (catalog === undefined) {
    catalog = `"serviceCatalog":${JSON.stringify(serviceCatalog)}}}`
    written.set(serviceCatalog, catalog)
  }
  reply.type(JSON_TYPE)
  const opening = JSON.stringify(about).slice(0, -1)
  return `{"access":${opening === '{' ? opening : `${opening},`}${catalog}`
}

function accessXml({ token, user, serviceCatalog }: Access) {
  const services = serviceCatalog.map(({ name, type, endpoints }) =>
    element(
      'service',
      { type, name },
      endpoints.map((endpoint) => element('endpoint', endpoint)),
    ),
  )
  return element('access', { xmlns: XML_NAMESPACE, 'xmlns:SNF': 'http://www.synnefo.org/' }, [
    ...(token ? [element('token', { id: token.id, expires: token.expires }, [element('tenant', token.tenant)])] : []),
    ...(user
      ? [
          element('user', { id: user.id, name: user.name }, [
            element(
              'roles',
              {},
              user.roles.map((role) => element('role', role)),
            ),
          ]),
        ]
      : []),
    element('serviceCatalog', {}, services),
  ])
}
