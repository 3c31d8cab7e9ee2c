import { openSimulated, type Queue } from '@synnefo/engine-queue'
import { silentLog } from '@synnefo/lib/log'
import { type Db, openDatabase, sql } from '@synnefo/lib/sql'
import { openTasks } from '@synnefo/lib/tasks'
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import type { EventMessage } from '../objects/event-messages.ts'
import { openAlice, put } from '../tests/alice.ts'
import { publishEvents } from './publish-events.ts'

type Told = EventMessage & { body: { details: Record<string, unknown> } }

async function openTold(onTestFinished: OnTestFinished) {
  const opened = await openAlice(onTestFinished, { settings: { PITHOS_EVENTS: true } })
  const queue = openSimulated()
  onTestFinished(() => queue.close(0))
  const told: Told[] = []
  const order = { name: 'listeners', exchange: 'pithos', keys: ['pithos.#'] }
  await queue.consume(order, { handle: async ({ key, body }) => void told.push({ key, body } as Told) })
  /** As a process that starts now. */
  const publish = (through: Queue = queue) =>
    openTasks(opened.cloud.db, silentLog, [publishEvents], { objectStore: opened.cloud.store, queue: through }).settle()
  const waiting = async () =>
    (await opened.cloud.db.one<{ count: number }>(sql`SELECT count(*)::int AS count FROM object_store.events`)).count
  const paths = () => told.filter(({ key }) => key === 'pithos.object').map(({ body }) => body.value)
  return { ...opened, queue, told, publish, waiting, paths }
}

test('events have the shape that consumers know', async ({ onTestFinished }) => {
  const { cloud, alice, told, publish } = await openTold(onTestFinished)
  const bob = await cloud.user()
  await put(alice, 'a', 'four')
  const { headers } = await put(alice, 'a', 'three more', { 'X-Object-Sharing': `read=${bob.userId}` })
  await publish()
  await expect.poll(() => told.length).toBe(5)
  const path = `${alice.userId}/pithos/a`
  const version = Number(headers['x-object-version'])
  const shape = (resource: string, value: unknown, details: Record<string, unknown>) => ({
    id: expect.stringMatching(/^[0-9a-f]{40}$/),
    eventVersion: '1.0',
    occurredMillis: expect.any(Number),
    receivedMillis: expect.any(Number),
    clientID: 'pithos',
    instanceID: '1',
    userID: alice.userId,
    resource,
    value,
    details: { ...details, user: alice.userId },
  })
  expect(told.slice(2)).toEqual([
    {
      key: 'pithos.resource.diskspace',
      body: shape('diskspace', 6, { action: 'object update', path, versions: String(version), total: 10 }),
    },
    { key: 'pithos.object', body: shape('object', path, { action: 'object update', version }) },
    { key: 'pithos.sharing', body: shape('sharing', path, { members: [bob.userId] }) },
  ])
  expect(new Set(told.map(({ body }) => body.id)).size).toBe(5)
  expect(Date.now() - told[0]!.body.occurredMillis).toBeLessThan(60_000)
})

test('while the queue is away people notice nothing, and what happened is told afterwards, in order', async ({
  onTestFinished,
}) => {
  const { alice, queue, publish, waiting, paths } = await openTold(onTestFinished)
  queue.setUp(false)
  for (const name of ['one', 'two', 'three']) {
    expect((await put(alice, name, name)).status).toBe(201)
    await publish()
  }
  expect(await waiting()).toBe(3)
  queue.setUp(true)
  await publish()
  expect(await waiting()).toBe(0)
  await expect.poll(paths).toEqual(['one', 'two', 'three'].map((name) => `${alice.userId}/pithos/${name}`))
})

test('a process that ends between publishing and noting it tells twice, with the same id', async ({ onTestFinished }) => {
  const { alice, queue, told, publish, waiting } = await openTold(onTestFinished)
  await put(alice, 'a', 'x')
  const ending: Queue = {
    ...queue,
    async publish(exchange, messages) {
      await queue.publish(exchange, messages)
      throw new Error('this process is no more')
    },
  }
  await publish(ending)
  expect(await waiting()).toBe(1)
  await publish()
  expect(await waiting()).toBe(0)
  await expect.poll(() => told.length).toBe(4)
  expect(new Set(told.map(({ body }) => body.id)).size).toBe(2)
})

test('one process publishes at a time, and the next goes on when it is gone', async ({ onTestFinished }) => {
  const { cloud, alice, publish, waiting } = await openTold(onTestFinished)
  await put(alice, 'a', 'x')
  await cloud.db.run(sql`UPDATE object_store.events_publisher SET holder = gen_random_uuid(), until = now() + interval '1 hour'`)
  await publish()
  expect(await waiting()).toBe(1)
  await cloud.db.run(sql`UPDATE object_store.events_publisher SET until = now()`)
  await publish()
  expect(await waiting()).toBe(0)
})

test('more events than one round takes go out in order', async ({ onTestFinished }) => {
  const { cloud, alice, publish, waiting, paths } = await openTold(onTestFinished)
  await cloud.db.run(sql`
    INSERT INTO object_store.events (account, user_id, path, action, object_action)
    SELECT ${alice.userId}, ${alice.userId}, n::text, 'object delete', 'object delete' FROM generate_series(1, 1200) AS n`)
  await publish()
  expect(await waiting()).toBe(0)
  await expect.poll(() => paths().length).toBe(1200)
  expect(paths()).toEqual(Array.from({ length: 1200 }, (_, i) => String(i + 1)))
})

test('what is told is on disk before, however late it came', async ({ onTestFinished }) => {
  const { cloud, alice, queue } = await openTold(onTestFinished)
  await put(alice, 'a', 'x')
  // As a database in use, while the one of the tests is in no hurry.
  const flushing = openDatabase({ url: `${cloud.databaseUrl}&options=-c%20synchronous_commit%3Don`, log: silentLog })
  onTestFinished(() => flushing.close())
  let written = ''
  const db: Db = {
    ...flushing,
    async any(statement) {
      if (statement.text.includes('FROM object_store.events')) {
        await put(alice, 'b', 'y') // seen, and not flushed
        written = (await cloud.db.one<{ lsn: string }>(sql`SELECT pg_current_wal_insert_lsn()::text AS lsn`)).lsn
      }
      return flushing.any(statement)
    },
  }
  const told: boolean[] = []
  const watched: Queue = {
    ...queue,
    async publish(exchange, messages) {
      const { flushed } = await cloud.db.one<{ flushed: boolean }>(
        sql`SELECT pg_current_wal_flush_lsn() >= ${written}::pg_lsn AS flushed`,
      )
      told.push(flushed)
      await queue.publish(exchange, messages)
    },
  }
  await openTasks(db, silentLog, [publishEvents], { objectStore: cloud.store, queue: watched }).settle()
  expect(told[0]).toBe(true)
})
