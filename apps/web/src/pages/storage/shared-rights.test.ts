import type { StoredObject } from '@synnefo/clients/object-store'
import { expect, test } from 'vitest'
import { rightOf } from './shared-rights.ts'

const row = (part: Partial<StoredObject>) =>
  ({ kind: 'object', name: 'a', label: 'a', object: { name: 'a', ...part } as StoredObject }) as const

test('what is shared by itself is decided by that alone', () => {
  expect(rightOf(row({ x_object_sharing: 'read=*', x_object_allowed_to: 'read' }), 'write')).toBe('read')
  expect(rightOf(row({ x_object_sharing: 'write=*', x_object_allowed_to: 'write' }), 'read')).toBe('write')
})

test('the rest has what its folder has', () => {
  expect(rightOf(row({}), 'write')).toBe('write')
  expect(rightOf({ kind: 'folder', name: 'b/', label: 'b' }, 'read')).toBe('read')
  expect(rightOf({ kind: 'folder', name: 'b/', label: 'b' }, undefined)).toBeUndefined()
})
