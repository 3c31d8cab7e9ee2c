import { type Queryable, sql } from '@synnefo/lib/sql'

export interface AttemptCount {
  /** Attempts in the current window, this one included. */
  count: number
  secondsLeft: number
}

/** Counts one attempt. The window begins with its first attempt. */
export function countAttempt(db: Queryable, key: Buffer, windowSeconds: number) {
  return db.one<AttemptCount>(sql`
    INSERT INTO identity.attempts AS a (key, count, window_ends_at)
    VALUES (${key}, 1, now() + ${windowSeconds} * interval '1 second')
    ON CONFLICT (key) DO UPDATE SET
      count = CASE WHEN a.window_ends_at <= now() THEN 1 ELSE a.count + 1 END,
      window_ends_at = CASE WHEN a.window_ends_at <= now() THEN excluded.window_ends_at ELSE a.window_ends_at END
    RETURNING count, greatest(1, ceil(extract(epoch FROM window_ends_at - now())))::int AS "secondsLeft"`)
}

export function forgetAttempts(db: Queryable, keys: readonly Buffer[]) {
  return db.run(sql`DELETE FROM identity.attempts WHERE key = ANY(${keys}::bytea[])`)
}

export function deleteOldAttempts(db: Queryable) {
  return db.run(sql`DELETE FROM identity.attempts WHERE window_ends_at < now()`)
}
