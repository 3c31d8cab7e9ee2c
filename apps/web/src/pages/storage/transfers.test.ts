import { expect, test } from 'vitest'
import type { Row } from './rows.ts'
import { destinationOf, numbered, transferProblem } from './transfers.ts'

const folder = (name: string): Row => ({ kind: 'folder', name, label: name.split('/').at(-2)! })
const file = (name: string) => ({ kind: 'object', name, label: name.split('/').at(-1)! }) as Row

test('a number goes before the ending of a name', () => {
  expect(['a.txt', 'b.c/a', '.profile', 'a.tar.gz', 'x/photos'].map((name) => numbered(name, 2))).toEqual([
    'a (2).txt',
    'b.c/a (2)',
    '.profile (2)',
    'a.tar (2).gz',
    'x/photos (2)',
  ])
})

test('things keep their own name in another folder', () => {
  expect(destinationOf(file('a/b.txt'), { container: 'c', name: 'x/' })).toEqual({ container: 'c', name: 'x/b.txt' })
  expect(destinationOf(folder('a/b/'), { container: 'c', name: '' })).toEqual({ container: 'c', name: 'b' })
})

test('nothing goes into itself, and nothing is moved to where it is', () => {
  const problem = (row: Row, name: string, way: 'copy' | 'move', container = 'c') =>
    transferProblem([row], 'c', { container, name }, way)
  expect(problem(folder('a/'), 'a/b/', 'copy')).toContain('into itself')
  expect(problem(folder('a/'), 'a/', 'move')).toContain('into itself')
  expect(problem(folder('a/'), 'ab/', 'move')).toBeUndefined()
  expect(problem(folder('a/'), 'a/', 'move', 'other')).toBeUndefined()
  expect(problem(file('a/b'), 'a/', 'move')).toContain('where it is already')
  expect(problem(file('a/b'), 'a/', 'copy')).toBeUndefined()
})
