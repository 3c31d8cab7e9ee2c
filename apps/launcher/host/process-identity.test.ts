import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { identify, isRunning } from './process-identity.ts'

test('a process is the one that was meant, not another one of its number', () => {
  const self = identify(process.pid)!
  expect(isRunning(self)).toBe(true)
  expect(isRunning({ ...self, startTicks: '1' })).toBe(false)
  expect(isRunning({ ...self, bootId: 'an earlier boot' })).toBe(false)
})

test('a process that ended does not run', async () => {
  const child = spawn('sleep', ['600'])
  const identity = identify(child.pid!)!
  child.kill()
  await once(child, 'exit')
  expect(isRunning(identity)).toBe(false)
})
