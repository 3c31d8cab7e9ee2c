import { expect, test } from 'vitest'
import { changesOf, itemsOf, problemOf } from './metadata.ts'

const item = (name: string, value: string) => ({ name, value })

test('only what differs is sent, and what is gone is sent empty', () => {
  const before = { Tags: 'sea', Colour: 'blue', 'Trashed-From': 'files/a' }
  const items = [item('tags', 'sea,sun'), item('some_NAME', ' new '), item('', '')]
  expect(changesOf(before, items)).toEqual({ Tags: 'sea,sun', Colour: '', 'Some-Name': 'new' })
  expect(changesOf(before, itemsOf(before))).toEqual({})
})

test('names are taken as the object store writes them, within its limits', () => {
  const problem = (...items: ReturnType<typeof item>[]) => problemOf(items[0]!, items)
  expect(problem(item('', ''))).toBeUndefined()
  expect(problem(item('', 'x'))).toHaveProperty('name')
  expect(problem(item('Tags', ''))).toHaveProperty('value')
  expect(problem(item('Tags', 'x'), item('TAGS', 'y'))).toHaveProperty('name')
  expect(problem(item('trashed_from', 'x'))).toHaveProperty('name')
  expect(problem(item('n'.repeat(114), 'v'.repeat(256)))).toBeUndefined()
  expect(problem(item('n'.repeat(115), 'v'))).toHaveProperty('name')
  expect(problem(item('n', 'v'.repeat(257)))).toHaveProperty('value')
})
