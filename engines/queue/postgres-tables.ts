// The tables of `postgres.ts` and what is asked of them.
import { type Db, raw, sql } from '@synnefo/lib/sql'
import type { QueueOrder } from './index.ts'
import { deadLettersOf, patternOf } from './names.ts'

export interface StoredMessage {
  id: bigint
  key: string
  body: string
  /** This one included. */
  deliveries: number
}

export interface Tables {
  /** Makes the schema and its tables where they are not there. */
  make(): Promise<void>
  /** Answers the queues that got something. */
  publish(exchange: string, keys: readonly string[], bodies: readonly string[]): Promise<string[]>
  declare(order: QueueOrder): Promise<void>
  claim(name: string, holder: string, limit: number, seconds: number): Promise<StoredMessage[]>
  renew(ids: readonly bigint[], holder: string, seconds: number, name: string): Promise<void>
  /** Gives them back. */
  release(ids: readonly bigint[], holder: string): Promise<number>
  remove(id: bigint, holder: string): Promise<void>
  /** Moves a message to the dead letters of this queue; undefined: it goes. */
  bury(id: bigint, holder: string, name: string | undefined): Promise<void>
  purge(name: string): Promise<number>
  tidy(retentionDays: number): Promise<void>
  notify(channel: string, payloads: readonly string[]): Promise<void>
}

/** Two processes that start at once make them one after the other. */
const LOCK = 7_665_003

export function openTables(db: Db, schema: string): Tables {
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(schema)) throw new TypeError(`not a name of a schema: ${JSON.stringify(schema)}`)
  const queues = raw(`${schema}.queues`)
  const bindings = raw(`${schema}.bindings`)
  const messages = raw(`${schema}.messages`)
  let made: Promise<void> | undefined

  const make = () =>
    db.transaction(async (tx) => {
      await tx.run(sql`SELECT pg_advisory_xact_lock(${LOCK})`)
      await tx.run(raw(`CREATE SCHEMA IF NOT EXISTS ${schema}`))
      await tx.run(sql`
        CREATE TABLE IF NOT EXISTS ${queues} (
          name text COLLATE "C" PRIMARY KEY,
          expires_after_seconds double precision,
          used_at timestamptz NOT NULL DEFAULT clock_timestamp())`)
      await tx.run(sql`
        CREATE TABLE IF NOT EXISTS ${bindings} (
          queue text COLLATE "C" NOT NULL REFERENCES ${queues} ON DELETE CASCADE,
          exchange text COLLATE "C" NOT NULL,
          key text COLLATE "C" NOT NULL,
          pattern text NOT NULL,
          PRIMARY KEY (exchange, queue, key))`)
      await tx.run(sql`
        CREATE TABLE IF NOT EXISTS ${messages} (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          queue text COLLATE "C" NOT NULL REFERENCES ${queues} ON DELETE CASCADE,
          key text NOT NULL,
          body text NOT NULL,
          published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
          deliveries integer NOT NULL DEFAULT 0,
          claimed_by uuid,
          claimed_until timestamptz)`)
      await tx.run(raw(`CREATE INDEX IF NOT EXISTS messages_queue ON ${schema}.messages (queue, id)`))
    })

  return {
    make() {
      made ??= make().catch((error) => {
        made = undefined
        throw error
      })
      return made
    },
    async publish(exchange, keys, bodies) {
      const reached =
        exchange === ''
          ? sql`SELECT name AS queue FROM ${queues} WHERE name = message.key`
          : sql`SELECT DISTINCT queue FROM ${bindings} WHERE exchange = ${exchange} AND message.key || '.' ~ pattern`
      const rows = await db.any<{ queue: string }>(sql`
        WITH added AS (
          INSERT INTO ${messages} (queue, key, body)
          SELECT reached.queue, message.key, message.body
          FROM unnest(${keys as string[]}::text[], ${bodies as string[]}::text[]) WITH ORDINALITY AS message(key, body, place)
          CROSS JOIN LATERAL (${reached}) AS reached ORDER BY place, reached.queue
          RETURNING queue
        )
        SELECT DISTINCT queue FROM added`)
      return rows.map(({ queue }) => queue)
    },
    declare: ({ name, exchange, keys, expiresAfterSeconds = null }) =>
      db.transaction(async (tx) => {
        const isDead = name.endsWith(deadLettersOf(''))
        const names = expiresAfterSeconds === null && !isDead ? [name, deadLettersOf(name)] : [name]
        await tx.run(sql`
          INSERT INTO ${queues} (name, expires_after_seconds) SELECT name, ${expiresAfterSeconds}::double precision
          FROM unnest(${names}::text[]) AS name ORDER BY name
          ON CONFLICT (name) DO UPDATE SET used_at = clock_timestamp()`)
        const patterns = keys.map(patternOf)
        await tx.run(sql`
          INSERT INTO ${bindings} (queue, exchange, key, pattern) SELECT ${name}, ${exchange}, key, pattern
          FROM unnest(${keys as string[]}::text[], ${patterns}::text[]) AS binding(key, pattern) ON CONFLICT DO NOTHING`)
      }),
    async claim(name, holder, limit, seconds) {
      const found = await db.any<StoredMessage>(sql`
        UPDATE ${messages} SET claimed_by = ${holder}, claimed_until = clock_timestamp() + make_interval(secs => ${seconds}),
          deliveries = deliveries + 1
        WHERE id IN (
          SELECT id FROM ${messages} WHERE queue = ${name} AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
          ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING id, key, body, deliveries`)
      return found.sort((a, b) => (a.id < b.id ? -1 : 1))
    },
    async renew(ids, holder, seconds, name) {
      await db.run(
        sql`UPDATE ${queues} SET used_at = clock_timestamp() WHERE name = ${name} AND expires_after_seconds IS NOT NULL`,
      )
      if (ids.length === 0) return
      await db.run(sql`
        UPDATE ${messages} SET claimed_until = clock_timestamp() + make_interval(secs => ${seconds})
        WHERE id = ANY(${ids as bigint[]}) AND claimed_by = ${holder}`)
    },
    release: (ids, holder) =>
      db.run(sql`
        UPDATE ${messages} SET claimed_by = NULL, claimed_until = NULL WHERE id = ANY(${ids as bigint[]}) AND claimed_by = ${holder}`),
    remove: async (id, holder) => void (await db.run(sql`DELETE FROM ${messages} WHERE id = ${id} AND claimed_by = ${holder}`)),
    async bury(id, holder, name) {
      await db.run(sql`
        WITH gone AS (DELETE FROM ${messages} WHERE id = ${id} AND claimed_by = ${holder} RETURNING key, body)
        INSERT INTO ${messages} (queue, key, body)
        SELECT name, key, body FROM gone JOIN ${queues} ON name = ${name === undefined ? null : deadLettersOf(name)}`)
    },
    purge: (name) =>
      db.run(sql`DELETE FROM ${messages} WHERE queue = ${name} AND (claimed_until IS NULL OR claimed_until < clock_timestamp())`),
    async tidy(retentionDays) {
      await db.run(sql`
        DELETE FROM ${queues} WHERE used_at + make_interval(secs => expires_after_seconds) < clock_timestamp()`)
      await db.run(sql`
        DELETE FROM ${messages} WHERE published_at < clock_timestamp() - make_interval(secs => ${retentionDays * 86_400})`)
    },
    notify: async (channel, payloads) =>
      void (await db.run(sql`SELECT pg_notify(${channel}, payload) FROM unnest(${payloads as string[]}::text[]) AS payload`)),
  }
}
