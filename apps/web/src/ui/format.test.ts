import { expect, test } from 'vitest'
import { formatAmount, formatBytes, formatDistance, readTime } from './format.ts'

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [4_194_304, '4 MiB'],
  [107_374_182_400n, '100 GiB'],
  [2 ** 60, '1024 PiB'],
])('%s bytes read as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('the largest limit is no limit', () => {
  expect(formatAmount('cyclades.vm', 2n ** 63n - 1n)).toBe('unlimited')
  expect(formatAmount('cyclades.ram', 2n ** 30n)).toBe('1 GiB')
  expect(formatAmount('cyclades.vm', 3n)).toBe('3')
})

test('times of both kinds are read as UTC', () => {
  expect(readTime('2026-11-03 09:12:44').toISOString()).toBe('2026-11-03T09:12:44.000Z')
  expect(readTime('2026-11-03T09:12:44.123456+00:00').toISOString()).toBe('2026-11-03T09:12:44.123Z')
})

test('distances are rough', () => {
  const now = new Date('2026-11-03T12:00:00Z')
  expect(formatDistance(new Date('2026-11-03T11:59:30Z'), now)).toBe('just now')
  expect(formatDistance(new Date('2026-11-03T11:15:00Z'), now)).toBe('45 minutes ago')
  expect(formatDistance(new Date('2026-12-03T12:00:00Z'), now)).toBe('in 30 days')
})
