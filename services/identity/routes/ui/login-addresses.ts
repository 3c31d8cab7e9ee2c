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
import type { LoginModule } from '../../wire/login-modules.ts'
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

/** Where each method is reached. */
const ADDRESSES: Record<LoginModule, readonly string[]> = {
  local: ['/ui/local', '/ui/login/local'],
  ldap: ['/ui/login/ldap', '/ui/login/ldap/add'],
  shibboleth: ['/ui/login/shibboleth', '/ui/login/shibboleth/metadata', '/ui/login/shibboleth/authenticated'],
  google: ['/ui/login/google', '/ui/login/google/authenticated'],
  twitter: ['/ui/login/twitter', '/ui/login/twitter/authenticated'],
  linkedin: ['/ui/login/linkedin', '/ui/login/linkedin/authenticated'],
  oidc: ['/ui/login/oidc', '/ui/login/oidc/authenticated'],
}

interface Options extends Record<string, unknown>, ProviderOptions {
  identity: Identity
}

export const loginAddresses: Plugin<Options> = async (app, { identity, plainHttpOnLoopback }) => {
  const { settings } = identity
  // Without these the web page, which has all other addresses below, would answer.
  for (const [module, paths] of Object.entries(ADDRESSES)) {
    if (settings.ASTAKOS_IM_MODULES.some((offered) => offered === module)) continue
    for (const url of paths.flatMap((path) => [path, `${path}/`])) {
      app.get(url, async () => {
        throw new Fault('itemNotFound', 'This way to sign in is not offered here.')
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
        orToldWhy(identity, request, reply, module, async (started) => {
          const handshake = await beginHandshake(identity, request, module, request.query, started)
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
  started: (wish: Wish) => void,
): Promise<Handshake> {
  const next = safeNext(identity, query.next, '/')
  started({ next, person: null, key: query.key ?? null })
  await countFrom(identity, request)
  const signedIn = await findSignedIn(identity, request)
  if (signedIn && !signedIn.person.hasSignedTerms) throw new Fault('forbidden', 'Sign the terms of service first.')
  if (signedIn) await requireFreshProof(identity, identity.db, signedIn.person) // it ends in another way to sign in
  return newHandshake({
    module,
    next,
    person: signedIn?.person.uuid ?? null,
    switchFrom: query.switch_from ?? null,
    key: query.key ?? null,
  })
}

const countFrom = ({ db, settings }: Identity, { ip }: FastifyRequest) =>
  countAgainst(db, [
    { key: ['hand-shakes from', ip], atMost: settings.ASTAKOS_RATELIMIT_ADDRESS_PER_MINUTE, windowSeconds: 60, isRate: true },
  ])

/** Where the person wanted to go, and what he brought. */
export type Wish = Pick<Handshake, 'next' | 'person' | 'key'>

/** Whoever comes here looks at a page: a refusal brings him back to ours, with what to say, and with where he wanted to go. */
export async function orToldWhy(
  identity: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
  module: LoginModule,
  work: (started: (wish: Wish) => void) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  let begun: Wish | undefined
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
