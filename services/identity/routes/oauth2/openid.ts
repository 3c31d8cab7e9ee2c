// OpenID Connect below /astakos/oauth2: the provider answers its addresses; who is there, and whether he agrees, is asked
// on pages of ours.
import { Fault } from '@synnefo/lib/fault'
import { type App, answerFaults, type Plugin } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors, type InteractionResult, type Provider, type ProviderInteraction } from 'oidc-provider'
import { audit } from '../../audit.ts'
import { type Identity, personChanged } from '../../identity.ts'
import {
  askingFrom,
  CONSENT_PATH,
  forgetOthersSession,
  ISSUER_PATH,
  type OpenId,
  openOpenId,
} from '../../oauth2/openid/provider.ts'
import { clearSessionCookie } from '../../sessions/cookie.ts'
import { deleteSession, provenAt } from '../../store/sessions.ts'
import { answerPage, html, PRIVATE } from '../html.ts'
import { csrfField, FOREIGN_FORM, formOf, hasCsrfToken, takeForms } from '../ui/form.ts'
import { findSignedIn, originOf, type SignedIn } from '../ui/person.ts'

/** Registered with the prefix of the service. */
export const openIdRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  const openId = openOpenId(identity)
  await app.register(async (provided) => {
    provided.removeAllContentTypeParsers()
    provided.addContentTypeParser('*', (_request, _payload, done) => done(null)) // the provider reads bodies itself
    for (const url of ['/.well-known/*', '/openid/*'])
      provided.route({
        method: ['GET', 'POST', 'OPTIONS'],
        url,
        config: { streams: true },
        handler: (request, reply) => handOn(identity, openId, request, reply),
      })
  })
  await app.register(
    async (pages) => {
      answerFaults(pages as App, (fault) => ({ body: fault.message }))
      takeForms(pages as App)
      pages.get('/:uid', (request, reply) => interact(identity, openId, request, reply))
      pages.post('/:uid', (request, reply) => interact(identity, openId, request, reply))
    },
    { prefix: CONSENT_PATH },
  )
}

/** The provider believes what a request says of where it came to: here it is where the cloud is reached. */
async function handOn(identity: Identity, openId: OpenId, { raw, ip }: FastifyRequest, reply: FastifyReply): Promise<void> {
  const provider = await openId.provider()
  const { host, protocol } = new URL(identity.baseUrl())
  Object.assign(raw.headers, { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) })
  const url = raw.url ?? ''
  if (/^[^?]*\/openid\/auth\/?(\?|$)/.test(url)) await forgetOthersSession(identity, raw)
  Object.assign(raw, { originalUrl: url, url: url.slice(ISSUER_PATH.length) })
  reply.hijack()
  askingFrom.run(ip, () => provider.callback()(raw, reply.raw))
}

async function interact(identity: Identity, openId: OpenId, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const provider = await openId.provider()
  const interaction = await detailsOf(provider, request, reply)
  const present = await findSignedIn(identity, request)
  if (!present?.person.hasSignedTerms) return firstThings(request, reply, present ? 'approval_terms' : 'login')
  const form = request.method === 'POST' ? formOf(request) : undefined
  if (form && !hasCsrfToken(identity, request, form, present)) throw new Fault('forbidden', FOREIGN_FORM)
  const finish = async (result: InteractionResult) =>
    reply.headers(PRIVATE).redirect(await provider.interactionResult(request.raw, reply.raw, result), 303)

  if (interaction.prompt.name === 'login') {
    const proven = (await provenAt(identity.db, present.person.sessionId!)) ?? new Date(0)
    if (wantsNewProof(interaction) && proven.getTime() < interaction.iat * 1000) {
      if (!form) return askAgain(identity, reply, present, interaction)
      await endOnlyThis(identity, request, reply, present)
      return firstThings(request, reply, 'login')
    }
    return finish({ login: { accountId: present.person.uuid, ts: Math.floor(proven.getTime() / 1000) } })
  }
  if (interaction.session?.accountId !== present.person.uuid) throw new Fault('conflict', OTHER_PERSON)
  if (!form) return askPerson(identity, reply, present, interaction)
  if (form.get('decision') !== 'agree') return finish({ error: 'access_denied', error_description: 'The person did not agree' })
  return finish({ consent: { grantId: await agree(identity, provider, request, present, interaction) } })
}

async function detailsOf(provider: Provider, request: FastifyRequest, reply: FastifyReply): Promise<ProviderInteraction> {
  try {
    const interaction = await provider.interactionDetails(request.raw, reply.raw)
    const { uid } = request.params as { uid: string }
    if (interaction.uid === uid) return interaction
  } catch (error) {
    if (!(error instanceof errors.SessionNotFound)) throw error
  }
  throw new Fault('itemNotFound', 'This sign-in has ended, or began in another browser. Go back to the program and start again.')
}

const OTHER_PERSON = 'Somebody else has signed in here meanwhile. Go back to the program and start again.'

const wantsNewProof = ({ prompt }: ProviderInteraction) =>
  prompt.reasons.some((reason) => ['login_prompt', 'max_age'].includes(reason))

function firstThings({ raw }: FastifyRequest, reply: FastifyReply, page: 'login' | 'approval_terms'): FastifyReply {
  return reply.headers(PRIVATE).redirect(`/astakos/ui/${page}?next=${encodeURIComponent(raw.url ?? '')}`, 303)
}

/** Only the browser's session: what the person let programs have stays, and this sign-in goes on. */
async function endOnlyThis(
  identity: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedIn,
): Promise<void> {
  await identity.db.transaction(async (tx) => {
    await deleteSession(tx, person.sessionId!)
    const { address } = originOf(request)
    await audit(tx, { service: 'identity', actor: person.uuid, action: 'session-end', target: `user:${person.uuid}`, address })
    personChanged(tx, person.uuid, identity)
  })
  clearSessionCookie(identity, reply)
}

async function agree(
  identity: Identity,
  provider: Provider,
  request: FastifyRequest,
  { person }: SignedIn,
  { params }: ProviderInteraction,
): Promise<string> {
  const clientId = String(params['client_id'])
  const grant = new provider.Grant({ accountId: person.uuid, clientId })
  for (const scope of scopesOf(params)) grant.addOIDCScope(scope)
  const { address } = originOf(request)
  const about = { service: 'identity', actor: person.uuid, target: `oauth2-client:${clientId}`, address }
  await audit(identity.db, { ...about, action: 'openid-agree', details: { scopes: scopesOf(params) } })
  return grant.save()
}

const scopesOf = (params: Record<string, unknown>) =>
  String(params['scope'] ?? '')
    .split(' ')
    .filter(Boolean)

/** What each scope tells, in words. */
const TELLS: Record<string, string> = { openid: 'your user id', profile: 'your name', email: 'your e-mail address' }

function askPerson(identity: Identity, reply: FastifyReply, present: SignedIn, { params }: ProviderInteraction): FastifyReply {
  const told = scopesOf(params).flatMap((scope) => TELLS[scope] ?? [])
  return answerPage(identity, reply, {
    title: `${params['client_id']} asks who you are`,
    body: html`
<p>If you agree, it will learn:</p>
<ul>${told.map((what) => html`<li>${what}</li>`)}</ul>
<dl><dt>Then you go to</dt><dd>${String(params['redirect_uri'])}</dd><dt>Signed in as</dt><dd>${present.person.email}</dd></dl>
<form method="post">
${csrfField(identity, present)}
<div class="acts">
<button class="main" name="decision" value="agree">Agree</button>
<button name="decision" value="refuse">Refuse</button>
</div>
</form>`,
  })
}

function askAgain(identity: Identity, reply: FastifyReply, present: SignedIn, { params }: ProviderInteraction): FastifyReply {
  return answerPage(identity, reply, {
    title: 'Sign in again',
    body: html`
<p>${params['client_id'] as string} wants to be sure that it is you, ${present.person.email}.</p>
<form method="post">
${csrfField(identity, present)}
<div class="acts"><button class="main" name="decision" value="again">Sign in again</button></div>
</form>`,
  })
}
