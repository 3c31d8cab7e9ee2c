// Limits on what can be guessed. An attempt is counted before it is looked at, so that many at once cannot slip through.
// Who exceeds a limit waits, and each time in a row twice as long; a success forgets what was counted against it.
import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { Fault } from '@synnefo/lib/fault'
import type { Db, Queryable } from '@synnefo/lib/sql'
import { countAttempt, forgetAttempts, takeBackAttempts } from './store/attempts.ts'

export interface Limit {
  /** What is counted, such as an account together with the address that tries. Addresses count as `networkOf` cuts them. */
  key: readonly string[]
  atMost: number
  windowSeconds: number
  /** Counted for many accounts together: a success takes back itself only, or one's own account would unlock guessing at others. */
  shared?: boolean
  /** Counts uses, not guesses: who exceeds it waits until the window ends, and never longer. */
  isRate?: boolean
}

const LONGEST_BLOCK_SECONDS = 3600

/** Counts an attempt against each limit; throws `tooManyRequests` when one is exceeded. */
export async function countAgainst(db: Db, limits: readonly Limit[]): Promise<void> {
  for (const limit of limits) {
    const { count, secondsLeft } = await countAttempt(db, keyOf(limit), {
      ...limit,
      longestBlockSeconds: limit.isRate ? 0 : Math.max(limit.windowSeconds, LONGEST_BLOCK_SECONDS),
    })
    if (count > limit.atMost) {
      const wait = secondsLeft > 90 ? `${Math.ceil(secondsLeft / 60)} minutes` : `${secondsLeft} seconds`
      throw new Fault('tooManyRequests', `Too many attempts. Try again in ${wait}.`, {
        headers: { 'Retry-After': String(secondsLeft) },
      })
    }
  }
}

/** Whether this attempt is within the limit; counts it. Never blocks for longer than the window. */
export async function isWithin(db: Queryable, limit: Limit): Promise<boolean> {
  return (await countAttempt(db, keyOf(limit), { ...limit, longestBlockSeconds: 0 })).count <= limit.atMost
}

export async function forgive(db: Db, limits: readonly Limit[]): Promise<void> {
  const keys = (shared: boolean) => limits.filter((limit) => (limit.shared ?? false) === shared).map(keyOf)
  await forgetAttempts(db, keys(false))
  await takeBackAttempts(db, keys(true))
}

/** Neither accounts nor addresses stand readable in the table. */
const keyOf = ({ key }: Limit) =>
  createHash('sha256')
    .update(JSON.stringify(key.map(networkOf)))
    .digest()

/** Whoever has one IPv6 address has all of its /64, so they count as one. IPv4 addresses count alike however they are written. */
function networkOf(part: string): string {
  if (!isIPv6(part)) return part
  const { hostname } = new URL(`http://[${part.replace(/%.*$/, '')}]`)
  const [head = [], tail = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''))
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') {
    return groups
      .slice(6)
      .map((group) => Number.parseInt(group, 16))
      .flatMap((pair) => [pair >> 8, pair & 0xff])
      .join('.')
  }
  return `${groups.slice(0, 4).join(':')}::/64`
}
