import { randomUUID } from 'node:crypto'
import { silentLog } from '@synnefo/lib/log'
import { openDatabase, raw, sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { queueContract } from './contract.ts'
import { openPostgres, openRabbitmq, openSimulated } from './index.ts'
import { openDoor, openTestRabbitmq, type TestRabbitmq } from './testing.ts'

const unique = () => {
  const id = randomUUID()
  return { exchange: `exchange-${id}`, name: `queue-${id}` }
}

queueContract('simulated', async (finished) => {
  const queue = openSimulated()
  finished(() => queue.close(0))
  const openAnother = () => openSimulated(queue.broker)
  const interrupt = async () => {
    queue.setUp(false)
    return () => queue.setUp(true)
  }
  return { queue, openAnother, interrupt, ...unique() }
})

queueContract('postgres', async (finished) => {
  const { url } = await openTestDatabase(finished)
  function open() {
    const db = openDatabase({ url, log: silentLog, poolSize: 4 })
    const queue = openPostgres({ db, schema: 'messages', log: silentLog })
    finished(async () => {
      await queue.close(0)
      await db.close()
    })
    return queue
  }
  return { queue: open(), openAnother: open, interrupt: () => lockOut(url), ...unique() }
})

/** Ends all sessions of a database and lets nobody in. */
async function lockOut(url: string) {
  const database = /\/([^/?]+)\?/.exec(url)![1]!
  const admin = openDatabase({ url: url.replace(`/${database}?`, '/postgres?'), log: silentLog, poolSize: 1 })
  const allow = (isAllowed: boolean) => admin.run(raw(`ALTER DATABASE ${database} WITH ALLOW_CONNECTIONS ${isAllowed}`))
  await allow(false)
  await admin.run(sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${database}`)
  return async () => {
    await allow(true)
    await admin.close()
  }
}

let broker: TestRabbitmq
const cleanups: (() => void | Promise<void>)[] = []
beforeAll(async () => {
  broker = await openTestRabbitmq((work) => void cleanups.push(work))
})
afterAll(async () => {
  for (const work of cleanups.reverse()) await work()
})

queueContract('rabbitmq', async (finished) => {
  const door = await openDoor(finished, broker.url)
  function open() {
    // Of several hosts one is enough.
    const queue = openRabbitmq({ urls: ['amqp://guest:guest@127.0.0.1:1', door.url], log: silentLog })
    finished(() => queue.close(0))
    return queue
  }
  const interrupt = async () => {
    door.setOpen(false)
    return () => door.setOpen(true)
  }
  return { queue: open(), openAnother: open, interrupt, ...unique() }
})

test('postgres: what a killed process had claimed comes to another one once the claim is over', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  const queue = openPostgres({ db, schema: 'messages', log: silentLog })
  onTestFinished(() => queue.close(0))
  await queue.declare({ name: 'work', exchange: 'pithos', keys: ['#'] })
  await queue.publish('pithos', [{ key: 'pithos.object', body: 1 }])
  await db.run(sql`UPDATE messages.messages SET claimed_by = gen_random_uuid(), claimed_until = 'infinity', deliveries = 1`)
  const handled: boolean[] = []
  await queue.consume(
    { name: 'work', exchange: 'pithos', keys: [] },
    { handle: async ({ redelivered }) => void handled.push(redelivered) },
  )
  await db.run(sql`UPDATE messages.messages SET claimed_until = now()`)
  await db.run(sql`SELECT pg_notify('queue_messages', 'work')`)
  await expect.poll(() => handled).toEqual([true])
})

test('postgres: queues for a moment and old messages go', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  const queue = openPostgres({ db, schema: 'messages', log: silentLog, retentionDays: 1 })
  await queue.declare({ name: 'kept', exchange: 'pithos', keys: ['#'] })
  await queue.declare({ name: 'momentary', exchange: 'pithos', keys: ['#'], expiresAfterSeconds: 60 })
  await queue.publish('pithos', [{ key: 'pithos.object', body: 1 }])
  await db.run(sql`UPDATE messages.messages SET published_at = now() - interval '2 days'`)
  await db.run(sql`UPDATE messages.queues SET used_at = now() - interval '2 minutes'`)
  const later = openPostgres({ db, schema: 'messages', log: silentLog, retentionDays: 1 }) // looks at its first publishing
  await later.publish('pithos', [{ key: 'pithos.object', body: 2 }])
  const left = await db.any<{ queue: string; body: string }>(sql`SELECT queue, body FROM messages.messages`)
  expect(left).toEqual([{ queue: 'kept', body: '2' }])
  expect(await db.any(sql`SELECT name FROM messages.queues ORDER BY name`)).toEqual([{ name: 'kept' }, { name: 'kept-dl' }])
})
