// A volume whose thread ends by itself is served again, at the same socket, with everything that was written.
import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { until } from '@synnefo/lib/testing'
import { expect, test, vi } from 'vitest'
import { COMMAND, ERROR } from './nbd/protocol.ts'
import { connectNbd } from './nbd/testing-client.ts'
import { openTestVolumes } from './testing.ts'

const threads = vi.hoisted(() => [] as Worker[])

vi.mock('node:worker_threads', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:worker_threads')>()
  class Seen extends original.Worker {
    constructor(...options: ConstructorParameters<typeof Worker>) {
      super(...options)
      threads.push(this)
    }
  }
  return { ...original, Worker: Seen }
})

test('a thread that is lost is replaced', async ({ onTestFinished }) => {
  const { volumes } = await openTestVolumes(onTestFinished)
  await volumes.create({ name: 'v', sizeBytes: 1024 * 1024 })
  const socketPath = await volumes.serve('v')
  const before = await connectNbd(socketPath, 'v')
  expect((await before.ask({ type: COMMAND.write, offset: 512, data: Buffer.from('unflushed') })).error).toBe(ERROR.none)

  await threads[0]!.terminate()
  await until(async () => (await volumes.list())[0]?.fault?.includes('tried again'))
  expect(await volumes.serve('v')).toBe(socketPath)
  while ((await volumes.list())[0]?.fault !== undefined) await setImmediate()

  const after = await connectNbd(socketPath, 'v')
  onTestFinished(() => after.close())
  const { data } = await after.ask({ type: COMMAND.read, offset: 512, length: 9, expectBytes: 9 })
  expect(data.toString()).toBe('unflushed')
  expect(threads).toHaveLength(2)
})

test('a volume whose thread is lost can be released, and is durable then', async ({ onTestFinished }) => {
  const { volumes } = await openTestVolumes(onTestFinished)
  await volumes.create({ name: 'v', sizeBytes: 1024 * 1024 })
  const client = await connectNbd(await volumes.serve('v'), 'v')
  await client.ask({ type: COMMAND.write, offset: 0, data: Buffer.from('unflushed') })
  await threads.at(-1)!.terminate()
  await volumes.release('v')
  expect((await volumes.list())[0]).toMatchObject({ socketPath: undefined, fault: undefined })
  await volumes.remove('v')
})
