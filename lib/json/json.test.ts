import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson, writeJson } from './index.ts'

test('the largest legal limit survives a round trip', () => {
  expect(writeJson(parseJson('{"limit":9223372036854775807}'))).toBe('{"limit":9223372036854775807}')
})

test('every 64-bit integer reads back as the same value, small ones as number', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const read = parseJson(writeJson([value])) as (number | bigint)[]
      expect(BigInt(read[0]!)).toBe(value)
      expect(typeof read[0]).toBe(value >= -(2n ** 53n) + 1n && value <= 2n ** 53n - 1n ? 'number' : 'bigint')
    }),
  )
})

test('fractions and exponents stay numbers', () => {
  expect(parseJson('[0.1250000000000000001, 1e300, "12345678901234567890"]')).toEqual([0.125, 1e300, '12345678901234567890'])
})
