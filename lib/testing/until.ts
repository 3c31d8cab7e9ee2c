import { setTimeout as delay } from 'node:timers/promises'

/**
 * How long a state that comes is waited for, on a machine that does other work besides: it only ends what is hopeless.
 * Tests and hooks as a whole get more (`vitest.config.ts`).
 */
export const PATIENCE_MS = 120_000

/** What makes `until` look again. */
type Nothing = undefined | null | false | 0 | ''

/** Waits until `look` answers something, and answers that. While it throws, the state has not come either. */
export async function until<T>(
  look: () => T | Promise<T>,
  { patienceMs = PATIENCE_MS, everyMs = 25 }: { patienceMs?: number; everyMs?: number } = {},
): Promise<Exclude<T, Nothing>> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    let cause: unknown
    try {
      const answer = await look()
      if (answer) return answer as Exclude<T, Nothing>
    } catch (error) {
      cause = error
    }
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s in vain for: ${look}`, { cause })
    await delay(everyMs)
  }
}
