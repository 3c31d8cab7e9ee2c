import { openRabbitmq } from '@synnefo/engine-queue'
import { openDoor, openTestRabbitmq } from '@synnefo/engine-queue/testing'
import { silentLog } from '@synnefo/lib/log'
import { openTasks } from '@synnefo/lib/tasks'
import { expect, test } from 'vitest'
import type { EventMessage } from '../objects/event-messages.ts'
import { publishEvents } from '../tasks/publish-events.ts'
import { openAlice, put } from './alice.ts'

test('RabbitMQ may be away for a while: nobody notices, and every event arrives in order', async ({ onTestFinished }) => {
  const { url } = await openTestRabbitmq(onTestFinished)
  const door = await openDoor(onTestFinished, url)
  const { cloud, alice } = await openAlice(onTestFinished, { settings: { PITHOS_EVENTS: true } })
  const queue = openRabbitmq({ urls: [door.url], log: silentLog })
  const listener = openRabbitmq({ urls: [url], log: silentLog })
  const tasks = openTasks(cloud.db, silentLog, [{ ...publishEvents, every: '1s' }], { objectStore: cloud.store, queue })
  onTestFinished(async () => {
    await tasks.stop()
    await Promise.all([queue.close(), listener.close()])
  })
  const paths: unknown[] = []
  const order = { name: 'listener', exchange: 'pithos', keys: ['pithos.object'] }
  await listener.consume(order, { handle: async ({ body }) => void paths.push((body as EventMessage['body']).value) })
  await tasks.start()

  const all = ['before', 'meanwhile', 'later', 'after'].map((name) => `${alice.userId}/pithos/${name}`)
  const arrived = (count: number) => expect.poll(() => [...new Set(paths)]).toEqual(all.slice(0, count))
  await put(alice, 'before', 'x')
  await arrived(1)
  door.setOpen(false)
  expect((await put(alice, 'meanwhile', 'x')).status).toBe(201)
  expect((await put(alice, 'later', 'x')).status).toBe(201)
  door.setOpen(true)
  await arrived(3)
  await put(alice, 'after', 'x')
  await arrived(4)
})
