// Steps of signing in that are under way.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

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

export function deleteOldChallenges(db: Queryable) {
  return db.run(sql`
    WITH asked AS (DELETE FROM identity.passkey_challenges WHERE expires_at < now())
    DELETE FROM identity.sign_in_challenges WHERE expires_at < now()`)
}
