import type { StoredObject } from '@synnefo/clients/object-store'
import { expect, test } from 'vitest'
import { LARGEST_TEXT, neighboursOf, previewOf } from './previews.ts'
import type { Row } from './rows.ts'

test.each([
  ['image/png', 'a', 'picture'],
  ['image/jpeg; q=1', 'a', 'picture'],
  ['image/vnd.adobe.photoshop', 'a', undefined],
  ['text/html; charset=UTF-8', 'a', 'text'],
  ['application/ld+json', 'a', 'text'],
  ['application/octet-stream', 'notes.md', 'text'],
  ['application/octet-stream', 'disk.img', undefined],
  ['application/pdf', 'a.txt', undefined],
  ['video/mp4', 'a', 'film'],
])('a file of type %s called %s is shown as %s', (content_type, name, kind) => {
  expect(previewOf({ name, bytes: 1, content_type } as StoredObject)).toBe(kind)
})

test('large texts and what is not there yet are not shown', () => {
  const text = { name: 'a', bytes: LARGEST_TEXT, content_type: 'text/plain' } as StoredObject
  expect(previewOf(text)).toBe('text')
  expect(previewOf({ ...text, bytes: LARGEST_TEXT + 1 })).toBeUndefined()
  expect(previewOf({ ...text, available: 0 })).toBeUndefined()
})

test('from a picture one goes on to the pictures around it, past what is none', () => {
  const file = (name: string, content_type: string): Row => ({
    kind: 'object',
    name,
    label: name,
    object: { name, bytes: 1, content_type } as StoredObject,
  })
  const rows: Row[] = [
    { kind: 'folder', name: 'x/', label: 'x' },
    file('a', 'image/png'),
    file('b', 'text/plain'),
    file('c', 'image/png'),
  ]
  expect(neighboursOf(rows, 'a').next?.name).toBe('c')
  expect(neighboursOf(rows, 'a').previous).toBeUndefined()
  expect(neighboursOf(rows, 'c').previous?.name).toBe('a')
  expect(neighboursOf(rows, 'b')).toEqual({})
})
