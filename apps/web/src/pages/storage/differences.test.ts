import type { StoredObject } from '@synnefo/clients/object-store'
import { expect, test } from 'vitest'
import { concerns, differences } from './differences.ts'

const object = (name: string, x_object_hash = 'same', content_type = 'text/plain') =>
  ({ name, x_object_hash, content_type, bytes: 1 }) as StoredObject

test('what comes back, becomes what it was, and goes is told apart; what is as it was is not told', () => {
  const then = [object('lost'), object('changed', 'old'), object('typed', 'same', 'text/html'), object('same')]
  const now = [object('changed', 'new'), object('typed'), object('same'), object('new')]
  expect(differences('', then, now)).toEqual({ back: ['lost'], replaced: ['changed', 'typed'], gone: ['new'] })
})

test('a folder is itself and what is in it, an object itself alone', () => {
  const concerned = (place: string) => ['a', 'a/', 'a/b', 'a/b/c', 'ab', 'a.txt', 'other'].filter((name) => concerns(place, name))
  expect(concerned('a/')).toEqual(['a', 'a/', 'a/b', 'a/b/c'])
  expect(concerned('a')).toEqual(['a'])
  expect(concerned('')).toHaveLength(7)
})

test('what is elsewhere is not told', () => {
  expect(differences('a/', [object('a/b')], [object('ab'), object('b')])).toEqual({ back: ['a/b'], replaced: [], gone: [] })
})
