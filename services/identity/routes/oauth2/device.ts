// Device login: where a command line asks (POST …/device_authorization), and the page where its person decides (…/device).
import { Fault } from '@synnefo/lib/fault'
import { type App, toFault } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { askDeviceLogin, decideDeviceLogin, findDeviceLogin } from '../../oauth2/device-login.ts'
import { oauthFault } from '../../oauth2/faults.ts'
import type { DeviceLoginRow } from '../../store/device-logins.ts'
import { DEVICE_CLIENTS } from '../../wire/device-clients.ts'
import { describeScope, parseScope } from '../../wire/token-scopes.ts'
import { answerPage, html, type Markup, PRIVATE } from '../html.ts'
import { csrfField, FOREIGN_FORM, formOf, hasCsrfToken, isForm, queryOf } from '../ui/form.ts'
import { findSignedIn, originOf, type SignedIn } from '../ui/person.ts'
import { parameter } from './parameters.ts'

const PAGE = '/astakos/oauth2/device'

export function deviceRoutes(app: App, identity: Identity): void {
  for (const url of ['/device_authorization', '/device_authorization/']) {
    app.post(url, async (request, reply) => {
      if (!isForm(request)) throw oauthFault('invalid_request', 'Content-Type is not application/x-www-form-urlencoded')
      const fields = formOf(request)
      const client = parameter(fields, 'client_id')
      if (client === undefined) throw oauthFault('invalid_request', 'client_id is missing')
      const asked = { client, deviceName: parameter(fields, 'device_name'), scopes: readScopeParameter(fields) }
      const login = await askDeviceLogin(identity, asked, originOf(request))
      const page = `${identity.baseUrl()}${PAGE}`
      return reply.headers(PRIVATE).send({
        device_code: login.deviceCode,
        user_code: login.userCode,
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=${login.userCode}`,
        expires_in: login.expiresInSeconds,
        interval: login.intervalSeconds,
      })
    })
  }
  for (const url of ['/device', '/device/']) {
    app.get(url, (request, reply) => onPage(identity, request, reply, (present) => show(identity, request, reply, present)))
    app.post(url, (request, reply) => onPage(identity, request, reply, (present) => decide(identity, request, reply, present)))
  }
}

/** Scopes are separated by blanks; blanks in names of containers are written %20. */
function readScopeParameter(fields: URLSearchParams): string[] {
  const words = parameter(fields, 'scope')?.split(' ').filter(Boolean) ?? []
  return words.map((word) => {
    try {
      return decodeURIComponent(word)
    } catch (cause) {
      throw new Fault('badRequest', `scope holds an escape that is no UTF-8: ${word.slice(0, 100)}`, { cause })
    }
  })
}

/** For people who are signed in; what goes wrong is told on a page. */
async function onPage(
  identity: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (present: SignedIn) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const present = await findSignedIn(identity, request)
  if (!present?.person.hasSignedTerms) {
    const code = queryOf(request).get('user_code')
    const here = code === null ? PAGE : `${PAGE}?${new URLSearchParams({ user_code: code.slice(0, 20) })}`
    return reply.headers(PRIVATE).redirect(`/astakos/ui/${present ? 'approval_terms' : 'login'}?next=${encodeURIComponent(here)}`)
  }
  try {
    return await work(present)
  } catch (error) {
    const fault = toFault(error)
    if (fault.code >= 500) throw error
    reply.headers(fault.headers)
    return askForCode(identity, reply, present, fault)
  }
}

async function show(identity: Identity, request: FastifyRequest, reply: FastifyReply, present: SignedIn): Promise<FastifyReply> {
  const code = queryOf(request).get('user_code')
  if (!code) return askForCode(identity, reply, present)
  return confirm(identity, reply, present, code, await findDeviceLogin(identity, present.person, code, originOf(request)))
}

async function decide(
  identity: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
  present: SignedIn,
): Promise<FastifyReply> {
  const form = isForm(request) ? formOf(request) : new URLSearchParams()
  if (!hasCsrfToken(identity, request, form, present)) throw new Fault('forbidden', FOREIGN_FORM)
  const code = form.get('user_code') ?? ''
  const decision = form.get('decision')
  const origin = originOf(request)
  if (decision !== 'agree' && decision !== 'refuse')
    return confirm(identity, reply, present, code, await findDeviceLogin(identity, present.person, code, origin))
  const agreed = decision === 'agree'
  const { deviceName } = await decideDeviceLogin(identity, present.person, code, agreed ? 'approved' : 'refused', origin)
  return answerPage(identity, reply, {
    title: agreed ? 'The device is signed in' : 'The device was refused',
    body: agreed
      ? html`<p>${deviceName} goes on by itself in a moment. You can close this page. Its token is among your API tokens, where you can revoke it.</p>`
      : html`<p>${deviceName} got nothing. You can close this page.</p>`,
  })
}

function askForCode(identity: Identity, reply: FastifyReply, present: SignedIn, fault?: Fault): FastifyReply {
  return answerPage(identity, reply, {
    title: 'Sign in a device',
    code: fault?.code ?? 200,
    body: html`
${fault ? html`<p role="alert">${fault.message}</p>` : undefined}
<p>Enter the code that the device or command line shows.</p>
<form method="post" action="${PAGE}">
${csrfField(identity, present)}
<label for="code">Code</label>
<input type="text" id="code" name="user_code" maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false" placeholder="XXXX-XXXX" required autofocus>
<div class="acts"><button class="main">Go on</button></div>
</form>`,
  })
}

function confirm(identity: Identity, reply: FastifyReply, present: SignedIn, code: string, login: DeviceLoginRow): FastifyReply {
  const days = identity.settings.ASTAKOS_DEVICE_TOKEN_DAYS
  return answerPage(identity, reply, {
    title: 'Sign in this device?',
    body: html`
<dl>
<dt>Program</dt><dd>${DEVICE_CLIENTS[login.client] ?? login.client}</dd>
<dt>It calls itself</dt><dd>${login.deviceName}</dd>
<dt>It asks from the address</dt><dd>${login.address}</dd>
<dt>Since</dt><dd>${login.createdAt.toISOString().slice(0, 16).replace('T', ' ')} UTC</dd>
<dt>It may, for ${days} days</dt><dd>${wishes(login.scopes)}</dd>
<dt>Signed in as</dt><dd>${present.person.email}</dd>
</dl>
<p>Agree only if you started this yourself just now, and the device shows the code ${code}. Nobody else has a reason to send you one.</p>
<form method="post" action="${PAGE}">
${csrfField(identity, present)}
<input type="hidden" name="user_code" value="${code}">
<div class="acts">
<button class="main" name="decision" value="agree">Agree</button>
<button name="decision" value="refuse">Refuse</button>
</div>
</form>`,
  })
}

function wishes(scopes: readonly string[]): Markup {
  if (scopes.length === 0) return html`do everything that you can do with the APIs`
  return html`<ul>${scopes.map((text) => html`<li>${describeScope(parseScope(text)!)}</li>`)}</ul>`
}
