import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface NewMail {
  sender: string
  recipient: string
  subject: string
  body: string
}

export function insertMail(tx: Tx, mail: NewMail) {
  return tx.run(sql`
    INSERT INTO identity.mails (sender, recipient, subject, body)
    VALUES (${mail.sender}, ${mail.recipient}, ${mail.subject}, ${mail.body})`)
}

export interface DueMail extends NewMail {
  id: bigint
  createdAt: Date
  attempts: number
}

/**
 * Takes mails that are due and puts their next attempt off: by doubling steps from a minute to an hour, which is also
 * how long a process that dies with a mail in hand delays it.
 */
export function claimDueMails(db: Queryable, limit: number) {
  return db.any<DueMail>(sql`
    UPDATE identity.mails m
    SET attempts = m.attempts + 1, next_attempt_at = now() + least(power(2, m.attempts), 60) * interval '1 minute'
    WHERE m.id IN (
      SELECT id FROM identity.mails WHERE refused_at IS NULL AND next_attempt_at <= now()
      ORDER BY next_attempt_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING m.id, m.sender, m.recipient, m.subject, m.body, m.created_at AS "createdAt", m.attempts`)
}

export function deleteMail(db: Queryable, id: bigint) {
  return db.run(sql`DELETE FROM identity.mails WHERE id = ${id}`)
}

export function noteMailDelay(db: Queryable, id: bigint, reason: string) {
  return db.run(sql`UPDATE identity.mails SET last_error = ${reason} WHERE id = ${id}`)
}

export function noteMailRefused(db: Queryable, id: bigint, reason: string) {
  return db.run(sql`UPDATE identity.mails SET refused_at = now(), last_error = ${reason}, body = '' WHERE id = ${id}`)
}
