import { type Queryable, sql } from '@synnefo/lib/sql'

/** Answers false when it was spent before. */
export async function spendWork(db: Queryable, hash: Buffer, expiresAt: Date): Promise<boolean> {
  const spent = await db.run(sql`
    INSERT INTO identity.spent_work (work_hash, expires_at) VALUES (${hash}, ${expiresAt}) ON CONFLICT DO NOTHING`)
  return spent === 1
}

export function forgetSpentWork(db: Queryable) {
  return db.run(sql`DELETE FROM identity.spent_work WHERE expires_at < now()`)
}
