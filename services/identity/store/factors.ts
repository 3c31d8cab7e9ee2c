import { type Queryable, sql } from '@synnefo/lib/sql'

/** Which second factors the person has. */
export function factorsOf(db: Queryable, userId: bigint) {
  return db.one<{ totp: boolean; passkeys: boolean; recoveryCodes: boolean }>(sql`
    SELECT EXISTS (SELECT FROM identity.totp WHERE user_id = ${userId} AND confirmed_at IS NOT NULL) AS totp,
           EXISTS (SELECT FROM identity.passkeys WHERE user_id = ${userId}) AS passkeys,
           EXISTS (SELECT FROM identity.recovery_codes WHERE user_id = ${userId}) AS "recoveryCodes"`)
}
