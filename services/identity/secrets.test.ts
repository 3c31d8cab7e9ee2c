import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { newSecret, openKeys } from './secrets.ts'

const keys = openKeys(randomBytes(32))

test('a sealed secret opens with the same key in the same place only', () => {
  const secret = newSecret()
  expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
  const sealed = keys.seal(secret, 'user 1')
  expect(sealed.includes(secret)).toBe(false)
  expect(keys.unseal(sealed, 'user 1')).toBe(secret)
  expect(() => keys.unseal(sealed, 'user 2')).toThrow()
  expect(() => openKeys(randomBytes(32)).unseal(sealed, 'user 1')).toThrow()
  const changed = Buffer.from(sealed)
  changed[changed.length - 1]! ^= 1
  expect(() => keys.unseal(changed, 'user 1')).toThrow()
})

test('a signature holds for its text and its cloud', () => {
  const signature = keys.sign('session 1')
  expect(keys.isSigned('session 1', signature)).toBe(true)
  expect(keys.isSigned('session 2', signature)).toBe(false)
  expect(keys.isSigned('session 1', '')).toBe(false)
  expect(openKeys(randomBytes(32)).isSigned('session 1', signature)).toBe(false)
})

test('a key that is too short is refused', () => {
  expect(() => openKeys(Buffer.alloc(16))).toThrow(/at least 32/)
})
