import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import { deleteExpiredRecords } from './openid.ts'

export interface CodeRow {
  clientId: bigint
  userId: bigint
  redirectUri: string
  scope: string
  challenge: string | null
  expiresAt: Date
}

export function insertCode(tx: Tx, code: CodeRow & { codeHash: Buffer }) {
  return tx.run(sql`
    INSERT INTO identity.oauth2_codes (code_hash, client_id, user_id, redirect_uri, scope, challenge, expires_at)
    VALUES (${code.codeHash}, ${code.clientId}, ${code.userId}, ${code.redirectUri}, ${code.scope}, ${code.challenge}, ${code.expiresAt})`)
}

/** Locks the code, so that of many who show it one gets what it is good for. */
export function lockCode(tx: Tx, codeHash: Buffer) {
  return tx.maybeOne<CodeRow & { userUuid: string; userIsActive: boolean }>(sql`
    SELECT k.client_id AS "clientId", k.user_id AS "userId", k.redirect_uri AS "redirectUri", k.scope, k.challenge,
           k.expires_at AS "expiresAt", u.uuid AS "userUuid", u.is_active AS "userIsActive"
    FROM identity.oauth2_codes k JOIN identity.users u ON u.id = k.user_id
    WHERE k.code_hash = ${codeHash} FOR UPDATE OF k`)
}

export function deleteCode(tx: Tx, codeHash: Buffer) {
  return tx.run(sql`DELETE FROM identity.oauth2_codes WHERE code_hash = ${codeHash}`)
}

export interface NewAccessToken {
  tokenHash: Buffer
  codeHash: Buffer
  clientId: bigint
  userId: bigint
  redirectUri: string
  scope: string
  expiresAt: Date
}

export function insertAccessToken(tx: Tx, token: NewAccessToken) {
  return tx.run(sql`
    INSERT INTO identity.oauth2_tokens (token_hash, code_hash, client_id, user_id, redirect_uri, scope, expires_at)
    VALUES (${token.tokenHash}, ${token.codeHash}, ${token.clientId}, ${token.userId}, ${token.redirectUri}, ${token.scope},
            ${token.expiresAt})`)
}

/** Answers how many went. */
export function deleteTokensOfCode(tx: Tx, codeHash: Buffer) {
  return tx.run(sql`DELETE FROM identity.oauth2_tokens WHERE code_hash = ${codeHash}`)
}

export function findAccessToken(db: Queryable, tokenHash: Buffer) {
  return db.maybeOne<{ userId: bigint; scope: string; expiresAt: Date }>(sql`
    SELECT t.user_id AS "userId", t.scope, t.expires_at AS "expiresAt" FROM identity.oauth2_tokens t
    JOIN identity.users u ON u.id = t.user_id AND u.is_active
    WHERE t.token_hash = ${tokenHash}`)
}

export function deleteAccessToken(db: Queryable, tokenHash: Buffer) {
  return db.run(sql`DELETE FROM identity.oauth2_tokens WHERE token_hash = ${tokenHash}`)
}

/** What a person let programs have for as long as he is here: codes not yet traded, and tokens. */
export async function deleteOnlineGrants(tx: Tx, userId: bigint): Promise<void> {
  await tx.run(sql`DELETE FROM identity.oauth2_codes WHERE user_id = ${userId}`)
  await tx.run(sql`DELETE FROM identity.oauth2_tokens WHERE user_id = ${userId} AND access_type = 'online'`)
  await tx.run(sql`
    DELETE FROM identity.openid_records WHERE account = (SELECT uuid FROM identity.users WHERE id = ${userId})`)
}

export async function deleteExpiredGrants(db: Queryable): Promise<number> {
  const codes = await db.run(sql`DELETE FROM identity.oauth2_codes WHERE expires_at < now()`)
  const records = await deleteExpiredRecords(db)
  return codes + records + (await db.run(sql`DELETE FROM identity.oauth2_tokens WHERE expires_at < now()`))
}
