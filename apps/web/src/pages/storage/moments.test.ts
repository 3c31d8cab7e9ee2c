import { expect, test } from 'vitest'
import { localDay, localTime, momentOf } from './moments.ts'

test('a moment is written in local time and read back', () => {
  const seconds = 1_766_000_000
  expect(momentOf(localDay(seconds), localTime(seconds))).toBe(seconds)
  expect(momentOf('2026-01-02', '03:04')).toBe(new Date(2026, 0, 2, 3, 4).getTime() / 1_000)
})

test('what is half written is no moment', () => {
  for (const [day, time] of [
    ['', '10:00'],
    ['2026-01-02', ''],
    ['2026-01', '10:00'],
    ['2026-13-02', '10:00'],
    ['2026-01-02', '10'],
    ['2026-01-02', '25:00'],
  ] as const)
    expect([day, time, momentOf(day, time)]).toEqual([day, time, undefined])
})
