import { spawn } from 'node:child_process'
import { until } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { commandLine, descendants, executable, withMemory } from './process-memory.ts'

test('processes are told with their memory, and one that has ended is none of them', async ({ onTestFinished }) => {
  // A child that ends is never waited for by the program that takes the place of the shell.
  const { pid = 0 } = spawn('sh', ['-c', 'sleep 0 & exec sleep 600'], { stdio: 'ignore' })
  onTestFinished(() => void process.kill(pid, 'SIGKILL'))
  const [dead = 0] = await until(() => {
    const below = descendants([pid])
    return below.length === 1 && executable(below[0]!) === undefined && commandLine(pid)[0] === 'sleep' && below
  })
  expect(
    withMemory([
      { name: 'sleeper', pid },
      { name: 'its child', pid: dead },
    ]),
  ).toEqual([{ name: 'sleeper', pid, pssBytes: expect.any(Number) }])
})
