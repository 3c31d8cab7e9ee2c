import { expect, test } from 'vitest'
import { silentLog } from '../log/index.ts'
import { openTestDatabase } from '../testing/index.ts'
import { defineTask, eachOf, openTasks } from './index.ts'

test('a task runs at start, when woken after a commit, and not when the transaction fails', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  let runs = 0
  const task = defineTask<object>({
    name: 'test.count',
    every: '1h',
    run: async () => {
      runs += 1
      return undefined
    },
  })
  const tasks = openTasks(db, silentLog, [task], {})
  await tasks.start()
  onTestFinished(() => tasks.stop())
  await expect.poll(() => runs).toBe(1)
  await db.transaction(async (tx) => tx.wakes('test.count'))
  await expect.poll(() => runs).toBe(2)
  await db
    .transaction(async (tx) => {
      tx.wakes('test.count')
      throw new Error('no')
    })
    .catch(() => {})
  await db.transaction(async (tx) => tx.wakes('test.count'))
  await expect.poll(() => runs).toBe(3)
})

test('a wake-up during a run is not lost, and a failing task goes on', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  const gate = Promise.withResolvers<void>()
  let runs = 0
  const task = defineTask<object>({
    name: 'test.slow',
    every: '1h',
    run: async () => {
      runs += 1
      if (runs === 1) await gate.promise
      if (runs === 2) throw new Error('once')
      return undefined
    },
  })
  const tasks = openTasks(db, silentLog, [task], {})
  await tasks.start()
  onTestFinished(() => tasks.stop())
  db.wake('test.slow')
  const heard = Promise.withResolvers<void>()
  onTestFinished(await db.listen('synnefo_wakes', () => heard.resolve()))
  db.wake('test.other')
  await heard.promise
  gate.resolve()
  await expect.poll(() => runs).toBe(2)
  db.wake('test.slow')
  await expect.poll(() => runs).toBe(3)
})

test('eachOf keeps to its bound and visits everything', async () => {
  let now = 0
  let most = 0
  const seen: number[] = []
  await eachOf(
    Array.from({ length: 20 }, (_, i) => i),
    { atOnce: 3 },
    async (item) => {
      now += 1
      most = Math.max(most, now)
      await Promise.resolve()
      seen.push(item)
      now -= 1
    },
  )
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  expect(most).toBe(3)
})
