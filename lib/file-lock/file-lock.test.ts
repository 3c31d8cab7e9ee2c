import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing/index.ts'
import { tryLock, waitForLock } from './index.ts'

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
  const holding = `import { tryLock } from '${import.meta.resolve('./index.ts')}'; tryLock('${path}'); console.log('held'); setInterval(() => {}, 1000)`
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

test('a child that was given the lock holds it on when its parent is killed', async ({ onTestFinished }) => {
  const path = join(await temporaryFolder(onTestFinished), 'lock')
  const holding = `import { spawn } from 'node:child_process'
    import { tryLock } from '${import.meta.resolve('./index.ts')}'
    const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', tryLock('${path}').descriptor] })
    console.log(child.pid)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', holding], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const child = Number(String((await once(parent.stdout, 'data'))[0]))
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  expect(tryLock(path)).toBeUndefined()
  const lock = await waitForLock(path, () => process.kill(child, 'SIGKILL'))
  expect(tryLock(path)).toBeUndefined()
  lock.release()
})
