const FIRST_MS = 250
/** Shorter than the time for which a machine's disk waits for the program that serves it. */
export const LONGEST_MS = 15_000
/** After running for this long a program counts as healthy again. */
const SETTLED_MS = 30_000

/** How long to wait before the next start: at once the first time, then twice as long each time, up to a limit. */
export function backoff() {
  let failures = 0
  return (ranMs: number): number => {
    failures = ranMs >= SETTLED_MS ? 1 : failures + 1
    return Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1))
  }
}
