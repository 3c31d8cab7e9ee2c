import { expect, test } from 'vitest'
import { backoff, LONGEST_MS } from './backoff.ts'

test('pauses double, stay below the longest one, and begin again after a healthy run', () => {
  const pauseAfter = backoff()
  const pauses = Array.from({ length: 10 }, () => pauseAfter(100))
  expect(pauses.slice(0, 4)).toEqual([250, 500, 1000, 2000])
  expect(pauses.at(-1)).toBe(LONGEST_MS)
  expect(pauseAfter(60_000)).toBe(250)
})
