import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, type TestContext, test } from 'vitest'
import { temporaryFolder } from '../testing/index.ts'
import { openThread } from './index.ts'

const ECHO = `import { parentPort } from 'node:worker_threads'
parentPort.on('message', (order) => {
  if (order === 'fail') throw new Error('as told')
  parentPort.postMessage(order)
})`

async function start({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, idleMillis?: number) {
  const file = join(await temporaryFolder(onTestFinished), 'echo.mjs')
  await writeFile(file, ECHO)
  const heard: string[] = []
  const thread = openThread<string, string>({
    script: pathToFileURL(file),
    name: 'echo',
    ...(idleMillis === undefined ? {} : { idleMillis }),
    onAnswer: (answer) => heard.push(answer),
    onLeave: () => heard.push('left'),
    onEnd: (failure) => heard.push(failure === undefined ? 'ended' : `ended: ${(failure as Error).message}`),
  })
  onTestFinished(() => thread.terminate())
  return { thread, heard }
}

test('goes when it has rested for a while, and not before', async (context) => {
  const { thread, heard } = await start(context, 1)
  thread.work()
  thread.post('one')
  await expect.poll(() => heard).toEqual(['one'])
  thread.rest()
  thread.work()
  thread.post('two')
  await expect.poll(() => heard).toEqual(['one', 'two'])
  thread.rest()
  await expect.poll(() => heard.slice(2)).toEqual(['left', 'left', 'ended'])
})

test('tells by what error it ended', async (context) => {
  const { thread, heard } = await start(context)
  thread.work()
  thread.post('fail')
  await expect.poll(() => heard).toEqual(['left', 'ended: as told'])
})

test('is ended at once, and told of', async (context) => {
  const { thread, heard } = await start(context)
  thread.work()
  await thread.terminate()
  expect(heard).toEqual(['left', 'ended'])
})
