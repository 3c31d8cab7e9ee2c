// Ways to sign in: which there are, which a person has, and what became of one that was begun elsewhere.
import type { LoginMethod, LoginModule } from '@synnefo/identity/wire/login-modules.ts'
import type { Connection } from './http.ts'
import type { SecondStep, SignedIn } from './identity.ts'

export type { LoginMethod }

export interface LoginMethods {
  /** The primary one first. */
  methods: LoginMethod[]
  /** The one that was used here last. */
  last: LoginModule | null
  /** Whether visitors may make accounts; who was invited may in any case. */
  signUp: boolean
  /** Whether an administrator has to agree to new accounts. */
  moderated: boolean
  /** What this cloud is called. */
  cloud: string
}

/** What came of a sign-in that led through another place. */
export interface LoginOutcome extends Partial<SecondStep> {
  type: 'success' | 'info' | 'warning' | 'error'
  text: string
}

/** An identity that somebody vouched for and no account has. */
export interface PendingLogin {
  module: LoginModule
  title: string
  /** What an account of its kind is called. */
  account: string
  email: string
  firstName: string
  lastName: string
  /** Fields that are not the person's to change. */
  fixed: string[]
  mayCreate: boolean
  mayAttach: boolean
  replaces: boolean
  hasAccount: boolean
  needsTerms: boolean
}

export type Registered = { state: 'verification' | 'pending moderation' } | ({ state: 'active' } & (SignedIn | SecondStep))

export interface OwnLogin {
  id: string
  module: LoginModule
  title: string
  details: string
  lastLoginAt: string | null
  mayRemove: boolean
  switchAddress: string | null
}

export interface OwnLogins {
  enabled: OwnLogin[]
  disabled: OwnLogin[]
  available: { module: LoginModule; title: string; prompt: string; asksPassword: boolean; address: string }[]
  missing: { module: LoginModule; message: string }[]
}

export interface DirectoryCredentials {
  username: string
  password: string
}

const UI = '/astakos/ui/api'

export function openLogins(cloud: Connection) {
  const post = (path: string, json: unknown = {}) => cloud.json<never>('POST', `${UI}/${path}`, { json })
  return {
    methods: () => cloud.json<LoginMethods>('GET', `${UI}/logins/methods`),
    /** Said once. */
    takeOutcome: async () => (await cloud.json<{ outcome: LoginOutcome | null }>('GET', `${UI}/login/outcome`)).outcome,
    signInToDirectory: (
      who: DirectoryCredentials,
    ): Promise<SignedIn | SecondStep | Registered | { state: 'unknown'; token: string }> => post('login/ldap', who),
    showPending: (token: string): Promise<PendingLogin> => post('logins/pending', { token }),
    signUp: (
      token: string,
      person: { email: string; firstName: string; lastName: string; hasSignedTerms: boolean },
    ): Promise<Registered> => post('logins/signup', { token, ...person }),

    own: () => cloud.json<OwnLogins>('GET', `${UI}/logins`),
    /** Refused while adding or exchanging needs a fresh proof first. */
    mayChange: (): Promise<unknown> => post('logins/check'),
    /** Gives a pending identity to the account that is signed in. */
    attach: (token: string): Promise<{ module: LoginModule; message: string }> => post('logins/attach', { token }),
    linkDirectory: (who: DirectoryCredentials, switchFrom?: string): Promise<{ message: string }> =>
      post('logins/ldap', { ...who, ...(switchFrom === undefined ? {} : { switchFrom }) }),
    remove: async (id: OwnLogin['id']) => {
      await cloud.send('DELETE', `${UI}/logins/${id}`)
    },
  }
}
