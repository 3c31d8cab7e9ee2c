import type { Factor } from '@synnefo/identity/wire/factors.ts'
import type { Shown } from './account.ts'
import type { Connection } from './http.ts'

export interface Person {
  uuid: string
  email: string
  firstName: string
  lastName: string
  roles: string[]
}

/** What signing in answers; the cookie comes beside it. */
export interface SignedIn {
  user: Person
  csrfToken: string
}

/** The person has a second factor: the challenge comes back with proof of it (`clients/factors.ts`). */
export interface SecondStep {
  challenge: string
  factors: Factor[]
}

export interface Session extends SignedIn {
  cloud: { name: string; storageFull: boolean }
  /** What the person has to do before everything else. */
  first: 'terms' | 'profile' | null
  /** Ways to sign in that the person has to add before he goes on. */
  missingLogins: { module: string; message: string }[]
}

export interface SignUp {
  email: string
  firstName: string
  lastName: string
  password: string
  /** Agreed to the terms of service, where there are any. */
  hasSignedTerms?: boolean
  /** Of the invitation that led here. */
  code?: string
}

/** What became of a sign-up; an account that is active at once is signed in to as well. */
export interface SignedUp {
  state: 'verification' | 'pending moderation' | 'active'
}

export interface Token {
  id: string
  name: string
  /** What it is limited to, as `wire/token-scopes.ts` of identity writes it; null: nothing. */
  scopes: string[] | null
  createdAt: string
  expiresAt: string | null
  lastUsedAt?: string | null
  /** The one token that every account has, which `.kamakirc` holds. */
  classic?: boolean
}

export interface Mail {
  id: string
  from: string
  to: string
  subject: string
  sentAt: string
  text?: string
}

export interface Holding {
  limit: bigint
  usage: bigint
  pending: bigint
  project_limit: bigint
  project_usage: bigint
  project_pending: bigint
}

/** By project, then by resource. */
export type Quotas = Record<string, Record<string, Holding>>

interface Catalogs {
  uuid_catalog: Record<string, string>
  displayname_catalog: Record<string, string>
}

const UI = '/astakos/ui/api'
const ACCOUNT = '/astakos/account/v1.0'

/** The identity service (Astakos): the calls of the web page, and the account API. */
export type Identity = ReturnType<typeof openIdentity>

export function openIdentity(cloud: Connection) {
  const post = (path: string, json: unknown = {}) => cloud.json<never>('POST', `${UI}/${path}`, { json })
  return {
    session: () => cloud.json<Session>('GET', `${UI}/session`),
    signUp: (person: SignUp & Shown): Promise<SignedUp> => post('signup', person),
    /** Signs in as well, unless an administrator has to agree first or somebody is signed in here. */
    activate: (auth: string): Promise<{ state: 'active' | 'pending moderation' }> => post('activate', { auth }),
    resendActivation: (email: string, shown: Shown = {}): Promise<{ state: 'verification' }> =>
      post('resend', { email, ...shown }),
    signIn: (email: string, password: string): Promise<SignedIn | SecondStep> => post('login', { email, password }),
    /** `next` is where the operator wants people to go. */
    signOut: (): Promise<{ next: string | null }> => post('logout'),
    /** Where to go on after signing in: as asked when that is an address of ours, otherwise where the operator wants. */
    goOn: async (next: string | null) =>
      (await cloud.json<{ next: string }>('GET', `${UI}/go-on${next === null ? '' : `?next=${encodeURIComponent(next)}`}`)).next,

    listTokens: async () => (await cloud.json<{ tokens: Token[] }>('GET', `${UI}/tokens`)).tokens,
    /** The token is in this answer and is never shown again. */
    createToken: (name: string, limits: { expiresAt?: string; scopes?: string[] } = {}): Promise<Token & { token: string }> =>
      post('tokens', { name, ...limits }),
    revokeToken: async (id: Token['id']) => {
      await cloud.send('DELETE', `${UI}/tokens/${id}`)
    },
    classicToken: () => cloud.json<{ token: string; expiresAt: string | null }>('GET', `${UI}/token`),
    renewClassicToken: (): Promise<{ token: string; expiresAt: string | null }> => post('token/renew'),
    kamakircUrl: cloud.url(`${UI}/kamakirc`),

    /** `kept` is false where a mail server sends them: then there is nothing to read. */
    listMails: () => cloud.json<{ kept: boolean; mails: Mail[] }>('GET', `${UI}/mails`),
    showMail: (id: string) => cloud.json<Mail>('GET', `${UI}/mails/${encodeURIComponent(id)}`),

    /** Who has these e-mail addresses: UUIDs by address, without those that nobody has. */
    async uuidsOf(emails: string[]): Promise<Record<string, string>> {
      const json = { displaynames: emails }
      return (await cloud.json<Catalogs>('POST', `${ACCOUNT}/user_catalogs`, { json })).displayname_catalog
    },
    /** E-mail addresses by UUID. */
    emailsOf: async (uuids: string[]): Promise<Record<string, string>> =>
      (await cloud.json<Catalogs>('POST', `${ACCOUNT}/user_catalogs`, { json: { uuids } })).uuid_catalog,

    async quotas(): Promise<Quotas> {
      const answer = await cloud.json<Record<string, Record<string, Record<string, number | bigint>>>>('GET', `${ACCOUNT}/quotas`)
      return mapValues(answer, (resources) => mapValues(resources, (holding) => mapValues(holding, BigInt) as unknown as Holding))
    },
    /** The addresses that a client of the APIs needs, by type of service. */
    async catalog() {
      const { access } = await cloud.json<{
        access: { serviceCatalog: { name: string; type: string; endpoints: { publicURL: string; versionId: string }[] }[] }
      }>('POST', '/astakos/identity/v2.0/tokens')
      return access.serviceCatalog
    },
  }
}

function mapValues<A, B>(values: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))
}
