import { expect, test } from 'vitest'
import { openLog } from './index.ts'

test('secrets do not reach the log, wherever they stand', () => {
  const lines: string[] = []
  const log = openLog({ name: 'test', level: 'info', stream: { write: (line: string) => void lines.push(line) } })
  log.info(
    { password: 'one-secret', headers: { 'x-auth-token': 'two-secret' }, request: { headers: { cookie: 'three-secret' } } },
    'hello',
  )
  expect(lines.join('')).not.toMatch(/(one|two|three)-secret/)
  expect(JSON.parse(lines[0]!)).toMatchObject({ msg: 'hello', level: 'info', name: 'test' })
})
