import { expect, test } from 'vitest'
import { problemOf, readTerms, type Term, writeTerms } from './search-terms.ts'

const terms: Term[] = [
  { name: 'Tags', comparison: '=', value: 'sea' },
  { name: 'Draft', comparison: 'is not there', value: '' },
  { name: 'Stars', comparison: '>=', value: '3' },
  { name: 'Colour', comparison: 'is there', value: '' },
]

test('terms are written as the object store reads them, and read back', () => {
  expect(writeTerms(terms)).toBe('Tags=sea,!Draft,Stars>=3,Colour')
  expect(readTerms(writeTerms(terms))).toEqual(terms)
  expect(readTerms(', !a=b ,a b, =c')).toEqual([])
})

test('what cannot be asked is said at its field', () => {
  const problem = (name: string, value: string, comparison: Term['comparison'] = '=') => problemOf({ name, comparison, value })
  expect(problem('Tags', 'sea')).toBeUndefined()
  expect(problem('Tags', '', 'is there')).toBeUndefined()
  expect(problem('', 'sea')).toHaveProperty('name')
  expect(problem('a=b', 'sea')).toHaveProperty('name')
  expect(problem('Tags', '')).toHaveProperty('value')
  expect(problem('Tags', 'sea, sun')).toHaveProperty('value')
})
