import { expect, test } from 'vitest'
import { isBelow, normaliseUri, withParameters } from './redirect-uri.ts'

test.for<[string, string | undefined]>([
  ['https://a.example/cb', 'https://a.example/cb'],
  ['HTTPS://A.example', 'https://a.example/'],
  ['https://a.example/ελ', 'https://a.example/%CE%B5%CE%BB'],
  ['https://a.example/cb/../x', 'https://a.example/x'],
  ['https://a.example/cb/%2e%2e/x', 'https://a.example/x'],
  ['pithos://localhost/back', 'pithos://localhost/back'],
  ['/cb', undefined],
  ['cb', undefined],
  ['//a.example/cb', undefined],
  ['https:', undefined],
  ['https://a.example/cb#part', undefined],
  ['https://someone@a.example/cb', undefined],
  ['https://a.example\\@evil.example/', undefined],
  ['https://a.example/\n', undefined],
  [' https://a.example/', undefined],
])('%s is normalised to %s', ([text, normal]) => {
  expect(normaliseUri(text)).toBe(normal)
})

test.for<[string, string, boolean]>([
  ['https://a.example/cb', 'https://a.example/cb', true],
  ['https://a.example/cb/x?y=1', 'https://a.example/cb', true],
  ['https://a.example/cb/', 'https://a.example/cb/', true],
  ['https://a.example/cb/x', 'https://a.example/cb/', true],
  ['https://a.example/cbx', 'https://a.example/cb', false],
  ['https://a.example/cb?x=1', 'https://a.example/cb', false],
  ['https://a.example.evil.example/', 'https://a.example/', false],
  ['http://a.example/cb', 'https://a.example/cb', false],
  ['https://a.example/cb?x=1/y', 'https://a.example/cb?x=1', false],
])('%s below %s: %s', ([uri, registered, below]) => {
  expect(isBelow(uri, registered)).toBe(below)
})

test('parameters are added to those that are there', () => {
  expect(withParameters('https://a.example/?x=1', { code: 'a b', state: undefined })).toBe('https://a.example/?x=1&code=a+b')
  expect(withParameters('https://a.example/', { code: 'a', state: '' })).toBe('https://a.example/?code=a&state=')
})
