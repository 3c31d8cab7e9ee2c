import { expect, test } from 'vitest'
import { downloadsProblem, draftOf, limitsOf } from './link-limits.ts'

const LIMITED = { url: 'http://cloud/public/x', expiresAt: new Date(), downloadsLeft: 3, hasPassword: true }

test('a link that is saved as it stands changes nothing', () => {
  for (const link of [undefined, { url: 'http://cloud/public/x', hasPassword: false }, LIMITED])
    expect(limitsOf(draftOf(link), link)).toEqual({})
})

test('limits are set, changed and taken away', () => {
  expect(limitsOf({ end: '3600', downloads: '5', password: 'sesame', noPassword: false }, undefined)).toEqual({
    expiresInSeconds: 3600,
    downloads: 5,
    password: 'sesame',
  })
  expect(limitsOf({ end: 'never', downloads: ' ', password: 'ignored', noPassword: true }, LIMITED)).toEqual({
    expiresInSeconds: null,
    downloads: null,
    password: null,
  })
})

test('a number of downloads is one, or nothing', () => {
  for (const text of ['', ' ', '1', '1000000000']) expect([text, downloadsProblem(text)]).toEqual([text, undefined])
  for (const text of ['0', '-1', '1.5', 'many', '1000000001'])
    expect([text, typeof downloadsProblem(text)]).toEqual([text, 'string'])
})
