import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface EmailChangeRow {
  userId: bigint
  newEmail: string
  requestedAt: Date
}

const COLUMNS = sql`c.user_id AS "userId", c.new_email AS "newEmail", c.requested_at AS "requestedAt"`

/** Takes the place of an earlier wish. */
export function putEmailChange(tx: Tx, { userId, newEmail, keyHash }: { userId: bigint; newEmail: string; keyHash: Buffer }) {
  return tx.run(sql`
    INSERT INTO identity.email_changes (user_id, new_email, key_hash) VALUES (${userId}, ${newEmail}, ${keyHash})
    ON CONFLICT (user_id)
    DO UPDATE SET new_email = excluded.new_email, key_hash = excluded.key_hash, requested_at = now()`)
}

export function findEmailChange(db: Queryable, keyHash: Buffer) {
  return db.maybeOne<EmailChangeRow>(sql`SELECT ${COLUMNS} FROM identity.email_changes c WHERE c.key_hash = ${keyHash}`)
}

export function emailChangeOf(db: Queryable, userId: bigint) {
  return db.maybeOne<EmailChangeRow>(sql`SELECT ${COLUMNS} FROM identity.email_changes c WHERE c.user_id = ${userId}`)
}

/** Answers how many went. */
export function deleteEmailChange(tx: Tx, userId: bigint) {
  return tx.run(sql`DELETE FROM identity.email_changes WHERE user_id = ${userId}`)
}
