// OpenID Connect, spoken by the package oidc-provider over our tables, people, clients and sessions. It has endpoints of
// its own beside those of the original (identity-api.md §9), whose wire it cannot speak: any text as a scope, codes and
// tokens of fixed lengths, consent as a form on the authorization address, errors with `exception`.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import { interactionPolicy, Provider, type ProviderClient, type ProviderContext } from 'oidc-provider'
import type { Identity } from '../../identity.ts'
import { hashSecret } from '../../secrets.ts'
import { cookieIn, readSessionCookie } from '../../sessions/cookie.ts'
import { accountOfRecord, deleteRecord } from '../../store/openid.ts'
import { findUserByUuid } from '../../store/users.ts'
import type { Principal } from '../../tokens/authenticate.ts'
import { isClientSecret } from '../clients.ts'
import { isBelow, normaliseUri } from '../redirect-uri.ts'
import { OWN_METADATA, openAdapter } from './adapter.ts'
import { signingKeys } from './keys.ts'

/** The address that a request came from, for what is decided inside of the provider. */
export const askingFrom = new AsyncLocalStorage<string>()

/** Below the base of the cloud; also the issuer. */
export const ISSUER_PATH = '/astakos/oauth2'
export const CONSENT_PATH = '/openid/consent'

const SESSION_COOKIE = 'openid_session'

const HOUR_SECONDS = 3_600
/** Keys that another process made are known after this. */
const KEYS_KNOWN_MS = 60_000

export interface OpenId {
  /** The provider for where the cloud is reached now, with the keys of now. */
  provider(): Promise<Provider>
}

export function openOpenId(identity: Identity): OpenId {
  let open: { provider: Provider; base: string; kids: string; until: number } | undefined
  async function refreshed(base: string): Promise<Provider> {
    const keys = await signingKeys(identity)
    const kids = keys.map(({ kid }) => kid).join()
    const provider =
      open?.base === base && open.kids === kids ? open.provider : makeProvider(identity, `${base}${ISSUER_PATH}`, keys)
    open = { provider, base, kids, until: Date.now() + KEYS_KNOWN_MS }
    return provider
  }
  return {
    async provider() {
      const base = identity.baseUrl()
      return open && open.base === base && open.until > Date.now() ? open.provider : refreshed(base)
    },
  }
}

export const SCOPES = {
  openid: ['sub'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username'],
  email: ['email', 'email_verified'],
}

function makeProvider(identity: Identity, issuer: string, keys: object[]): Provider {
  const provider = new Provider(issuer, {
    adapter: openAdapter(identity),
    jwks: { keys },
    clientAuthMethods: ['client_secret_basic', 'none'],
    responseTypes: ['code'],
    scopes: Object.keys(SCOPES),
    claims: SCOPES,
    subjectTypes: ['public'],
    routes: {
      authorization: '/openid/auth',
      token: '/openid/token',
      userinfo: '/openid/userinfo',
      jwks: '/openid/jwks',
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
    },
    pkce: {
      required: (_context: ProviderContext, client: ProviderClient) =>
        client.tokenEndpointAuthMethod === 'none' && identity.settings.OAUTH2_PKCE_REQUIRED,
    },
    allowOmittingSingleRegisteredRedirectUri: false,
    extraClientMetadata: { properties: Object.values(OWN_METADATA) },
    cookies: {
      keys: [identity.keys.sign('cookies of openid')],
      names: { session: SESSION_COOKIE, interaction: 'openid_interaction', resume: 'openid_resume' },
      long: { signed: true, httpOnly: true, sameSite: 'lax', path: ISSUER_PATH },
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },
    ttl: {
      AuthorizationCode: 600,
      AccessToken: HOUR_SECONDS,
      IdToken: HOUR_SECONDS,
      Interaction: HOUR_SECONDS,
      Session: 24 * HOUR_SECONDS,
      Grant: 24 * HOUR_SECONDS,
    },
    // What ends with a session ends with ours, in the database; the provider's own session only remembers it.
    expiresWithSession: () => false,
    findAccount: (_context: ProviderContext, uuid: string) => findAccount(identity, uuid),
    loadExistingGrant: existingGrant,
    interactions: {
      policy: policyFor(identity),
      url: (_context: ProviderContext, { uid }: { uid: string }) => `${ISSUER_PATH}${CONSENT_PATH}/${uid}`,
    },
    renderError(context: ProviderContext, answer: Record<string, unknown>) {
      context.type = 'json'
      context.body = { ...answer, exception: answer['error_description'] ?? answer['error'] }
    },
  })
  provider.proxy = true // what the proxy said was looked at before, and is put right by the mount
  provider.on('server_error', (_context: unknown, error: unknown) => identity.log.error({ error }, 'OpenID Connect failed'))
  decideByOwnRules(identity, provider)
  return provider
}

/** Redirect addresses may lie below the registered ones, and secrets are known by their hash only. */
function decideByOwnRules(identity: Identity, provider: Provider): void {
  const { prototype } = provider.Client
  prototype['redirectUriAllowed'] = function (this: ProviderClient, asked: string): boolean {
    const uri = normaliseUri(asked)
    return uri !== undefined && (this[OWN_METADATA.redirectUrls] as string[]).some((registered) => isBelow(uri, registered))
  }
  prototype['compareClientSecret'] = function (this: ProviderClient, shown: string): Promise<boolean> {
    const secretHash = this[OWN_METADATA.secretHash] as string | null
    return isClientSecret(identity, { identifier: this.clientId, secretHash }, [shown], askingFrom.getStore() ?? '')
  }
}

/** With another person at the browser, or nobody, the provider starts anew: what it remembered of the first is forgotten. */
export async function forgetOthersSession(identity: Identity, request: IncomingMessage): Promise<void> {
  const shown = cookieIn(request, SESSION_COOKIE)
  if (shown === undefined) return
  const id = hashSecret(shown)
  const remembered = await accountOfRecord(identity.db, 'Session', id)
  const person = await personBehind(identity, request)
  if (remembered?.account && remembered.account !== person?.uuid) await deleteRecord(identity.db, 'Session', id)
}

/** Asks who is there whenever that is not whom the provider remembers. */
function policyFor(identity: Identity) {
  const policy = interactionPolicy.base()
  const { Check } = interactionPolicy
  const otherPerson = new Check('other_person', 'End-User authentication is required', async (context) => {
    const person = await personBehind(identity, context.req)
    return person?.uuid === context.oidc.session?.accountId ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT
  })
  policy.get('login')?.checks.add(otherPerson)
  return policy
}

export async function personBehind({ authenticator }: Identity, request: IncomingMessage): Promise<Principal | undefined> {
  const cookie = readSessionCookie(request)
  const person = cookie === undefined ? undefined : await authenticator.findSession(cookie)
  return person?.hasSignedTerms ? person : undefined
}

async function findAccount({ db }: Identity, uuid: string) {
  const user = await findUserByUuid(db, uuid)
  if (!user?.isActive) return undefined
  return {
    accountId: uuid,
    claims: async () => ({
      sub: uuid,
      name: `${user.firstName} ${user.lastName}`.trim(),
      given_name: user.firstName,
      family_name: user.lastName,
      preferred_username: user.email,
      email: user.email,
      email_verified: user.emailVerified,
    }),
  }
}

/** Nobody is asked about a trusted client. */
async function existingGrant({ oidc }: ProviderContext) {
  const { client, session, provider, result } = oidc
  if (!client || !session?.accountId) return undefined
  const id = result?.consent?.grantId ?? session.grantIdFor(client.clientId)
  if (id) return provider.Grant.find(id)
  if (client[OWN_METADATA.trusted] !== true) return undefined
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId })
  for (const scope of oidc.requestParamOIDCScopes) grant.addOIDCScope(scope)
  await grant.save()
  return grant
}
