import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

/** Which second factors the person has. */
export function factorsOf(db: Queryable, userId: bigint) {
  return db.one<{ totp: boolean; passkeys: boolean; recoveryCodes: boolean }>(sql`
    SELECT EXISTS (SELECT FROM identity.totp WHERE user_id = ${userId} AND confirmed_at IS NOT NULL) AS totp,
           EXISTS (SELECT FROM identity.passkeys WHERE user_id = ${userId}) AS passkeys,
           EXISTS (SELECT FROM identity.recovery_codes WHERE user_id = ${userId}) AS "recoveryCodes"`)
}

export interface TotpRow {
  secretSealed: Buffer
  confirmedAt: Date | null
  lastStep: bigint
}

const TOTP = sql`secret_sealed AS "secretSealed", confirmed_at AS "confirmedAt", last_step AS "lastStep"`

export function findTotp(db: Queryable, userId: bigint) {
  return db.maybeOne<TotpRow>(sql`SELECT ${TOTP} FROM identity.totp WHERE user_id = ${userId}`)
}

/** Locks the row until commit, so that a code is taken once. */
export function lockTotp(tx: Tx, userId: bigint) {
  return tx.maybeOne<TotpRow>(sql`SELECT ${TOTP} FROM identity.totp WHERE user_id = ${userId} FOR UPDATE`)
}

/** A new secret that waits for its first code; one that waited before gives way. */
export function proposeTotp(tx: Tx, userId: bigint, secretSealed: Buffer) {
  return tx.run(sql`
    INSERT INTO identity.totp (user_id, secret_sealed) VALUES (${userId}, ${secretSealed})
    ON CONFLICT (user_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, created_at = now(), last_step = 0`)
}

/** Takes the code of this step; the first one confirms. */
export function noteTotpStep(tx: Tx, userId: bigint, step: bigint) {
  return tx.run(sql`
    UPDATE identity.totp SET last_step = ${step}, confirmed_at = coalesce(confirmed_at, now()) WHERE user_id = ${userId}`)
}

/** Answers how many went. */
export function deleteTotp(tx: Tx, userId: bigint) {
  return tx.run(sql`DELETE FROM identity.totp WHERE user_id = ${userId}`)
}

/** In place of those that there were. */
export async function replaceRecoveryCodes(tx: Tx, userId: bigint, hashes: readonly Buffer[]): Promise<void> {
  await tx.run(sql`DELETE FROM identity.recovery_codes WHERE user_id = ${userId}`)
  await tx.run(sql`INSERT INTO identity.recovery_codes (user_id, code_hash) SELECT ${userId}, unnest(${hashes}::bytea[])`)
}

/** Uses the code up; answers how many went: 0 when it is none, or was used before. */
export function deleteRecoveryCode(tx: Tx, userId: bigint, hash: Buffer) {
  return tx.run(sql`DELETE FROM identity.recovery_codes WHERE user_id = ${userId} AND code_hash = ${hash}`)
}

export async function countRecoveryCodes(db: Queryable, userId: bigint): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    SELECT count(*)::int AS count FROM identity.recovery_codes WHERE user_id = ${userId}`)
  return count
}
