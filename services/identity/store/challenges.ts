// Steps of signing in that are under way.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface SignInChallengeRow {
  secretHash: Buffer
  userId: bigint
  uuid: string
  module: string
  identifier: string
}

export interface NewSignInChallenge {
  secretHash: Buffer
  userId: bigint
  module: string
  identifier: string
  address: string
  lifeSeconds: number
}

export function insertSignInChallenge(tx: Tx, challenge: NewSignInChallenge) {
  const { secretHash, userId, module, identifier, address, lifeSeconds } = challenge
  return tx.run(sql`
    INSERT INTO identity.sign_in_challenges (secret_hash, user_id, module, identifier, address, expires_at)
    VALUES (${secretHash}, ${userId}, ${module}, ${identifier}, ${address}, now() + ${lifeSeconds} * interval '1 second')`)
}

/** The sign-in that waits under this secret, when it is asked about from where it began. */
export function findSignInChallenge(db: Queryable, secretHash: Buffer, address: string) {
  return db.maybeOne<SignInChallengeRow>(sql`
    SELECT c.secret_hash AS "secretHash", c.user_id AS "userId", u.uuid, c.module, c.identifier
    FROM identity.sign_in_challenges c JOIN identity.users u ON u.id = c.user_id
    WHERE c.secret_hash = ${secretHash} AND c.address = ${address} AND c.expires_at > now()`)
}

/** Uses the challenge up; answers how many went: 0 when somebody else was faster. */
export function deleteSignInChallenge(tx: Tx, secretHash: Buffer) {
  return tx.run(sql`DELETE FROM identity.sign_in_challenges WHERE secret_hash = ${secretHash}`)
}

/** Ends the sign-ins of a person that wait for their second step. */
export function deleteSignInChallengesOf(tx: Tx, userId: bigint) {
  return tx.run(sql`DELETE FROM identity.sign_in_challenges WHERE user_id = ${userId}`)
}

/** Notes a wrong answer; the last one that is allowed ends the challenge. */
export function noteWrongAnswer(tx: Tx, secretHash: Buffer, atMost: number) {
  return tx.run(sql`
    WITH noted AS (
      UPDATE identity.sign_in_challenges SET attempts = attempts + 1
      WHERE secret_hash = ${secretHash} AND attempts < ${atMost - 1} RETURNING secret_hash)
    DELETE FROM identity.sign_in_challenges WHERE secret_hash = ${secretHash} AND NOT EXISTS (SELECT FROM noted)`)
}

/** What the answer of a passkey is good for. */
export type Purpose = 'register' | 'sign-in' | 'second-step' | 'confirm'

export interface PasskeyChallenge {
  challengeHash: Buffer
  purpose: Purpose
  /** Null: nobody is known yet. */
  userId: bigint | null
  address: string
}

export function insertPasskeyChallenge(db: Queryable, challenge: PasskeyChallenge & { lifeSeconds: number }) {
  const { challengeHash, purpose, userId, address, lifeSeconds } = challenge
  return db.run(sql`
    INSERT INTO identity.passkey_challenges (challenge_hash, purpose, user_id, address, expires_at)
    VALUES (${challengeHash}, ${purpose}, ${userId}, ${address}, now() + ${lifeSeconds} * interval '1 second')`)
}

/** Uses the challenge up, whatever becomes of the answer; answers whether it was given for exactly this. */
export async function takePasskeyChallenge(
  db: Queryable,
  { challengeHash, purpose, userId, address }: PasskeyChallenge,
): Promise<boolean> {
  const taken = await db.maybeOne<{ fits: boolean }>(sql`
    DELETE FROM identity.passkey_challenges WHERE challenge_hash = ${challengeHash}
    RETURNING purpose = ${purpose} AND user_id IS NOT DISTINCT FROM ${userId}::bigint AND address = ${address}
      AND expires_at > now() AS fits`)
  return taken?.fits ?? false
}

export function deleteOldChallenges(db: Queryable) {
  return db.run(sql`
    WITH asked AS (DELETE FROM identity.passkey_challenges WHERE expires_at < now())
    DELETE FROM identity.sign_in_challenges WHERE expires_at < now()`)
}
