import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

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

export interface SessionRow {
  id: bigint
  address: string
  userAgent: string
  method: string
  createdAt: Date
  lastSeenAt: Date
  expiresAt: Date
}

/** The sessions of a person that have not run out, the newest first. */
export function sessionsOf(db: Queryable, userId: bigint, idleHours: number) {
  return db.any<SessionRow>(sql`
    SELECT id, address, user_agent AS "userAgent", method, created_at AS "createdAt", last_seen_at AS "lastSeenAt",
           ${endOf(idleHours)} AS "expiresAt"
    FROM identity.sessions s WHERE user_id = ${userId} AND ${endOf(idleHours)} > now() ORDER BY id DESC`)
}

export interface SessionOfPerson extends SessionRow {
  userId: bigint
  uuid: string
  email: string
}

/** `condition` is about `s`, the session, and `u`, its person. */
export function listSessionsOfPeople(db: Queryable, condition: Sql, idleHours: number) {
  return db.any<SessionOfPerson>(sql`
    SELECT s.id, s.user_id AS "userId", u.uuid, u.email, s.address, s.user_agent AS "userAgent", s.method,
           s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt", ${endOf(idleHours)} AS "expiresAt"
    FROM identity.sessions s JOIN identity.users u ON u.id = s.user_id
    WHERE (${condition}) AND ${endOf(idleHours)} > now() ORDER BY s.id`)
}

/** When the session ends: at the end of its life, or earlier when nobody uses it. 0 idle hours: no earlier. */
export const endOf = (idleHours: number) => sql`
  CASE WHEN ${idleHours}::int = 0 THEN s.expires_at
       ELSE least(s.expires_at, s.last_seen_at + ${idleHours}::int * interval '1 hour') END`

/** Answers whether there was one. */
export async function deleteSessionOf(tx: Tx, userId: bigint, id: bigint): Promise<boolean> {
  return (await tx.run(sql`DELETE FROM identity.sessions WHERE user_id = ${userId} AND id = ${id}`)) === 1
}

/** Notes that the session is used, unless that was noted within the last minutes. */
export function noteSeen(db: Queryable, id: bigint, minutes: number) {
  return db.run(sql`
    UPDATE identity.sessions SET last_seen_at = now()
    WHERE id = ${id} AND last_seen_at < now() - ${minutes} * interval '1 minute'`)
}

/** The person proved to be himself in this session, now. */
export function noteProof(tx: Tx, id: bigint) {
  return tx.run(sql`UPDATE identity.sessions SET proven_at = now() WHERE id = ${id}`)
}

export async function provenAt(db: Queryable, id: bigint): Promise<Date | null> {
  const session = await db.maybeOne<{ at: Date | null }>(sql`SELECT proven_at AS at FROM identity.sessions WHERE id = ${id}`)
  return session?.at ?? null
}

/** Ends the sessions of a person, all but one. */
export function deleteSessionsOf(tx: Tx, userId: bigint, except?: bigint) {
  return tx.run(sql`DELETE FROM identity.sessions WHERE user_id = ${userId} AND id IS DISTINCT FROM ${except ?? null}`)
}

export function deleteExpiredSessions(db: Queryable) {
  return db.run(sql`DELETE FROM identity.sessions WHERE expires_at < now()`)
}
