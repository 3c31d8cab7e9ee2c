import { expect, test } from 'vitest'
import { nextName } from './names.ts'

test.each([
  ['report.pdf', 'report (1).pdf'],
  ['report (1).pdf', 'report (2).pdf'],
  ['backup.tar.gz', 'backup (1).tar.gz'],
  ['photos/2026/sea.jpg', 'photos/2026/sea (1).jpg'],
  ['README', 'README (1)'],
  ['.profile', '.profile (1)'],
])('beside %s goes %s', (name, next) => {
  expect(nextName(name)).toBe(next)
})
