import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { tryLock } from './file-lock.ts'

test('a lock is held by one, until it is released', async ({ onTestFinished }) => {
  const path = join(await temporaryFolder(onTestFinished), 'lock')
  const first = tryLock(path)!
  expect(tryLock(path)).toBeUndefined()
  first.release()
  const second = tryLock(path)
  expect(second).toBeDefined()
  second!.release()
})

test('the lock of a process that was killed is free', async ({ onTestFinished }) => {
  const path = join(await temporaryFolder(onTestFinished), 'lock')
  const holding = `import { tryLock } from '${import.meta.resolve('./file-lock.ts')}'; tryLock('${path}'); console.log('held'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module-typescript', '-e', holding], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  expect(tryLock(path)).toBeUndefined()
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const lock = tryLock(path)
  expect(lock).toBeDefined()
  lock!.release()
})
