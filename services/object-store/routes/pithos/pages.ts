// For people who open an address of the object store in a browser: what goes wrong is told on a page, and what users made
// is served by the one host that is set aside for it.
import { answerPage, html, type Identity } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { type App, toFault } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ObjectStore } from '../../open.ts'

/** A browser asks for a page to look at, not a program for data or a page for its picture. */
export function wantsPage({ headers }: FastifyRequest): boolean {
  return /\btext\/html\b/.test(headers.accept ?? '')
}

const TITLES: Record<number, string> = {
  403: 'This is not for you',
  404: 'There is nothing here',
  429: 'Too many attempts',
}

/** Faults as pages where `isAskedFor` says so, and as everywhere else otherwise. */
export function answerFaultPages(app: App, identity: Identity, isAskedFor: (request: FastifyRequest) => boolean): void {
  app.setErrorHandler(async (error, request, reply) => {
    const fault = toFault(error)
    if (fault.code >= 500 || !isAskedFor(request)) throw error
    reply.headers(fault.headers)
    const title = TITLES[fault.code] ?? 'This did not work'
    return answerPage(identity, reply, { title, code: fault.code, body: html`<p>${fault.message}</p>` })
  })
}

/** What users made must not act in the name of who looks at it, nor tell others where it was found. */
export const CONTENT_HEADERS = {
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

/** Leads requests on other hosts to the one that is set aside for what users made. Answers whether it did. */
export function leadToUnsafeDomain({ settings }: ObjectStore, request: FastifyRequest, reply: FastifyReply): boolean {
  const domain = settings.PITHOS_UNSAFE_DOMAIN.toLowerCase()
  if (domain === '' || [request.host, request.hostname].some((host) => host?.toLowerCase() === domain)) return false
  if (!['GET', 'HEAD'].includes(request.method)) throw new Fault('forbidden', 'What users made is served on another host.')
  void reply.redirect(`${request.protocol}://${domain}${request.raw.url}`)
  return true
}
