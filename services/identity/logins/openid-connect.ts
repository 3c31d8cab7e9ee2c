// Google, LinkedIn and any other OpenID provider: authorization code with PKCE, state and nonce.
import { Fault } from '@synnefo/lib/fault'
import * as client from 'openid-client'
import type { IdentitySettings } from '../settings/index.ts'
import { type Claims, firstText, readFields, readIdentifier } from './claims.ts'
import { explainFailure, loopbackOnly, type ProviderOptions, TIMEOUT_SECONDS } from './failures.ts'
import type { RedirectProvider } from './provider.ts'

export type OpenIdModule = 'google' | 'linkedin' | 'oidc'

interface Registered {
  issuer: string
  clientId: string
  secret: string
  scopes: string
  /** Whether the provider repeats the nonce in what it signs; PKCE and state protect as well. */
  nonce: boolean
}

const REGISTERED: Record<OpenIdModule, (settings: IdentitySettings) => Registered> = {
  google: (settings) => ({
    issuer: settings.ASTAKOS_GOOGLE_ISSUER,
    clientId: settings.ASTAKOS_GOOGLE_CLIENT_ID,
    secret: settings.ASTAKOS_GOOGLE_SECRET,
    scopes: 'openid profile email',
    nonce: true,
  }),
  linkedin: (settings) => ({
    issuer: settings.ASTAKOS_LINKEDIN_ISSUER,
    clientId: settings.ASTAKOS_LINKEDIN_TOKEN,
    secret: settings.ASTAKOS_LINKEDIN_SECRET,
    scopes: 'openid profile email',
    nonce: false,
  }),
  oidc: (settings) => ({
    issuer: settings.ASTAKOS_OIDC_ISSUER,
    clientId: settings.ASTAKOS_OIDC_CLIENT_ID,
    secret: settings.ASTAKOS_OIDC_SECRET,
    scopes: settings.ASTAKOS_OIDC_SCOPES,
    nonce: true,
  }),
}

/** What is kept of the claims with the link. */
const KEPT = ['iss', 'email', 'name', 'preferred_username', 'picture', 'hd', 'locale']
/** The provider's description is looked at again after this time, as its keys are when a signature needs one. */
const DISCOVERY_MILLIS = 3600_000

export function openOpenIdConnect(
  settings: IdentitySettings,
  module: OpenIdModule,
  title: string,
  options: ProviderOptions,
): RedirectProvider {
  const { issuer, clientId, secret, scopes, nonce: asksNonce } = REGISTERED[module](settings)
  let known: { configuration: Promise<client.Configuration>; at: number } | undefined

  function discover(): Promise<client.Configuration> {
    if (issuer === '' || clientId === '') {
      throw new Fault('serviceUnavailable', `${title} is not set up on this cloud yet. Ask its administrators.`)
    }
    if (known && Date.now() - known.at < DISCOVERY_MILLIS) return known.configuration
    const url = new URL(issuer)
    const execute = loopbackOnly(url, options) ? [client.allowInsecureRequests] : []
    const authentication = secret === '' ? client.None() : client.ClientSecretPost(secret)
    const configuration = client.discovery(url, clientId, {}, authentication, { execute, timeout: TIMEOUT_SECONDS })
    known = { configuration, at: Date.now() }
    configuration.catch(() => {
      known = undefined // asked again by the next person
    })
    return configuration
  }

  return {
    async begin(callback, { force }) {
      const configuration = await explainFailure(title, discover)
      const memory = {
        state: client.randomState(),
        verifier: client.randomPKCECodeVerifier(),
        ...(asksNonce ? { nonce: client.randomNonce() } : {}),
      }
      const address = client.buildAuthorizationUrl(configuration, {
        redirect_uri: callback.href,
        scope: scopes,
        state: memory.state,
        code_challenge: await client.calculatePKCECodeChallenge(memory.verifier),
        code_challenge_method: 'S256',
        ...(memory.nonce === undefined ? {} : { nonce: memory.nonce }),
        ...(force ? { prompt: 'login' } : {}),
      })
      return { address, memory }
    },

    finish: (address, { state, verifier, nonce }) =>
      explainFailure(title, async () => {
        const configuration = await discover()
        const tokens = await client.authorizationCodeGrant(configuration, address, {
          expectedState: state!,
          pkceCodeVerifier: verifier!,
          idTokenExpected: true,
          ...(nonce === undefined ? {} : { expectedNonce: nonce }),
        })
        const signed = tokens.claims()!
        const told = configuration.serverMetadata().userinfo_endpoint
          ? await client.fetchUserInfo(configuration, tokens.access_token, signed.sub)
          : {}
        return readClaims(settings, module, { ...told, ...signed })
      }),
  }
}

function readClaims(settings: IdentitySettings, module: OpenIdModule, told: Record<string, unknown>): Claims {
  const identifier = readIdentifier(told['sub'])
  if (identifier === undefined) throw new Error('the provider names nobody')
  const fields = readFields(settings, module, told)
  return {
    module,
    identifier,
    ...fields,
    emailIsProven: told['email_verified'] === true && fields.email === firstText(told['email']).toLowerCase(),
    groups: null,
    info: Object.fromEntries(KEPT.filter((name) => told[name] !== undefined).map((name) => [name, told[name]])),
  }
}
