// Objects in a browser that is signed in, at /ui/view/{account}/{container}/{object}. Cookies say nothing here: the browser
// is led to the identity service, comes back with a code, and gets a token of some seconds that is for this path only.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { accessBehind, cookieIn, ensureOwnClient, type Identity } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { type App, type OwnAnswer, type Plugin, parseJson, requestPath } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ObjectStore } from '../../open.ts'
import { EVERYWHERE } from '../../reach.ts'
import { type Address, readAddress } from './address.ts'
import { ARCHIVE } from './archive.ts'
import { readHeaders } from './headers.ts'
import type { IdentityService } from './identity-service.ts'
import { getObject, headObject } from './object-read.ts'
import { answerFaultPages, CONTENT_HEADERS, leadToUnsafeDomain } from './pages.ts'
import { type Params, type PithosRequest, readParams } from './request.ts'

interface ViewOptions extends Record<string, unknown> {
  store: ObjectStore
  identity: Identity
  identityService: IdentityService
  methods: string[]
  /** Path of the views. */
  base: string
  publicUrl: PithosRequest['publicUrl']
}

interface Viewing extends ViewOptions {
  /** The path as the client wrote it: what the token is asked for. */
  resource: string
  address: Extract<Address, { level: 'object' }>
  /** Without what the flow adds. */
  params: Params
  /** This address, without what the flow adds. */
  here: string
}

const COOKIE = 'pithos_view'
const CLIENT = 'synnefo-pithos-view'
const FLOW_PARAMETERS = ['code', 'state', 'access_token', 'error', 'error_description']

export const viewRoutes: Plugin<ViewOptions> = async (app, options) => {
  answerFaultPages(app as App, options.identity, () => true)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(CONTENT_HEADERS)
    if (leadToUnsafeDomain(options.store, request, reply)) return reply
    if (['GET', 'HEAD'].includes(request.method)) return undefined
    throw new Fault('badMethod', `${request.method} is not possible here.`, { headers: { Allow: 'GET, HEAD' } })
  })
  app.route({ method: options.methods, url: '/*', handler: (request, reply) => view(options, request, reply) })
}

async function view(options: ViewOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const viewing = viewingOf(options, request)
  const asked = readParams(request)
  const accessToken = asked.get('access_token')
  if (accessToken !== null) {
    const userId = await whoseToken(viewing, accessToken, request)
    return userId === undefined ? reply.redirect(viewing.here) : show(viewing, userId, request, reply)
  }
  const code = asked.get('code')
  if (code !== null) {
    checkState(viewing, asked.get('state'), request)
    return reply.redirect(withParam(viewing.here, 'access_token', await tradeCode(viewing, code, request)))
  }
  if (asked.has('error')) throw refused()
  return askWhoItIs(viewing, request, reply)
}

function viewingOf(options: ViewOptions, request: FastifyRequest): Viewing {
  const { identity, base, store } = options
  const resource = requestPath(request).slice(base.length)
  const address = readAddress(resource.slice(1))
  if (address.level !== 'object') throw new Fault('itemNotFound', 'This is not the address of an object.')
  const params = readParams(request)
  // The token is for one object, not for all that lie below its name.
  for (const name of [...FLOW_PARAMETERS, ARCHIVE]) params.delete(name)
  const here = `${originOf(store, identity)}${base}${resource}${params.size > 0 ? `?${params}` : ''}`
  return { ...options, resource, address, params, here }
}

/** Where people see views: the base address, on the host that is set aside if there is one. */
function originOf({ settings }: ObjectStore, identity: Identity): string {
  const { protocol, origin } = new URL(identity.baseUrl())
  return settings.PITHOS_UNSAFE_DOMAIN === '' ? origin : `${protocol}//${settings.PITHOS_UNSAFE_DOMAIN}`
}

const withParam = (url: string, name: string, value: string) =>
  `${url}${url.includes('?') ? '&' : '?'}${new URLSearchParams({ [name]: value })}`

async function credentialsOf({ store, identity, base }: Viewing): Promise<{ identifier: string; secret: string }> {
  const [identifier, secret = ''] = store.settings.PITHOS_OAUTH2_CLIENT_CREDENTIALS
  if (identifier !== undefined) return { identifier, secret }
  return ensureOwnClient(identity, CLIENT, `${originOf(store, identity)}${base}`)
}

/** Remembers by a cookie which browser began, so that nobody is brought here with the code of somebody else. */
async function askWhoItIs(viewing: Viewing, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { identityService, here, resource, base } = viewing
  const browser = browserOf(request) ?? randomBytes(24).toString('base64url')
  const secure = here.startsWith('https:') ? '; Secure' : ''
  reply.header('Set-Cookie', `${COOKIE}=${browser}; Path=${base}; HttpOnly; SameSite=Lax${secure}`)
  const { identifier } = await forbiddenUnless(credentialsOf(viewing))
  const until = String(Math.floor(Date.now() / 1000) + FLOW_SECONDS)
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: identifier,
    redirect_uri: here,
    state: `${until}.${stateFor(viewing, browser, until)}`,
    scope: resource,
  })
  return reply.redirect(`${await forbiddenUnless(identityService.urlOf('oauth2'))}/auth?${query}`)
}

/** Long enough to find a password. */
const FLOW_SECONDS = 3600

function browserOf(request: FastifyRequest): string | undefined {
  const value = cookieIn(request, COOKIE)
  return value !== undefined && /^[\w-]{32}$/.test(value) ? value : undefined
}

const stateFor = ({ identity, here }: Viewing, browser: string, until: string) =>
  createHmac('sha256', identity.keys.sign('states of pithos views')).update(`${browser} ${until} ${here}`).digest('base64url')

function checkState(viewing: Viewing, state: string | null, request: FastifyRequest): void {
  const [, until, mac] = /^(\d{1,12})\.([\w-]{43})$/.exec(state ?? '') ?? []
  const browser = browserOf(request)
  if (until === undefined || browser === undefined || Number(until) * 1000 < Date.now()) throw refused()
  if (!timingSafeEqual(Buffer.from(mac!), Buffer.from(stateFor(viewing, browser, until)))) throw refused()
}

function refused(cause?: unknown): Fault {
  return new Fault('forbidden', 'It could not be found out who you are. Open the address of the object again.', { cause })
}

const forbiddenUnless = <Result>(work: Promise<Result>): Promise<Result> => work.catch((cause) => Promise.reject(refused(cause)))

async function tradeCode(viewing: Viewing, code: string, { ip }: FastifyRequest): Promise<string> {
  const { identityService, here, resource } = viewing
  const { identifier, secret } = await forbiddenUnless(credentialsOf(viewing))
  const answer = await forbiddenUnless(
    identityService.ask({
      part: 'oauth2',
      method: 'POST',
      path: '/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${identifier}:${secret}`).toString('base64')}`,
      },
      body: String(new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: here, scope: resource })),
      address: ip,
    }),
  )
  const { access_token: token } = (await forbiddenUnless(jsonOf(answer))) as { access_token?: unknown }
  if (answer.status !== 200 || typeof token !== 'string') throw refused()
  return token
}

/** Whom a token for this path speaks of; undefined when it is none, or not any more. */
async function whoseToken(viewing: Viewing, token: string, { ip }: FastifyRequest): Promise<string | undefined> {
  const { store, identity, identityService, resource } = viewing
  const { ASTAKOS_AUTH_URL: elsewhere, PITHOS_SERVICE_TOKEN: serviceToken } = store.settings
  if (!/^[\x21-\x7e]{1,300}$/.test(token) || /^\.+$/.test(token)) return undefined
  if (elsewhere === '') {
    // The wire only says that a path begins as the token's does.
    const access = await accessBehind(identity.db, token)
    if (access === undefined || access === 'expired' || access.scope !== resource) return undefined
  }
  const answer = await identityService.ask({
    part: 'identity',
    method: 'GET',
    path: `/v2.0/tokens/${encodeURIComponent(token)}?${new URLSearchParams({ belongsTo: resource })}`,
    headers: serviceToken === '' ? {} : { 'x-auth-token': serviceToken },
    address: ip,
  })
  if (answer.status === 429)
    throw new Fault('tooManyRequests', 'Too many objects are viewed from here at once. Try again in a minute.')
  const body = (await jsonOf(answer).catch(() => ({}))) as { access?: { user?: { id?: unknown } } }
  const userId = body.access?.user?.id
  return answer.status === 200 && typeof userId === 'string' ? userId : undefined
}

async function jsonOf({ body }: OwnAnswer): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(Buffer.from(chunk))
  return parseJson(Buffer.concat(chunks).toString('utf8'))
}

function show(viewing: Viewing, userId: string, raw: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { store, publicUrl, address, params } = viewing
  const request: PithosRequest<'object'> = {
    store,
    userId,
    reach: EVERYWHERE,
    possessor: { account: userId, sends: userId, within: undefined },
    fromPage: false,
    publicUrl,
    address,
    params,
    headers: readHeaders(raw.headers),
    contentType: undefined,
    raw,
  }
  return (raw.method === 'HEAD' ? headObject : getObject)(request, reply)
}
