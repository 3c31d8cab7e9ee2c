import { type Queryable, sql } from '@synnefo/lib/sql'

export interface AttemptCount {
  /** Attempts in the current window, this one included. */
  count: number
  secondsLeft: number
}

export interface AttemptLimit {
  atMost: number
  windowSeconds: number
  /** How long an exceeded limit blocks at most: each time in a row twice as long as before, beginning with the window. */
  longestBlockSeconds: number
}

/**
 * Counts one attempt. The window begins with its first attempt; exceeding the limit makes it a block, which attempts
 * during it do not prolong. A day without any forgets how often there was one.
 */
export function countAttempt(db: Queryable, key: Buffer, { atMost, windowSeconds, longestBlockSeconds }: AttemptLimit) {
  const seconds = sql`interval '1 second'`
  const isOver = sql`a.window_ends_at <= now()`
  const exceedsNow = sql`a.count = ${atMost}::int`
  return db.one<AttemptCount>(sql`
    INSERT INTO identity.attempts AS a (key, count, window_ends_at)
    VALUES (${key}, 1, now() + ${windowSeconds}::int * ${seconds})
    ON CONFLICT (key) DO UPDATE SET
      count = CASE WHEN ${isOver} THEN 1 ELSE a.count + 1 END,
      blocks = CASE WHEN a.window_ends_at <= now() - interval '1 day' THEN 0
                    WHEN ${isOver} THEN a.blocks
                    WHEN ${exceedsNow} THEN a.blocks + 1
                    ELSE a.blocks END,
      window_ends_at = CASE
        WHEN ${isOver} THEN excluded.window_ends_at
        WHEN ${exceedsNow}
          THEN greatest(a.window_ends_at,
                        now() + least(${windowSeconds}::int * 2.0 ^ least(a.blocks, 30), ${longestBlockSeconds}::int) * ${seconds})
        ELSE a.window_ends_at END
    RETURNING count, greatest(1, ceil(extract(epoch FROM window_ends_at - now())))::int AS "secondsLeft"`)
}

export function forgetAttempts(db: Queryable, keys: readonly Buffer[]) {
  return db.run(sql`DELETE FROM identity.attempts WHERE key = ANY(${keys}::bytea[])`)
}

/** Takes back one attempt of each. */
export function takeBackAttempts(db: Queryable, keys: readonly Buffer[]) {
  return db.run(sql`UPDATE identity.attempts SET count = greatest(count - 1, 0) WHERE key = ANY(${keys}::bytea[])`)
}

export function deleteOldAttempts(db: Queryable) {
  return db.run(sql`
    DELETE FROM identity.attempts
    WHERE window_ends_at < now() AND (blocks = 0 OR window_ends_at < now() - interval '1 day')`)
}
