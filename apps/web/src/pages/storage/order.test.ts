import type { StoredObject } from '@synnefo/clients/object-store'
import { expect, test } from 'vitest'
import { BY_NAME, inOrder } from './order.ts'
import type { Row } from './rows.ts'

const folder = (label: string): Row => ({ kind: 'folder', name: `${label}/`, label })
const file = (label: string, bytes: number, day: number, content_type: string): Row => ({
  kind: 'object',
  name: label,
  label,
  object: { name: label, bytes, content_type, last_modified: `2026-01-${day}T00:00:00+00:00` } as StoredObject,
})
const rows = [
  file('b10.txt', 1, 12, 'text/plain'),
  folder('z'),
  file('b9.txt', 5, 11, 'text/plain'),
  file('a.png', 3, 13, 'image/png'),
  folder('c'),
]
const labels = (by: 'name' | 'type' | 'size' | 'changed', descending = false) =>
  inOrder(rows, { by, descending }).map(({ label }) => label)

test('folders come first in every order and both directions', () => {
  expect(labels('name')).toEqual(['c', 'z', 'a.png', 'b9.txt', 'b10.txt'])
  expect(labels('name', true)).toEqual(['z', 'c', 'b10.txt', 'b9.txt', 'a.png'])
  expect(labels('size')).toEqual(['c', 'z', 'b10.txt', 'a.png', 'b9.txt'])
  expect(labels('changed', true)).toEqual(['c', 'z', 'a.png', 'b10.txt', 'b9.txt'])
})

test('what is alike stands by name, whichever way', () => {
  expect(labels('type')).toEqual(['c', 'z', 'a.png', 'b9.txt', 'b10.txt'])
  expect(labels('type', true)).toEqual(['c', 'z', 'b9.txt', 'b10.txt', 'a.png'])
  expect(inOrder(rows, BY_NAME)).toHaveLength(rows.length)
})
