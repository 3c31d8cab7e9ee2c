// Codes that a person's agreement is worth, and the short-lived tokens that clients trade them for. A token says who the
// person is and for which resource (its scope) he was asked; it opens no API.
import { createHash } from 'node:crypto'
import type { Db, Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { hashSecret, newSecretOf } from '../secrets.ts'
import type { OAuthClientRow } from '../store/oauth2-clients.ts'
import {
  deleteAccessToken,
  deleteCode,
  deleteTokensOfCode,
  findAccessToken,
  insertAccessToken,
  insertCode,
  lockCode,
} from '../store/oauth2-grants.ts'
import type { UserRow } from '../store/users.ts'
import { oauthFault } from './faults.ts'

const CODE_MS = 10 * 60_000

export interface Agreement {
  client: OAuthClientRow
  redirectUri: string
  /** What the token will be good to be asked about: a resource such as the path of an object. */
  scope: string
  /** Of PKCE. */
  challenge: string | undefined
}

/** A code, good once and for ten minutes. */
export async function issueCode(
  { settings }: Identity,
  tx: Tx,
  person: Pick<UserRow, 'id' | 'uuid'>,
  { client, redirectUri, scope, challenge }: Agreement,
  address: string,
): Promise<string> {
  const code = newSecretOf(settings.OAUTH2_AUTHORIZATION_CODE_LENGTH)
  await insertCode(tx, {
    codeHash: hashSecret(code),
    clientId: client.id,
    userId: person.id,
    redirectUri,
    scope,
    challenge: challenge ?? null,
    expiresAt: new Date(Date.now() + CODE_MS),
  })
  await audit(tx, {
    ...ABOUT,
    actor: person.uuid,
    action: 'oauth2-code-issue',
    target: `oauth2-client:${client.identifier}`,
    address,
  })
  return code
}

const ABOUT = { service: 'identity' }

export interface Trade {
  code: string
  redirectUri: string
  /** Of PKCE. */
  verifier: string | undefined
}

export interface AccessToken {
  secret: string
  expiresInSeconds: number
}

/** Trades a code for a token. Throws `invalid_grant`; what a code shown twice was traded for before ends. */
export async function tradeCode(identity: Identity, client: OAuthClientRow, trade: Trade, address: string): Promise<AccessToken> {
  const codeHash = hashSecret(trade.code)
  const { OAUTH2_TOKEN_LENGTH: length, OAUTH2_TOKEN_EXPIRES: expiresInSeconds } = identity.settings
  const secret = newSecretOf(length)
  const refusal = await identity.db.transaction(async (tx) => {
    const code = await lockCode(tx, codeHash)
    if (!code) {
      if ((await deleteTokensOfCode(tx, codeHash)) > 0) {
        const actor = `oauth2-client:${client.identifier}`
        await audit(tx, { ...ABOUT, actor, action: 'oauth2-token-revoke', target: actor, address, result: 'code shown twice' })
      }
      return NO_CODE
    }
    const { clientId, userId, redirectUri, scope, challenge, expiresAt } = code
    if (clientId !== client.id || expiresAt.getTime() <= Date.now() || !code.userIsActive) return NO_CODE
    if (redirectUri !== trade.redirectUri) return 'redirect_uri is not the one that the code was asked with'
    const proof = proofRefusal(challenge, trade.verifier)
    if (proof) return proof
    await deleteCode(tx, codeHash)
    await insertAccessToken(tx, {
      tokenHash: hashSecret(secret),
      codeHash,
      clientId,
      userId,
      redirectUri,
      scope,
      expiresAt: new Date(Date.now() + expiresInSeconds * 1000),
    })
    const target = `user:${code.userUuid}`
    await audit(tx, { ...ABOUT, actor: `oauth2-client:${client.identifier}`, action: 'oauth2-token-issue', target, address })
    return undefined
  })
  if (refusal) throw oauthFault('invalid_grant', refusal)
  return { secret, expiresInSeconds }
}

const NO_CODE = 'The code is not known, was used or has expired'

function proofRefusal(challenge: string | null, verifier: string | undefined): string | undefined {
  if (challenge === null)
    return verifier === undefined ? undefined : 'code_verifier is given, but the code was asked without a challenge'
  if (verifier === undefined) return 'code_verifier is missing'
  // Both are hashes that the asker knows: there is nothing to find out by timing.
  return createHash('sha256').update(verifier).digest('base64url') === challenge ? undefined : 'code_verifier is wrong'
}

export interface KnownAccess {
  userId: bigint
  scope: string
  expiresAt: Date
}

/** Whom a token speaks of; undefined when there is none, `expired` when there was. It stays good until it expires. */
export async function accessBehind(db: Db, secret: string): Promise<KnownAccess | 'expired' | undefined> {
  const tokenHash = hashSecret(secret)
  const found = await findAccessToken(db, tokenHash)
  if (!found) return undefined
  if (found.expiresAt.getTime() > Date.now()) return found
  await deleteAccessToken(db, tokenHash)
  return 'expired'
}
