import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { openLogFile, rotateWhenLarge } from './log-files.ts'

test('a large log is put aside, and whoever has it open writes on at its beginning', async ({ onTestFinished }) => {
  const path = join(await temporaryFolder(onTestFinished), 'cloud.log')
  const writer = openLogFile(path)
  for (const round of ['one', 'two', 'three', 'four', 'five']) {
    writeSync(writer, `${round} is long enough`)
    rotateWhenLarge(path, 10)
  }
  writeSync(writer, 'short')
  rotateWhenLarge(path, 10)
  expect(readFileSync(path, 'utf8')).toBe('short')
  expect([1, 2, 3].map((age) => readFileSync(`${path}.${age}`, 'utf8').split(' ')[0])).toEqual(['five', 'four', 'three'])
})

test('a log that is not there is no trouble', async ({ onTestFinished }) => {
  const path = join(await temporaryFolder(onTestFinished), 'cloud.log')
  rotateWhenLarge(path)
  writeFileSync(path, '')
  rotateWhenLarge(path)
  expect(readFileSync(path, 'utf8')).toBe('')
})
