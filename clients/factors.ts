// What protects an account: second factors, passkeys, sessions, and the proof that changing them asks for.
import type { Factor, ProofKind } from '@synnefo/identity/wire/factors.ts'
import type { Connection } from './http.ts'
import type { SignedIn } from './identity.ts'

/** Questions to and answers of passkeys are between the cloud and the browser: made and read by libraries at both ends. */
export type PasskeyQuestion = Record<string, unknown>
export type PasskeyAnswer = object

export type FactorProof = { code: string } | { recoveryCode: string } | { passkey: PasskeyAnswer }
export type Proof = FactorProof | { password: string }

/** What the details of a refusal say when a fresh proof is all that is missing. */
export const PROOF_REQUIRED = 'proof required'

export interface Passkey {
  id: string
  name: string
  /** Kept by a service that has it on several devices. */
  synced: boolean
  createdAt: string
  lastUsedAt: string | null
}

export interface Factors {
  totp: { enabled: boolean; since: string | null }
  /** How many are left. */
  recoveryCodes: number
  passkeys: Passkey[]
  /** Whether browsers make passkeys for the address of this cloud. */
  passkeysWork: boolean
  waysToProve: ProofKind[]
}

/** Codes are in the answer when they are new, and are never shown again. */
export interface Enrolled {
  recoveryCodes?: string[]
}

export interface OwnSession {
  id: string
  /** The one that asks. */
  current: boolean
  /** Such as `Firefox on Linux`. */
  browser: string
  address: string
  /** How the person signed in. */
  method: string
  createdAt: string
  lastSeenAt: string
  expiresAt: string
}

export type { Factor, ProofKind }

const UI = '/astakos/ui/api'

export function openFactors(cloud: Connection) {
  const post = <T>(path: string, json: unknown = {}) => cloud.json<T>('POST', `${UI}/${path}`, { json })
  const remove = async (path: string) => void (await cloud.send('DELETE', `${UI}/${path}`))
  return {
    takeSecondStep: (challenge: string, proof: FactorProof) => post<SignedIn>('login/second-step', { challenge, proof }),
    askForSecondPasskey: (challenge: string) => post<PasskeyQuestion>('login/second-step/passkey', { challenge }),
    askForPasskey: () => post<PasskeyQuestion>('login/passkey/options'),
    signInByPasskey: (passkey: PasskeyAnswer) => post<SignedIn>('login/passkey', { passkey }),

    factors: () => cloud.json<Factors>('GET', `${UI}/factors`),
    /** Makes the session's proof a fresh one. */
    confirm: (proof: Proof) => post<unknown>('confirm', proof),
    askToConfirm: () => post<PasskeyQuestion>('confirm/passkey'),

    /** The secret is in this answer and is never shown again; it counts once a code was shown. */
    setUpTotp: () => post<{ secret: string; url: string }>('factors/totp'),
    confirmTotp: (code: string) => post<Enrolled>('factors/totp/confirm', { code }),
    disableTotp: () => remove('factors/totp'),
    renewRecoveryCodes: async () => (await post<{ recoveryCodes: string[] }>('factors/recovery-codes')).recoveryCodes,

    askToRegister: () => post<PasskeyQuestion>('passkeys/options'),
    addPasskey: (name: string, response: PasskeyAnswer) => post<{ passkey: Passkey } & Enrolled>('passkeys', { name, response }),
    renamePasskey: async (id: Passkey['id'], name: string) => {
      await cloud.send('PUT', `${UI}/passkeys/${id}`, { json: { name } })
    },
    removePasskey: (id: Passkey['id']) => remove(`passkeys/${id}`),

    listSessions: async () => (await cloud.json<{ sessions: OwnSession[] }>('GET', `${UI}/sessions`)).sessions,
    endSession: (id: OwnSession['id']) => remove(`sessions/${id}`),
    endOtherSessions: () => post<unknown>('sessions/end-others'),
  }
}
