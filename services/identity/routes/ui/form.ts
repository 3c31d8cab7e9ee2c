// Forms of pages that work without scripts: how they are read, and that they come from a page of ours.
import type { App } from '@synnefo/lib/http'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { csrfTokenOf, showsCsrfToken } from '../../sessions/cookie.ts'
import { html, type Markup } from '../html.ts'
import type { SignedIn } from './person.ts'

export const FORM_TYPE = 'application/x-www-form-urlencoded'

/** Bodies of any type are taken as they are; `formOf` reads those that are forms. */
export function takeForms(app: App): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

export const isForm = ({ headers }: FastifyRequest) => headers['content-type']?.split(';')[0]?.trim().toLowerCase() === FORM_TYPE

/** The fields of a form. */
export function formOf({ body }: FastifyRequest): URLSearchParams {
  return new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '')
}

/** What follows `?`, as fields; those that come twice are kept. */
export function queryOf({ raw }: FastifyRequest): URLSearchParams {
  const url = raw.url ?? ''
  const at = url.indexOf('?')
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1))
}

const CSRF_FIELD = 'csrfmiddlewaretoken'

/** Belongs into every form that changes something. */
export const csrfField = (identity: Identity, { cookie }: SignedIn): Markup =>
  html`<input type="hidden" name="${CSRF_FIELD}" value="${csrfTokenOf(identity, cookie)}">`

/** Whether the form, or the header of a script, carries the session's CSRF token. */
export function hasCsrfToken(identity: Identity, request: FastifyRequest, form: URLSearchParams, { cookie }: SignedIn): boolean {
  const token = form.get(CSRF_FIELD) ?? request.headers['x-csrf-token']
  return showsCsrfToken(identity, cookie, { headers: { 'x-csrf-token': token } })
}

export const FOREIGN_FORM = 'The CSRF token is missing or belongs to another session. Go back and load the page again.'
