// Limits on what can be guessed. An attempt is counted before it is looked at, so that many at once cannot slip through;
// a success forgets what was counted against it.
import { createHash } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { Db } from '@synnefo/lib/sql'
import { countAttempt, forgetAttempts } from './store/attempts.ts'

export interface Limit {
  /** What is counted, such as an account together with the address that tries. */
  key: readonly string[]
  atMost: number
  windowSeconds: number
}

/** Counts an attempt against each limit; throws `tooManyRequests` when one is exceeded. */
export async function countAgainst(db: Db, limits: readonly Limit[]): Promise<void> {
  for (const limit of limits) {
    const { count, secondsLeft } = await countAttempt(db, keyOf(limit), limit.windowSeconds)
    if (count > limit.atMost) {
      const wait = secondsLeft > 90 ? `${Math.ceil(secondsLeft / 60)} minutes` : `${secondsLeft} seconds`
      throw new Fault('tooManyRequests', `Too many attempts. Try again in ${wait}.`, {
        headers: { 'Retry-After': String(secondsLeft) },
      })
    }
  }
}

/** Whether this attempt is within the limit; counts it. */
export async function isWithin(db: Db, limit: Limit): Promise<boolean> {
  return (await countAttempt(db, keyOf(limit), limit.windowSeconds)).count <= limit.atMost
}

export async function forgive(db: Db, limits: readonly Limit[]): Promise<void> {
  await forgetAttempts(db, limits.map(keyOf))
}

/** Neither accounts nor addresses stand readable in the table. */
const keyOf = ({ key }: Limit) => createHash('sha256').update(JSON.stringify(key)).digest()
