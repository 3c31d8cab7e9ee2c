import { expect, test } from 'vitest'
import { type Limits, READING, refusalOf, scopesOf } from './limits.ts'

test.for<[Partial<Limits>, string[]]>([
  [{}, ['all:read']],
  [{ readOnly: false }, ['all']],
  [{ services: ['compute', 'network'] }, ['compute:read', 'network:read']],
  [{ services: ['object-store'], readOnly: false, container: ' backups ' }, ['object-store/backups']],
  [{ services: ['object-store'], container: 'backups/host/' }, ['object-store:read/backups/host/']],
  [{ services: ['compute'], container: 'backups' }, ['compute:read']],
])('%j is %j', ([choice, scopes]) => {
  expect(refusalOf({ ...READING, ...choice })).toBeUndefined()
  expect(scopesOf({ ...READING, ...choice })).toEqual(scopes)
})

test('a choice of nothing, and a container without a name, are refused in words', () => {
  expect(refusalOf({ ...READING, services: [] })).toMatch(/at least one/)
  expect(refusalOf({ ...READING, container: '/x' })).toMatch(/no name/)
})
