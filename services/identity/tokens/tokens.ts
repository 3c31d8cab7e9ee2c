// API tokens. A person may hold many, each with a name, an end and what it is good for; one of them is the classic one, which its owner
// can have shown again and which `.kamakirc` holds.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { type Identity, personChanged } from '../identity.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { deleteOnlineGrants } from '../store/oauth2-grants.ts'
import * as store from '../store/tokens.ts'
import type { UserRow } from '../store/users.ts'
import { writeScope } from '../wire/token-scopes.ts'
import { readScopes } from './scopes.ts'

const HOUR_MS = 3_600_000
const CLASSIC = 'classic'

/** A new token with its secret, which is not stored and never shown again. */
export interface NewToken {
  id: bigint
  name: string
  secret: string
  scopes: readonly string[] | null
  createdAt: Date
  expiresAt: Date | null
}

export type Token = Omit<store.TokenRow, 'secretSealed'>

type Owner = Pick<UserRow, 'id' | 'uuid'>

export async function issueToken(
  tx: Tx,
  owner: Owner,
  { name, expiresAt = null, scopes = [] }: { name: string; expiresAt?: Date | null; scopes?: readonly string[] },
): Promise<NewToken> {
  if (expiresAt && expiresAt.getTime() <= Date.now()) throw new Fault('badRequest', 'The token would have expired already')
  const limits = readScopes(scopes)?.map(writeScope) ?? null
  const secret = newSecret()
  const row = await store.insertToken(tx, {
    userId: owner.id,
    name,
    isClassic: false,
    secretHash: hashSecret(secret),
    secretSealed: null,
    scopes: limits,
    expiresAt,
  })
  return { id: row.id, name, secret, scopes: limits, createdAt: row.createdAt, expiresAt }
}

/** Ends a token at once, everywhere. The classic one is renewed, never revoked. */
export async function revokeToken(identity: Identity, tx: Tx, owner: Owner, id: bigint): Promise<void> {
  if ((await store.deleteToken(tx, owner.id, id)) === 0) throw new Fault('itemNotFound', `There is no token ${id}`)
  personChanged(tx, owner.uuid, identity)
}

/** Replaces the classic token; the old one ends at once. */
export function renewClassicToken(identity: Identity, tx: Tx, owner: Owner): Promise<NewToken> {
  const expiresAt = new Date(Date.now() + identity.settings.ASTAKOS_AUTH_TOKEN_DURATION * HOUR_MS)
  return takeClassicToken(identity, tx, owner, newSecret(), expiresAt)
}

/** Puts a token that the person has elsewhere in the place of the classic one. */
export async function takeClassicToken(
  identity: Identity,
  tx: Tx,
  owner: Owner,
  secret: string,
  expiresAt: Date | null,
): Promise<NewToken> {
  await store.deleteClassicToken(tx, owner.id)
  await deleteOnlineGrants(tx, owner.id)
  const row = await store.insertToken(tx, {
    userId: owner.id,
    name: CLASSIC,
    isClassic: true,
    secretHash: hashSecret(secret),
    secretSealed: identity.keys.seal(secret, sealedFor(owner)),
    scopes: null,
    expiresAt,
  })
  personChanged(tx, owner.uuid, identity)
  return { id: row.id, name: CLASSIC, secret, scopes: null, createdAt: row.createdAt, expiresAt }
}

/** The classic token with its secret, for its owner's eyes. A person without one gets one. */
export async function showClassicToken(identity: Identity, tx: Tx, owner: Owner): Promise<NewToken> {
  const row = await store.classicTokenOf(tx, owner.id)
  if (!row) return renewClassicToken(identity, tx, owner)
  return { ...row, secret: openClassicToken(identity, owner, row) }
}

export const openClassicToken = ({ keys }: Identity, owner: Pick<UserRow, 'uuid'>, row: store.TokenRow): string =>
  keys.unseal(row.secretSealed!, sealedFor(owner))

const sealedFor = ({ uuid }: Pick<UserRow, 'uuid'>) => `classic token of ${uuid}`

export async function listTokens(tx: Tx, owner: Owner): Promise<Token[]> {
  const rows = await store.tokensOf(tx, owner.id)
  return rows.map(({ secretSealed: _, ...token }) => token)
}
