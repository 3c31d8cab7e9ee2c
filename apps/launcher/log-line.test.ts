import { expect, test } from 'vitest'
import { readableLine } from './log-line.ts'

test.each([
  [
    '{"level":"info","time":"2026-01-31T12:00:00.000Z","name":"cloud","pid":1,"port":80,"msg":"serving"}',
    '2026-01-31T12:00:00.000Z INFO  serving port=80',
  ],
  ['LOG:  starting PostgreSQL', 'LOG:  starting PostgreSQL'],
  ['{ not json', '{ not json'],
])('%s', (line, shown) => {
  expect(readableLine(line)).toBe(shown)
})
