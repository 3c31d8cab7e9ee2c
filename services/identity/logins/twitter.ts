// Twitter speaks OAuth 2 without OpenID: who agreed is asked for with the token.

import { Fault } from '@synnefo/lib/fault'
import * as client from 'openid-client'
import type { IdentitySettings } from '../settings/index.ts'
import { readFields, readIdentifier } from './claims.ts'
import { explainFailure, loopbackOnly, type ProviderOptions, TIMEOUT_SECONDS } from './failures.ts'
import type { RedirectProvider } from './provider.ts'

const SCOPES = 'users.read tweet.read'

export function openTwitter(settings: IdentitySettings, title: string, options: ProviderOptions): RedirectProvider {
  const {
    ASTAKOS_TWITTER_TOKEN: clientId,
    ASTAKOS_TWITTER_SECRET: secret,
    ASTAKOS_TWITTER_AUTHORIZATION_URL: authorizationUrl,
    ASTAKOS_TWITTER_TOKEN_URL: tokenUrl,
    ASTAKOS_TWITTER_USER_URL: userUrl,
  } = settings

  function configure(): client.Configuration {
    if (clientId === '') {
      throw new Fault('serviceUnavailable', `${title} is not set up on this cloud yet. Ask its administrators.`)
    }
    const server = {
      issuer: new URL(authorizationUrl).origin,
      authorization_endpoint: authorizationUrl,
      token_endpoint: tokenUrl,
    }
    const authentication = secret === '' ? client.None() : client.ClientSecretBasic(secret)
    const configuration = new client.Configuration(server, clientId, {}, authentication)
    configuration.timeout = TIMEOUT_SECONDS
    if (loopbackOnly(new URL(tokenUrl), options)) client.allowInsecureRequests(configuration)
    return configuration
  }

  return {
    async begin(callback, { force }) {
      const configuration = configure()
      const memory = { state: client.randomState(), verifier: client.randomPKCECodeVerifier() }
      const address = client.buildAuthorizationUrl(configuration, {
        redirect_uri: callback.href,
        scope: SCOPES,
        state: memory.state,
        code_challenge: await client.calculatePKCECodeChallenge(memory.verifier),
        code_challenge_method: 'S256',
        ...(force || settings.ASTAKOS_TWITTER_AUTH_FORCE_LOGIN ? { force_login: 'true' } : {}),
      })
      return { address, memory }
    },

    finish: (address, { state, verifier }) =>
      explainFailure(title, async () => {
        const configuration = configure()
        const tokens = await client.authorizationCodeGrant(configuration, address, {
          expectedState: state!,
          pkceCodeVerifier: verifier!,
        })
        const answer = await client.fetchProtectedResource(configuration, tokens.access_token, new URL(userUrl), 'GET')
        const { data } = (await answer.json()) as { data?: Record<string, unknown> }
        // Always digits, as in the accounts of the original; a number in JSON would have lost some of them.
        const identifier = readIdentifier(data?.['id'])
        if (!data || identifier === undefined) throw new Error('Twitter names nobody')
        const told = { ...data, screen_name: data['username'] }
        return {
          module: 'twitter' as const,
          identifier,
          ...readFields(settings, 'twitter', told),
          emailIsProven: false,
          groups: null,
          info: { screen_name: data['username'] ?? '', name: data['name'] ?? '' },
        }
      }),
  }
}
