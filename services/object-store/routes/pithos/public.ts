// Public links: GET and HEAD /public/{id}, for anybody. Only the data of the current version, and what a browser needs to
// show it. A link with a password asks for it by HTTP Basic (any name), by X-Object-Public-Password, or on a page.
import { answerPage, html, type Identity } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { type App, type Plugin, requestPath } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type LinkPasswords, openLinkPasswords } from '../../link-passwords.ts'
import type { ObjectStore } from '../../open.ts'
import { EVERYWHERE } from '../../reach.ts'
import { findLink, type LinkRow, takeDownload } from '../../store/links.ts'
import { readHeaders } from './headers.ts'
import { getObject, headObject } from './object-read.ts'
import { answerFaultPages, CONTENT_HEADERS, leadToUnsafeDomain, wantsPage } from './pages.ts'
import { bodyOf, type PithosRequest, readParams } from './request.ts'

interface PublicOptions extends Record<string, unknown> {
  store: ObjectStore
  identity: Identity
  methods: string[]
}

export const publicRoutes: Plugin<PublicOptions> = async (app, { store, identity, methods }) => {
  const passwords = openLinkPasswords(identity)
  answerFaultPages(app as App, identity, wantsPage)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(CONTENT_HEADERS)
    if (leadToUnsafeDomain(store, request, reply)) return reply
    const allowed = request.routeOptions.config.allowed ?? ['HEAD', 'GET']
    if (!allowed.includes(request.method)) {
      const headers = { Allow: allowed.join(',') }
      throw new Fault('badMethod', `${request.method} is not possible here.`, { headers })
    }
    return undefined
  })
  app.route({ method: methods, url: '/', prefixTrailingSlash: 'slash', handler: async () => Promise.reject(nothingHere()) })
  for (const url of ['/:id', '/:id/']) {
    const handler = (request: FastifyRequest, reply: FastifyReply) => answer({ store, identity, passwords }, request, reply)
    app.route({ method: methods, url, config: { streams: true }, handler })
  }
  app.route({
    method: methods,
    url: '/:id/password',
    config: { streams: true, allowed: ['POST'] },
    handler: (request, reply) => takePassword({ store, identity, passwords }, request, reply),
  })
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Methods of an address that answers others with 405; HEAD and GET unless it says. */
    allowed?: readonly string[]
  }
}

interface Served {
  store: ObjectStore
  identity: Identity
  passwords: LinkPasswords
}

/** Unknown, ended, used up or dropped: nobody learns which. */
const nothingHere = () => new Fault('itemNotFound', 'There is no such link, or it has ended.')

async function linkOf(store: ObjectStore, request: FastifyRequest): Promise<LinkRow> {
  const { id } = request.params as { id: string }
  const link = /^[\x21-\x7e]{1,300}$/.test(id) ? await findLink(store.db, id) : undefined
  if (!link || link.foreignManifest) throw nothingHere()
  return link
}

async function answer(served: Served, raw: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { store } = served
  const link = await linkOf(store, raw)
  const request = ownersRequest(store, raw, link)
  if (link.passwordHash !== null && !(await mayPass(served, link as Protected, request))) return askPassword(served, raw, reply)
  try {
    return await (raw.method === 'HEAD' ? headObject : getObject)(request, reply)
  } catch (error) {
    throw error instanceof Fault && error.kind === 'itemNotFound' ? nothingHere() : error // without names of what is not there
  }
}

/** The object, as its owner would ask for its data alone. */
function ownersRequest(
  store: ObjectStore,
  raw: FastifyRequest,
  { id, account, container, name }: LinkRow,
): PithosRequest<'object'> {
  const params = readParams(raw)
  for (const key of [...params.keys()]) if (key !== 'disposition-type') params.delete(key)
  return {
    store,
    userId: account,
    reach: EVERYWHERE,
    possessor: { account, sends: account, within: undefined },
    fromPage: false,
    dataOnly: true,
    beforeData: async (fromFirstByte) => {
      if (raw.method === 'GET' && !(await takeDownload(store.db, id, fromFirstByte))) throw nothingHere()
    },
    publicUrl: () => '',
    address: { level: 'object', account, container, name },
    params,
    headers: readHeaders(raw.headers),
    contentType: undefined,
    raw,
  }
}

type Protected = LinkRow & { passwordHash: string }

async function mayPass({ passwords }: Served, link: Protected, { raw, headers }: PithosRequest<'object'>): Promise<boolean> {
  const ticket = readParams(raw).get('ticket')
  if (ticket !== null && passwords.isTicket(link, ticket)) return true
  const password = headers.get('x-object-public-password') ?? basicPassword(raw)
  return password !== undefined && (await passwords.isRight(link, password, raw.ip))
}

function basicPassword({ headers }: FastifyRequest): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  return text.slice(text.indexOf(':') + 1)
}

/** Browsers get a page, programs the challenge that they know. A scheme that browsers do not know lets them show the page. */
function askPassword({ identity }: Served, request: FastifyRequest, reply: FastifyReply, wrong = false): FastifyReply {
  if (!wantsPage(request)) {
    const headers = { 'WWW-Authenticate': 'Basic realm="public link", charset="UTF-8"' }
    throw new Fault('unauthorized', 'This link asks for a password.', { headers })
  }
  const { id } = request.params as { id: string }
  const form = requestPath(request).replace(/\/public\/.*$/, `/public/${encodeURIComponent(id)}/password`)
  const params = readParams(request)
  params.delete('ticket')
  reply.header('WWW-Authenticate', 'Page realm="public link"')
  return answerPage(identity, reply, {
    title: 'This link asks for a password',
    code: 401,
    body: html`${wrong ? html`<p role="alert">That is not the password.</p>` : undefined}
<form method="post" action="${form}${params.size > 0 ? `?${params}` : ''}">
<label for="password">Password</label>
<input type="password" id="password" name="password" required autofocus autocomplete="off">
<div class="acts"><button class="main">Open</button></div>
</form>`,
  })
}

const LONGEST_FORM = 8192

/** POST /public/{id}/password: the form of the page. */
async function takePassword(served: Served, raw: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { store, passwords } = served
  const link = await linkOf(store, raw)
  let form = ''
  for await (const chunk of bodyOf({ raw, store }, reply)) {
    form += chunk.toString('latin1')
    if (form.length > LONGEST_FORM) throw new Fault('badRequest', 'The form is too long.')
  }
  const password = new URLSearchParams(form).get('password') ?? ''
  const params = readParams(raw)
  params.delete('ticket')
  if (link.passwordHash !== null) {
    if (!(await passwords.isRight(link as Protected, password, raw.ip))) return askPassword(served, raw, reply, true)
    params.set('ticket', passwords.ticket(link as Protected))
  }
  return reply.redirect(`${requestPath(raw).replace(/\/password$/, '')}${params.size > 0 ? `?${params}` : ''}`, 303)
}
