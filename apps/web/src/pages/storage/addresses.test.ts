import { expect, test } from 'vitest'
import { addressesIn } from './addresses.ts'

test('addresses are taken apart however they were separated', () => {
  expect(addressesIn(' a@x.test, b@x.test;c@x.test\n a@x.test ')).toEqual(['a@x.test', 'b@x.test', 'c@x.test'])
  expect(addressesIn(' ')).toEqual([])
})
