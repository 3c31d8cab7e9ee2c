// A real OpenID provider on this machine, whose people agree to everything unless a test says otherwise.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js'
import type { onTestFinished } from 'vitest'

/** A subclass, so that the provider does not warn of what nobody keeps. */
class Adapter extends MemoryAdapter {}

export interface TestPerson {
  sub: string
  email?: string
  email_verified?: boolean
  given_name?: string
  family_name?: string
  name?: string
  preferred_username?: string
}

export interface TestProvider {
  issuer: string
  clientId: string
  secret: string
  /** Who sits at the provider's page. */
  person: TestPerson
  /** Whether he says no. */
  refuses: boolean
  /** How often tokens were asked for. */
  tokensAsked: number
  close(): Promise<void>
}

export async function openTestProvider(finished: typeof onTestFinished, redirectUris: string[]): Promise<TestProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const people = new Map<string, TestPerson>()
  const state: TestProvider = {
    issuer,
    clientId: 'the-cloud',
    secret: randomBytes(16).toString('hex'),
    person: { sub: 'nobody' },
    refuses: false,
    tokensAsked: 0,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
  const provider = new Provider(issuer, {
    adapter: Adapter,
    jwks: { keys: [{ ...key, alg: 'RS256', use: 'sig', kid: 'test' }] },
    clients: [
      {
        client_id: state.clientId,
        client_secret: state.secret,
        redirect_uris: redirectUris,
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    findAccount: async (_context: unknown, sub: string) => {
      const person = people.get(sub)
      return person && { accountId: sub, claims: async () => ({ ...person }) }
    },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'given_name', 'family_name', 'preferred_username'],
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    pkce: { required: () => true },
  })
  const oidc = provider.callback()

  async function interact(request: IncomingMessage, response: ServerResponse) {
    const { prompt, params, session } = await provider.interactionDetails(request, response)
    if (state.refuses) {
      await provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'the person said no' })
    } else if (prompt.name === 'login') {
      people.set(state.person.sub, state.person)
      await provider.interactionFinished(request, response, { login: { accountId: state.person.sub } })
    } else {
      const grant = new provider.Grant({ accountId: session!.accountId, clientId: params['client_id'] as string })
      grant.addOIDCScope('openid profile email')
      await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
    }
  }

  server.on('request', (request, response) => {
    if (request.url?.startsWith('/token')) state.tokensAsked += 1
    if (request.url?.startsWith('/interaction/')) {
      interact(request, response).catch((error) => response.writeHead(500).end(String(error)))
    } else void oidc(request, response)
  })
  finished(() => state.close())
  return state
}

/** A browser at a provider: follows redirects with the provider's cookies, until it is sent to `home`. Answers where. */
export async function walkThrough(start: string, home: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let address = new URL(start)
  for (let step = 0; step < 20; step += 1) {
    if (address.href.startsWith(home)) return address
    const answer = await fetch(address, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair] = cookie.split(';')
      const at = pair!.indexOf('=')
      cookies.set(pair!.slice(0, at), pair!.slice(at + 1))
    }
    const location = answer.headers.get('location')
    if (location === null) throw new Error(`${address} answered ${answer.status}: ${await answer.text()}`)
    address = new URL(location, address)
  }
  throw new Error(`${start} never led to ${home}`)
}
