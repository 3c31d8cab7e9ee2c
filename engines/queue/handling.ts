// What is being handled at the moment, and waiting for it.
import { setTimeout as delay } from 'node:timers/promises'

export interface Handling {
  readonly count: number
  add(work: Promise<void>): void
  /** Answers when nothing is being handled any more, or after this time. */
  settled(graceMillis: number): Promise<void>
}

export function openHandling(): Handling {
  const running = new Set<Promise<void>>()
  return {
    get count() {
      return running.size
    },
    add(work) {
      running.add(work)
      void work.finally(() => running.delete(work))
    },
    async settled(graceMillis) {
      const stop = new AbortController()
      await Promise.race([Promise.all(running), delay(graceMillis, undefined, { signal: stop.signal }).catch(() => {})])
      stop.abort()
    },
  }
}

/** How long a closing consumer waits for its handlers unless told otherwise. */
export const GRACE_MILLIS = 10_000
