import { expect, test } from 'vitest'
import { bytesOf, draftOfQuota, quotaProblem } from './container-quota.ts'

test.each([
  [0, '', 'GiB'],
  [2 ** 30 * 1.5, '1.5', 'GiB'],
  [2 ** 40, '1', 'TiB'],
  [100, String(100 / 2 ** 20), 'MiB'],
])('%s bytes are written as “%s” %s, and read back as they were', (bytes, amount, unit) => {
  expect(draftOfQuota(bytes)).toEqual({ amount, unit })
  expect(bytesOf(draftOfQuota(bytes))).toBe(bytes)
})

test('nothing is no limit, and words are none either', () => {
  expect(quotaProblem({ amount: ' ', unit: 'GiB' })).toBeUndefined()
  expect(quotaProblem({ amount: '2.5', unit: 'TiB' })).toBeUndefined()
  for (const amount of ['0', '-1', 'much', '1e3', '2000']) expect(quotaProblem({ amount, unit: 'TiB' })).toBeDefined()
})
