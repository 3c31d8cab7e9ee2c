import { expect, test } from 'vitest'
import { addressAfter, contains, isReserved, overlap, parseBlock, versionOf } from './addresses.ts'

const block = (cidr: string) => parseBlock(cidr)!

test('a block is named by its first address', () => {
  expect(parseBlock('10.0.0.77/24')).toEqual({ version: 4, first: '10.0.0.0', prefixLength: 24 })
  expect(parseBlock('fd00:0:0::1/64')).toEqual({ version: 6, first: 'fd00::', prefixLength: 64 })
})

test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0/24', '10.0.0.0/24/1', 'fd00::/129', 'x/8'])(
  '%s is no block',
  (text) => {
    expect(parseBlock(text)).toBeUndefined()
  },
)

test.each(['010.0.0.1', '10.1', '0x0a000001', 'fe80::1%eth0', ''])('%s is no address', (text) => {
  expect(versionOf(text)).toBeUndefined()
})

test('blocks overlap when one lies within the other', () => {
  expect(overlap(block('10.0.0.0/8'), block('10.3.0.0/16'))).toBe(true)
  expect(overlap(block('10.3.0.0/16'), block('0.0.0.0/0'))).toBe(true)
  expect(overlap(block('10.3.0.0/16'), block('10.4.0.0/16'))).toBe(false)
  expect(overlap(block('10.0.0.0/8'), block('fd00::/8'))).toBe(false)
})

test('the first and last address of a subnet belong to nobody, except in the smallest', () => {
  expect(isReserved(block('10.0.0.0/24'), '10.0.0.0')).toBe(true)
  expect(isReserved(block('10.0.0.0/24'), '10.0.0.255')).toBe(true)
  expect(isReserved(block('10.0.0.0/31'), '10.0.0.0')).toBe(false)
  expect(contains(block('10.0.0.0/31'), '10.0.0.2')).toBe(false)
})

test('addresses are counted across bytes', () => {
  expect(addressAfter('10.0.0.255', 1)).toBe('10.0.1.0')
  expect(addressAfter('203.0.113.0', 5)).toBe('203.0.113.5')
})
