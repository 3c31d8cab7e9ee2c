import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface NewSession {
  userId: bigint
  secretHash: Buffer
  address: string
  userAgent: string
  /** How the person signed in. */
  method: string
  expiresAt: Date
}

export function insertSession(tx: Tx, session: NewSession) {
  return tx.one<{ id: bigint }>(sql`
    INSERT INTO identity.sessions (user_id, secret_hash, address, user_agent, method, proven_at, expires_at)
    VALUES (${session.userId}, ${session.secretHash}, ${session.address}, ${session.userAgent}, ${session.method}, now(),
            ${session.expiresAt})
    RETURNING id`)
}

export function deleteSession(tx: Tx, id: bigint) {
  return tx.run(sql`DELETE FROM identity.sessions WHERE id = ${id}`)
}

/** Ends the sessions of a person, all but one. */
export function deleteSessionsOf(tx: Tx, userId: bigint, except?: bigint) {
  return tx.run(sql`DELETE FROM identity.sessions WHERE user_id = ${userId} AND id IS DISTINCT FROM ${except ?? null}`)
}

export function deleteExpiredSessions(db: Queryable) {
  return db.run(sql`DELETE FROM identity.sessions WHERE expires_at < now()`)
}
