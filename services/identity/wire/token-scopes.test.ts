import { expect, test } from 'vitest'
import { describeScope, parseScope, type Scope, scopesFor, writeScope } from './token-scopes.ts'

test.for<[string, Scope]>([
  ['all', { service: 'all', readOnly: false }],
  ['all:read', { service: 'all', readOnly: true }],
  ['compute', { service: 'compute', readOnly: false }],
  ['object-store:read', { service: 'object-store', readOnly: true }],
  ['object-store/backups', { service: 'object-store', readOnly: false, container: 'backups' }],
  ['object-store:read/my photos/2026/', { service: 'object-store', readOnly: true, container: 'my photos', prefix: '2026/' }],
  ['object-store/a:b/c', { service: 'object-store', readOnly: false, container: 'a:b', prefix: 'c' }],
])('%s is a scope, and reads as it was written', ([text, scope]) => {
  expect(parseScope(text)).toEqual(scope)
  expect(writeScope(scope)).toBe(text)
})

test('a slash at the end of a container means all of it', () => {
  expect(writeScope(parseScope('object-store/backups/')!)).toBe('object-store/backups')
})

test.for([
  '',
  'everything',
  'read',
  'compute:write',
  'compute/servers',
  'all/backups',
  'object-store/',
  'object-store//a',
  'Compute',
  'object-store/a\0',
])('%j is no scope', (text) => {
  expect(parseScope(text)).toBeUndefined()
})

test('scopes add up, and those for reading do not change anything', () => {
  const scopes = ['all:read', 'compute'].map((text) => parseScope(text)!)
  expect(scopesFor(scopes, 'compute', 'change').map(writeScope)).toEqual(['compute'])
  expect(scopesFor(scopes, 'network', 'read').map(writeScope)).toEqual(['all:read'])
  expect(scopesFor(scopes, 'network', 'change')).toEqual([])
})

test('a scope is told in words', () => {
  expect(describeScope(parseScope('object-store:read/backups/host')!)).toBe(
    'read object storage, container backups, names that begin with host',
  )
})
