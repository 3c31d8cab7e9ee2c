import { randomUUID } from 'node:crypto'
import type { Queue } from '@synnefo/engine-queue'
import { defineTask } from '@synnefo/lib/tasks'
import { messagesOf } from '../objects/event-messages.ts'
import { PUBLISH_EVENTS } from '../objects/events.ts'
import type { ObjectStore } from '../open.ts'
import { hasEvents, leavePublishing, listEvents, removeEvents, takePublishing } from '../store/events.ts'

const AT_ONCE = 500
/** Longer than publishing this many may take; the next process goes on after it when this one is gone. */
const LEASE_SECONDS = 60

/** Queues that could not take events last time. */
const away = new WeakSet<Queue>()

/**
 * Tells the queue what happened, in order. An event leaves the outbox once the queue has it; while the queue is away
 * events wait, and one may be told twice rather than never.
 */
export const publishEvents = defineTask<{ objectStore: ObjectStore; queue: Queue }>({
  name: PUBLISH_EVENTS,
  every: '10s',
  async run({ db, log, objectStore, queue }) {
    const report = { published: 0, again: 0 }
    const holder = randomUUID()
    if (!(await hasEvents(db)).answer) return report
    if (!(await takePublishing(db, holder, LEASE_SECONDS))) return report
    try {
      const events = await listEvents(db, AT_ONCE)
      // Changes are seen before they are durable, and what a loss of power takes back must not have been told: this is
      // on disk when it answers, and so is what was read before it.
      if (!(await takePublishing(db, holder, LEASE_SECONDS))) return report
      const now = new Date()
      await queue.publish(
        objectStore.settings.PITHOS_EVENTS_EXCHANGE,
        events.flatMap((event) => messagesOf(event, now)),
      )
      await removeEvents(
        db,
        events.map(({ id }) => id),
      )
      report.published = events.length
      if (away.delete(queue)) log.info('the queue takes events again')
      if (events.length === AT_ONCE) report.again = 1
    } catch (error) {
      // Said once: every change wakes this task.
      if (!away.has(queue)) log.warn({ error }, 'events wait: the queue cannot take them now')
      away.add(queue)
    } finally {
      await leavePublishing(db, holder)
    }
    return report
  },
})
