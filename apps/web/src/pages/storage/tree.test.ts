import { expect, test } from 'vitest'
import { ancestorsOf } from './tree.ts'

test('the way to a folder leads from the container through all folders above', () => {
  expect(ancestorsOf('')).toEqual([''])
  expect(ancestorsOf('a/b/')).toEqual(['', 'a/', 'a/b/'])
})
