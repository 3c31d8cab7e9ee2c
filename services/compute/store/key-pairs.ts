import { type Queryable, sql } from '@synnefo/lib/sql'

export interface KeyPairRow {
  id: bigint
  name: string
  content: string
  fingerprint: string
  createdAt: Date
  updatedAt: Date
}

const KEY_PAIR = sql`id, name, content, fingerprint, created_at AS "createdAt", updated_at AS "updatedAt"`

export function keyPairsOf(db: Queryable, userId: string): Promise<KeyPairRow[]> {
  return db.any<KeyPairRow>(sql`SELECT ${KEY_PAIR} FROM compute.key_pairs WHERE user_id = ${userId} ORDER BY name`)
}

export function keyPairNamed(db: Queryable, userId: string, name: string): Promise<KeyPairRow | undefined> {
  return db.maybeOne<KeyPairRow>(sql`SELECT ${KEY_PAIR} FROM compute.key_pairs WHERE user_id = ${userId} AND name = ${name}`)
}

/** Serialises the changes of one person's key pairs until commit, so that the limit on their number holds. */
export async function lockKeyPairsOf(tx: Queryable, userId: string): Promise<void> {
  await tx.run(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`compute.key_pairs:${userId}`}, 0))`)
}

/** Answers undefined when the name is taken. */
export function insertKeyPair(
  tx: Queryable,
  userId: string,
  pair: { name: string; content: string; fingerprint: string },
): Promise<KeyPairRow | undefined> {
  return tx.maybeOne<KeyPairRow>(sql`
    INSERT INTO compute.key_pairs (user_id, name, content, fingerprint)
    VALUES (${userId}, ${pair.name}, ${pair.content}, ${pair.fingerprint})
    ON CONFLICT (user_id, name) DO NOTHING RETURNING ${KEY_PAIR}`)
}

export async function deleteKeyPair(tx: Queryable, userId: string, name: string): Promise<boolean> {
  return (await tx.run(sql`DELETE FROM compute.key_pairs WHERE user_id = ${userId} AND name = ${name}`)) > 0
}
