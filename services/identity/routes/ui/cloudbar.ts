// What the bar on top of all pages shows: which components there are, and who is signed in. Pages of components that
// run elsewhere ask across origins, with the cookies of this one; pages of anybody else do not get to read the answer.
import { readFileSync } from 'node:fs'
import { type Plugin, writeJson } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { componentUrls } from '../../registry/catalog.ts'
import { readSessionCookie } from '../../sessions/cookie.ts'
import { presentComponent } from '../../wire/cloudbar.ts'
import { answerJsonp } from '../jsonp.ts'
import { takeOutcome } from './login-cookies.ts'

/** GET /ui/get_services and /ui/get_menu. */
export const cloudbarRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.addHook('onRequest', (request, reply) => allowComponents(identity, request, reply))
  for (const slash of ['', '/']) {
    app.get(`/get_services${slash}`, async (request, reply) => {
      // Old pages ask by a script when they are shown: what an earlier page wanted to say is said by then.
      if ('callback' in (request.query as object)) takeOutcome(identity, request, reply)
      return answerJsonp(request, reply, await servicesShown(identity))
    })
    app.get(`/get_menu${slash}`, async (request, reply) => {
      const cookie = readSessionCookie(request)
      const person = cookie === undefined ? undefined : await identity.authenticator.findSession(cookie)
      return answerJsonp(request, reply, menuOf(identity, person?.email))
    })
  }
}

async function allowComponents(identity: Identity, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header('Vary', 'Origin')
  const { origin } = request.headers
  if (origin === undefined) return
  const urls = (await identity.components.list()).flatMap((component) =>
    Object.values(componentUrls(component, identity.baseUrl())),
  )
  const isOfComponent = urls.some((url) => url !== null && URL.canParse(url) && new URL(url).origin === origin)
  if (isOfComponent) reply.headers({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' })
}

async function servicesShown(identity: Identity) {
  const meta = identity.settings.ASTAKOS_COMPONENTS_META
  return (await identity.components.list())
    .map((component) => ({
      name: component.name,
      url: componentUrls(component, identity.baseUrl()).uiUrl,
      ...presentComponent(component.name, meta[component.name]),
    }))
    .sort((a, b) => a.order - b.order)
}

function menuOf(identity: Identity, email: string | undefined) {
  const ui = `${identity.baseUrl()}/astakos/ui`
  if (email === undefined) return [{ url: `${ui}/`, name: 'Sign in' }]
  return [
    { url: `${ui}/`, name: email, is_active: true }, // as the address that is asked is below it
    { url: `${ui}/landing`, name: 'Dashboard' },
    { url: `${ui}/logout`, name: 'Sign out' },
  ]
}

/** Where the files of the bar are, for web servers that serve them. */
export const cloudbarFolder = new URL('../../cloudbar/', import.meta.url)

const FILES = { 'cloudbar.js': 'text/javascript; charset=utf-8', 'cloudbar.css': 'text/css; charset=utf-8' }

/** The bar itself, for pages to embed: `settings.js` says with what, then `cloudbar.js` puts it there. */
export const cloudbarFiles: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  for (const [name, type] of Object.entries(FILES)) {
    const text = readFileSync(new URL(name, cloudbarFolder), 'utf8')
    app.get(`/${name}`, async (_request, reply) => shared(reply, type).send(text))
  }
  app.get('/settings.js', async (_request, reply) => shared(reply, FILES['cloudbar.js']).send(embedding(identity)))
}

const shared = (reply: FastifyReply, type: string) =>
  reply.type(type).headers({ 'Cache-Control': 'no-cache', 'Cross-Origin-Resource-Policy': 'cross-origin' })

/** What a page defines before it loads the script. */
function embedding({ settings, baseUrl }: Identity): string {
  if (!settings.CLOUDBAR_ACTIVE) return 'window.CLOUDBAR_ACTIVE = false;\n'
  const base = baseUrl()
  const values = {
    CLOUDBAR_ACTIVE: true,
    CLOUDBAR_LOCATION: settings.CLOUDBAR_LOCATION || `${base}/static/im/cloudbar/`,
    CLOUDBAR_COOKIE_NAME: settings.CLOUDBAR_COOKIE_NAME,
    GET_SERVICES_URL: settings.CLOUDBAR_SERVICES_URL || `${base}/astakos/ui/get_services`,
    GET_MENU_URL: settings.CLOUDBAR_MENU_URL || `${base}/astakos/ui/get_menu`,
    CLOUDBAR_HEIGHT: settings.CLOUDBAR_HEIGHT,
    CLOUDBAR_BACKGROUND_COLOR: settings.CLOUDBAR_BACKGROUND_COLOR,
  }
  return Object.entries(values)
    .map(([name, value]) => `window.${name} = ${writeJson(value)};\n`)
    .join('')
}
