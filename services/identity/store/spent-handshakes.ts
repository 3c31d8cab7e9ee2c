import { type Queryable, sql } from '@synnefo/lib/sql'

/** Answers whether this is the first time that it came back. */
export async function spendHandshake(
  db: Queryable,
  idHash: Buffer,
  lifeSeconds: number,
  claims: object | null = null,
): Promise<boolean> {
  const spent = await db.run(sql`
    INSERT INTO identity.spent_handshakes (id_hash, claims, expires_at)
    VALUES (${idHash}, ${claims === null ? null : { ...claims }}, now() + ${lifeSeconds} * interval '1 second')
    ON CONFLICT DO NOTHING`)
  return spent === 1
}

/** Who it was, told once. */
export async function takeClaims<Claims>(db: Queryable, idHash: Buffer): Promise<Claims | undefined> {
  const row = await db.maybeOne<{ claims: Claims }>(sql`
    WITH kept AS (
      SELECT id_hash, claims FROM identity.spent_handshakes
      WHERE id_hash = ${idHash} AND claims IS NOT NULL AND expires_at > now() FOR UPDATE
    )
    UPDATE identity.spent_handshakes s SET claims = NULL FROM kept WHERE s.id_hash = kept.id_hash
    RETURNING kept.claims`)
  return row?.claims
}

export function deleteOldHandshakes(db: Queryable) {
  return db.run(sql`DELETE FROM identity.spent_handshakes WHERE expires_at < now()`)
}
