import { expect, test } from 'vitest'
import { parseQuantity, showQuantity } from './quantities.ts'

test.each([
  ['4', 4n],
  ['0', 0n],
  ['2GiB', 2n * 1024n ** 3n],
  ['2 gb', 2n * 1024n ** 3n],
  ['1.5k', 1536n],
  ['10 bytes', 10n],
  ['3P', 3n * 1024n ** 5n],
  ['inf', 2n ** 63n - 1n],
  ['Infinite', 2n ** 63n - 1n],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['9223372036854775808', undefined],
  ['-1', undefined],
  ['', undefined],
  ['1.', undefined],
  ['2 goats', undefined],
])('%j is %s', (text, quantity) => {
  expect(parseQuantity(text)).toBe(quantity)
})

test.each([
  [4n, null, 'mb', '4'],
  [512n, 'bytes', 'b', '512'],
  [20n * 1024n ** 3n, 'bytes', 'gb', '20.0 GB'],
  [3n * 1024n ** 2n, 'bytes', 'mb', '3.00 MB'],
  [100n, 'bytes', 'kb', '0.098 KB'],
  [100n, 'bytes', 'auto', '100 B'],
  [5n * 1024n ** 4n, 'bytes', 'auto', '5.00 TB'],
  [2n ** 63n - 1n, 'bytes', 'auto', 'inf'],
  [2n ** 63n - 1n, null, 'none', '9223372036854775807'],
] as const)('%s (%s) in style %s is %s', (quantity, unit, style, text) => {
  expect(showQuantity(quantity, unit, style)).toBe(text)
})
