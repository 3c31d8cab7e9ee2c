import { expect } from 'vitest'

/** A packet that gets through may take its time on a busy host. What must not get through is tried once. */
export const works = (attempt: () => Promise<boolean>) => expect.poll(attempt).toBe(true)
