// Second factors, as the APIs and the page name them.

/** What completes a sign-in: a code of an authenticator app, a recovery code, or a passkey. */
export type Factor = 'totp' | 'recovery' | 'passkey'

/** What proves that the person at the page is still who signed in. */
export type ProofKind = 'password' | Factor
