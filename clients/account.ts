// What people do about their own accounts at the page: passwords, profile, terms, invitations, a word to the operator.
import type { Connection } from './http.ts'

const UI = '/astakos/ui/api'

/** A challenge as the cloud makes it and the browser solves it, by a library at both ends. */
export type Challenge = Record<string, unknown>

/** What a visitor has to show with a form. */
export type ToShow =
  | { kind: 'nothing' }
  | { kind: 'work'; challenge: Challenge }
  | { kind: 'recaptcha'; siteKey: string; options: Record<string, string> }

/** Goes with the form. */
export interface Shown {
  work?: string
  recaptcha?: string
}

/** The two parts of the link in a password mail. */
export interface ResetLink {
  id: string
  token: string
}

export interface NewPassword {
  password: string
  /** Where that is offered; otherwise the cloud decides. */
  renewToken?: boolean
}

export interface Terms {
  id: string
  issuedAt: string
  /** As the operator wrote it. */
  html: string
}

export interface Profile {
  uuid: string
  email: string
  firstName: string
  lastName: string
  joinedAt: string
  /** What a way to sign in decides, and the person cannot change. */
  fixed: ('email' | 'firstName' | 'lastName' | 'affiliation')[]
  pendingEmail: string | null
  mayChangeEmail: boolean
  password: 'has' | 'may be added' | 'not allowed'
}

export interface PasswordChange {
  oldPassword?: string
  newPassword: string
  renewToken?: boolean
}

export interface ProfileChange {
  names?: { firstName: string; lastName: string }
  email?: string
  password?: PasswordChange
}

export interface PartOutcome {
  done: boolean
  message: string
}

export interface Invitations {
  left: number
  sent: { email: string; realname: string; createdAt: string; used: boolean }[]
}

export type Account = ReturnType<typeof openAccount>

export function openAccount(cloud: Connection) {
  const get = <T>(path: string, query = {}) => cloud.json<T>('GET', `${UI}/${path}`, { query })
  const post = <T = unknown>(path: string, json: unknown = {}) => cloud.json<T>('POST', `${UI}/${path}`, { json })
  return {
    whatToShow: () => get<ToShow>('work'),

    /** The answer is the same for every address. */
    forgotPassword: (email: string, shown: Shown = {}) => post('password/forgotten', { email, ...shown }),
    checkResetLink: (link: ResetLink) => post<{ isValid: boolean; offersToRenewToken: boolean }>('password/link', link),
    resetPassword: (link: ResetLink, form: NewPassword) => post('password/reset', { ...link, ...form }),
    changePassword: (form: PasswordChange) => post('password/change', form),

    profile: () => get<Profile>('profile'),
    /** A word on each part; all refused is a refusal. */
    changeProfile: async (change: ProfileChange) =>
      (
        await cloud.json<{ parts: Partial<Record<keyof ProfileChange, PartOutcome>> }>('POST', `${UI}/profile`, {
          json: change,
          accept: [400, 403, 409],
        })
      ).parts,
    cancelEmailChange: async () => {
      await cloud.send('DELETE', `${UI}/profile/email`)
    },
    confirmEmailChange: (key: string) => post<{ state: 'changed' | 'expired' | 'taken' }>('email-change/confirm', { key }),

    /** The newest, or one version. */
    terms: (id?: string) => get<Terms>(id === undefined ? 'terms' : `terms/${encodeURIComponent(id)}`),
    signTerms: (id: string) => post('terms/sign', { id }),

    invitations: () => get<Invitations>('invitations'),
    invite: (email: string, realname: string) => post('invitations', { email, realname }),
    /** Whom a link invites. */
    invitation: (code: string) => get<{ email: string; realname: string }>('invitation', { code }),

    /** A visitor says where an answer goes, and shows that he is no machine. */
    sendFeedback: (message: string, visitor?: { email: string } & Shown) => post('feedback', { message, ...visitor }),
  }
}
