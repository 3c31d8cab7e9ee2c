import type { StoredObject } from '@synnefo/clients/object-store'
import { expect, test } from 'vitest'
import { rowsOf } from './rows.ts'

const object = (name: string, content_type = 'text/plain') => ({ name, content_type, bytes: 1 }) as StoredObject

test('a folder that exists as an object and has content is one row', () => {
  const pages = rowsOf([[object('photos', 'application/directory'), object('photos.txt'), { subdir: 'photos/' }]], '')
  expect(pages[0]?.map(({ kind, label }) => `${kind} ${label}`)).toEqual(['folder photos', 'object photos.txt'])
})

test('so it is when the two are on different pages', () => {
  const pages = rowsOf([[object('a', 'application/directory; charset=UTF-8')], [{ subdir: 'a/' }, object('b')]], '')
  expect(pages.map((rows) => rows.map(({ name }) => name))).toEqual([['a/'], ['b']])
})

test('the folder itself is not in it', () => {
  expect(
    rowsOf([[object('photos/', 'application/directory'), object('photos/sea.jpg')]], 'photos/')[0]?.map(({ label }) => label),
  ).toEqual(['sea.jpg'])
})
