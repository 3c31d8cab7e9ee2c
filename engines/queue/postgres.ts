// Messages in tables of the cloud's own database. A message is published by one statement, which is also its
// confirmation. A consumer claims messages for a while and renews the claim as long as it handles them, so that what a
// killed process was handling comes to somebody else, and no transaction stays open meanwhile.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { parseJson, writeJson } from '@synnefo/lib/json'
import type { Log } from '@synnefo/lib/log'
import { type Db, isDatabaseUnavailable } from '@synnefo/lib/sql'
import { QueueUnavailable } from './errors.ts'
import { GRACE_MILLIS, openHandling } from './handling.ts'
import type { Consumer, Consuming, Queue, QueueOrder } from './index.ts'
import { openTables, type StoredMessage, type Tables } from './postgres-tables.ts'

export interface PostgresQueueOptions {
  db: Db
  /** Of the database; made when it is not there, and nobody else's. */
  schema: string
  log: Log
  /** Messages that nobody fetched for so long are thrown away, dead letters too. */
  retentionDays?: number
  /** What a process that was killed had claimed is free again after this time. */
  claimSeconds?: number
}

/** A lost notification costs this much. */
const LOOK_EVERY_MS = 5_000
const TIDY_EVERY_MS = 600_000
const LONGEST_PAUSE_MS = 5_000

export function openPostgres(options: PostgresQueueOptions): Queue {
  const { db, schema, log, retentionDays = 14, claimSeconds = 60 } = options
  const tables = openTables(db, schema)
  const channel = `queue_${schema}`
  const consumers = new Set<Consumer>()
  /** Of each queue with consumers here: what looks for messages sooner. */
  const looks = new Map<string, Set<() => void>>()
  let listening: Promise<() => Promise<void>> | undefined
  let tidiedAtMs = Number.NEGATIVE_INFINITY

  /** Does something on tables that are there. */
  async function ask<T>(work: (ready: Tables) => Promise<T>): Promise<T> {
    try {
      await tables.make()
      return await work(tables)
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw new QueueUnavailable('the database cannot be reached', { cause: error })
      throw error
    }
  }

  async function tidy() {
    if (performance.now() - tidiedAtMs < TIDY_EVERY_MS) return
    tidiedAtMs = performance.now()
    await tables.tidy(retentionDays)
  }

  /** Not in the statement that publishes: NOTIFY serialises the commits of those who use it. */
  function notify(names: readonly string[]) {
    if (names.length === 0) return
    tables.notify(channel, names).catch((error) => log.debug({ error }, 'consumers find these messages a little later'))
  }

  function listen() {
    const look = (name: string) => looks.get(name)?.forEach((wake) => void wake())
    const lookAll = () => [...looks.keys()].forEach(look)
    listening ??= db.listen(channel, look, lookAll).catch((error) => {
      listening = undefined
      throw error
    })
    return listening
  }

  function startConsumer(order: QueueOrder, { atOnce = 1, handle }: Consuming): Consumer {
    const holder = randomUUID()
    const handling = openHandling()
    const held = new Set<bigint>()
    let isClosing = false
    let wake = () => {}
    const woken = () => wake()

    async function finish({ id, key, body, deliveries }: StoredMessage): Promise<void> {
      try {
        await handle({ key, body: parseJson(body), redelivered: deliveries > 1 })
      } catch (error) {
        log.warn({ queue: order.name, key, error }, 'a message could not be handled and goes to the dead letters')
        await tables.bury(id, holder, order.expiresAfterSeconds === undefined ? order.name : undefined)
        return
      }
      await tables.remove(id, holder)
    }

    function start(message: StoredMessage) {
      held.add(message.id)
      const work = finish(message)
        .catch((error) => log.warn({ queue: order.name, error }, 'what became of a message could not be noted: it comes again'))
        .then(() => {
          held.delete(message.id)
          wake()
        })
      handling.add(work)
    }

    async function run() {
      let pauseMs = 100
      while (!isClosing) {
        // Before the look, so that what arrives during it is not missed.
        const sooner = new Promise<void>((resolve) => {
          wake = resolve
        })
        try {
          const room = atOnce - handling.count
          const found = room > 0 ? await tables.claim(order.name, holder, room, claimSeconds) : []
          pauseMs = 100
          for (const message of found) start(message)
          if (found.length > 0 && found.length === room) continue
          await pause(LOOK_EVERY_MS, sooner)
        } catch (error) {
          log.warn({ queue: order.name, error }, 'messages cannot be fetched now')
          await pause(pauseMs, new Promise(() => {}))
          pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
        }
      }
    }

    const renewing = setInterval(
      () => {
        tables
          .renew([...held], holder, claimSeconds, order.name)
          .catch((error) => log.debug({ error }, 'claims were not renewed'))
      },
      (claimSeconds * 1000) / 3,
    )
    const woke = looks.get(order.name) ?? new Set()
    looks.set(order.name, woke.add(woken))
    const running = run()
    const consumer: Consumer = {
      async close(graceMillis = GRACE_MILLIS) {
        consumers.delete(consumer)
        isClosing = true
        woke.delete(woken)
        wake()
        await running
        await handling.settled(graceMillis)
        clearInterval(renewing)
        // While the database is away they come free by themselves.
        const released = await tables.release([...held], holder).catch(() => 0)
        if (released > 0) notify([order.name])
      },
    }
    consumers.add(consumer)
    return consumer
  }

  return {
    async publish(exchange, messages) {
      if (messages.length === 0) return
      const bodies = messages.map(({ body }) => writeJson(body))
      const names = await ask(() =>
        tables.publish(
          exchange,
          messages.map(({ key }) => key),
          bodies,
        ),
      )
      notify(names)
      await tidy().catch((error) => log.warn({ error }, 'old messages stay for now'))
    },
    declare: (order) => ask(() => tables.declare(order)),
    async consume(order, consuming) {
      await ask(() => tables.declare(order))
      await listen()
      await tidy()
      return startConsumer(order, consuming)
    },
    purge: (name) => ask(() => tables.purge(name)),
    async close(graceMillis) {
      await Promise.all([...consumers].map((consumer) => consumer.close(graceMillis)))
      await (await listening?.catch(() => undefined))?.()
    },
  }
}

async function pause(millis: number, sooner: Promise<void>): Promise<void> {
  const stop = new AbortController()
  await Promise.race([sooner, delay(millis, undefined, { signal: stop.signal }).catch(() => {})])
  stop.abort()
}
