// What can be guessed is counted: whoever goes on is told to wait, before anything is looked at.
import { expect, test } from 'vitest'
import { createTestUser } from '../../testing.ts'
import { openTestApi } from '../open-test-api.ts'
import { openTestBrowser } from '../open-test-browser.ts'

const LOGIN = { email: 'alice@example.test', password: 'down the rabbit hole' }

/** Each with how many guesses pass within its window. */
const GUESSES: [string, object, number][] = [
  ['login', { ...LOGIN, password: 'wrong' }, 3],
  ['login', { email: 'nobody@example.test', password: 'wrong' }, 3],
  ['confirm', { password: 'wrong' }, 5],
  ['factors/totp/confirm', { code: '000000' }, 5],
  ['activate', { auth: 'wrong' }, 60],
  ['password/link', { id: 'MQ', token: 'wrong' }, 60],
  ['password/reset', { id: 'MQ', token: 'wrong', password: LOGIN.password }, 30],
  ['password/change', { oldPassword: 'wrong', newPassword: 'another one of mine' }, 10],
  ['email-change/confirm', { key: 'wrong' }, 60],
]

test.for(GUESSES)('POST %s %j passes %i times', async ([path, guess, times], { onTestFinished }) => {
  const cloud = await openTestApi(onTestFinished)
  await createTestUser(cloud.identity, LOGIN)
  const browser = openTestBrowser(cloud)
  await browser.send('POST', 'login', LOGIN)
  const statuses: number[] = []
  for (let n = 0; n < times + 1; n += 1) statuses.push((await browser.send('POST', path, guess)).status)
  expect(statuses.slice(0, times)).not.toContain(429)
  expect(statuses.at(-1)).toBe(429)
})
