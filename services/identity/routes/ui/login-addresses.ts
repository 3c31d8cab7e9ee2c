// Where browsers go to sign in by other providers, and come back to. Addresses of methods that are not offered do not exist.
import { Fault } from '@synnefo/lib/fault'
import { type Plugin, type Static, Type } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { audit } from '../../audit.ts'
import { requireFreshProof } from '../../factors/proof.ts'
import type { Identity } from '../../identity.ts'
import type { ProviderOptions } from '../../logins/failures.ts'
import { type Handshake, newHandshake, openHandshake, spend } from '../../logins/handshakes.ts'
import { CALLBACK_MODULES, openCallbackProvider } from '../../logins/providers.ts'
import type { OtherModule } from '../../settings/logins.ts'
import { countAgainst } from '../../throttle.ts'
import { clearHandshakeCookie, handshakeIn, setHandshakeCookie, setOutcome } from './login-cookies.ts'
import { goOn } from './login-outcomes.ts'
import { findSignedIn, originOf } from './person.ts'
import { safeNext } from './safe-next.ts'

const Text = Type.String({ maxLength: 2000 })
export const LoginQuery = Type.Object({
  next: Type.Optional(Text),
  /** Token of a pending identity that shall be given to the account that is signed in to. */
  key: Type.Optional(Text),
  switch_from: Type.Optional(Type.String({ pattern: '^\\d{1,18}$' })),
  force_login: Type.Optional(Text),
})

/** Methods whose form is on the sign-in page. */
const PASSWORD_PAGES = [
  ['/ui/local', 'local'],
  ['/ui/login/local', 'local'],
  ['/ui/login/ldap', 'ldap'],
] as const

interface Options extends Record<string, unknown>, ProviderOptions {
  identity: Identity
}

export const loginAddresses: Plugin<Options> = async (app, { identity, plainHttpOnLoopback }) => {
  const { settings } = identity
  for (const [path, module] of PASSWORD_PAGES) {
    if (!settings.ASTAKOS_IM_MODULES.includes(module)) continue
    for (const url of [path, `${path}/`]) {
      app.get(url, async (request, reply) => {
        const isSignedIn = (await findSignedIn(identity, request)) !== undefined
        // Pages for those who are not signed in: first out, then here again.
        if (isSignedIn) return reply.redirect(`/astakos/ui/logout?next=${encodeURIComponent(request.url)}`)
        const query = new URL(request.url, 'http://here.invalid').searchParams
        query.set('method', module)
        return reply.redirect(`/astakos/ui/login?${query}`)
      })
    }
  }
  if (settings.ASTAKOS_IM_MODULES.includes('ldap')) {
    for (const url of ['/ui/login/ldap/add', '/ui/login/ldap/add/']) {
      app.get(url, async (request, reply) => {
        if (await findSignedIn(identity, request))
          return reply.redirect(`/signin/link${new URL(request.url, 'http://here.invalid').search}`)
        return reply.redirect(`/astakos/ui/login?next=${encodeURIComponent(request.url)}`)
      })
    }
  }
  for (const module of CALLBACK_MODULES) {
    if (!settings.ASTAKOS_IM_MODULES.includes(module)) continue
    const provider = openCallbackProvider(settings, module, { plainHttpOnLoopback })
    const path = `/ui/login/${module}`
    const callback = () => new URL(`${identity.baseUrl()}/astakos${path}/authenticated`)

    for (const url of [path, `${path}/`]) {
      app.get(url, { schema: { querystring: LoginQuery } }, (request, reply) =>
        orToldWhy(identity, request, reply, module, async () => {
          const handshake = await beginHandshake(identity, request, module, request.query)
          const { address, memory } = await provider.begin(callback(), { force: request.query.force_login !== undefined })
          setHandshakeCookie(identity, reply, { ...handshake, memory })
          return reply.redirect(address.href)
        }),
      )
    }
    for (const url of [`${path}/authenticated`, `${path}/authenticated/`]) {
      app.get(url, (request, reply) =>
        orToldWhy(identity, request, reply, module, async (started) => {
          const handshake = openHandshake(identity, module, handshakeIn(request, module))
          started(handshake)
          clearHandshakeCookie(identity, reply, module)
          await spend(identity.db, handshake.id)
          const address = callback()
          address.search = new URL(request.url, address).search
          return goOn(identity, request, reply, handshake, await provider.finish(address, handshake.memory))
        }),
      )
    }
  }
}

/** What the browser carries along: who began it here, and where he wanted to go. */
export async function beginHandshake(
  identity: Identity,
  request: FastifyRequest,
  module: OtherModule,
  query: Static<typeof LoginQuery>,
): Promise<Handshake> {
  await countFrom(identity, request)
  const signedIn = await findSignedIn(identity, request)
  if (signedIn) await requireFreshProof(identity, identity.db, signedIn.person) // it ends in another way to sign in
  return newHandshake({
    module,
    next: safeNext(identity, query.next),
    person: signedIn?.person.uuid ?? null,
    switchFrom: query.switch_from ?? null,
    key: query.key ?? null,
  })
}

const countFrom = ({ db, settings }: Identity, { ip }: FastifyRequest) =>
  countAgainst(db, [
    { key: ['hand-shakes from', ip], atMost: settings.ASTAKOS_RATELIMIT_ADDRESS_PER_MINUTE, windowSeconds: 60, isRate: true },
  ])

/** Whoever comes here looks at a page: a refusal brings him back to ours, with what to say, and with where he wanted to go. */
export async function orToldWhy(
  identity: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
  module: OtherModule,
  work: (started: (handshake: Handshake) => void) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  let begun: Handshake | undefined
  try {
    return await work((handshake) => {
      begun = handshake
    })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    identity.log.info({ module, error }, 'a sign-in by another provider was refused')
    const signedIn = await findSignedIn(identity, request)
    const actor = signedIn?.person.uuid ?? begun?.person ?? 'unknown'
    await audit(identity.db, {
      ...{ service: 'identity', actor, action: 'session-start', target: `login:${module}`, address: originOf(request).address },
      result: `refused: ${error.message}`,
    })
    setOutcome(identity, reply, { type: 'error', text: error.message })
    const query = new URLSearchParams({ outcome: '' })
    if (begun && begun.next !== '/') query.set('next', begun.next)
    if (begun?.key) query.set('key', begun.key)
    return reply.redirect(`/astakos/ui/${signedIn ? 'profile' : 'login'}?${query}`)
  }
}
