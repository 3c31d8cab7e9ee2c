import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface PendingLoginRow<Claims> {
  id: bigint
  claims: Claims
}

/** Keeps the identity until somebody makes an account of it; the token that was handed out before ends. */
export function insertPendingLogin<Claims extends { module: string; identifier: string }>(
  tx: Tx,
  claims: Claims,
  tokenHash: Buffer,
) {
  return tx.run(sql`
    INSERT INTO identity.pending_logins (module, identifier, claims, token_hash)
    VALUES (${claims.module}, ${claims.identifier}, ${{ ...claims }}, ${tokenHash})
    ON CONFLICT (module, identifier) DO UPDATE
    SET claims = excluded.claims, token_hash = excluded.token_hash, created_at = now()`)
}

export function findPendingLogin<Claims>(db: Queryable, tokenHash: Buffer, days: number) {
  return db.maybeOne<PendingLoginRow<Claims>>(sql`
    SELECT id, claims FROM identity.pending_logins
    WHERE token_hash = ${tokenHash} AND created_at > now() - ${days} * interval '1 day'`)
}

export function lockPendingLogin<Claims>(tx: Tx, tokenHash: Buffer, days: number) {
  return tx.maybeOne<PendingLoginRow<Claims>>(sql`
    SELECT id, claims FROM identity.pending_logins
    WHERE token_hash = ${tokenHash} AND created_at > now() - ${days} * interval '1 day' FOR UPDATE`)
}

export function deletePendingLogin(tx: Tx, module: string, identifier: string) {
  return tx.run(sql`DELETE FROM identity.pending_logins WHERE module = ${module} AND identifier = ${identifier}`)
}

export function deleteOldPendingLogins(db: Queryable, days: number) {
  return db.run(sql`DELETE FROM identity.pending_logins WHERE created_at < now() - ${days} * interval '1 day'`)
}
