// A thin layer over `pg`: queries are tagged templates, statements are named after their text so that PostgreSQL
// prepares each once per connection (half the client CPU of unnamed ones on short transactions).
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Sql } from 'sql-template-tag'
import { parseJson, writeJson } from '../json/index.ts'
import type { Log } from '../log/index.ts'
import { isAfterFailure, isDatabaseUnavailable, isRetryable } from './errors.ts'

type Row = Record<string, unknown>

/** What a function needs that only asks: a database or a transaction. */
export interface Queryable {
  /** All rows. */
  any<R = Row>(query: Sql): Promise<R[]>
  /** The only row; anything else is an error. */
  one<R = Row>(query: Sql): Promise<R>
  /** The only row, or undefined; several are an error. */
  maybeOne<R = Row>(query: Sql): Promise<R | undefined>
  /** How many rows were touched. */
  run(query: Sql): Promise<number>
}

export interface Tx extends Queryable {
  /** Wakes a task after commit, so that it never wakes to find nothing. */
  wakes(task: string): void
  /** Tells, after commit, the open pages of these people that this topic changed; of everybody when nobody is named. */
  announces(topic: string, ...userIds: string[]): void
  /** Runs after commit; an error there is logged and undoes nothing. */
  afterCommit(work: () => void | Promise<void>): void
  /** Commits behind the statements that are under way, in the same message, where they are the last: their answers are those of the commit only when this has answered too. What is left of the work must not fail. */
  commit(): Promise<void>
}

export interface BeforeFlush<T> {
  result: T
  /** Rejects when nobody knows whether the changes survived. */
  durable: Promise<unknown>
}

export interface Announcement {
  topic: string
  /** Empty: everybody. */
  userIds: string[]
}

export interface Db extends Queryable {
  /** Commits when `work` returns and rolls back when it throws. Statements asked without awaiting the one before travel together and are done in order. Run again when PostgreSQL reports a deadlock, so `work` touches nothing but the transaction. `patient` work, such as a migration, may take as long as it takes. */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: { patient?: boolean }): Promise<T>
  /**
   * As `transaction`, but answers as soon as others see the changes and its locks are free: the next one need not wait
   * for the disk. `durable` answers when the changes would survive a loss of power, and nobody is told of success before
   * that. Whatever else is committed on top of them is durable no sooner than they are.
   */
  transactionBeforeFlush<T>(work: (tx: Tx) => Promise<T>): Promise<BeforeFlush<T>>
  /** Listens until the answered function is called; reconnects by itself. `onGap` runs after each reconnection: messages may have been missed. */
  listen(channel: string, onMessage: (payload: string) => void, onGap?: () => void): Promise<() => Promise<void>>
  /** Wakes a task now. */
  wake(task: string): void
  /** Announces outside of a transaction. */
  announce(announcement: Announcement): void
  close(): Promise<void>
}

/** Channels of NOTIFY. */
export const WAKES = 'synnefo_wakes'
export const ANNOUNCEMENTS = 'synnefo_announcements'

const INT8 = 20
const INT8_ARRAY = 1016
const JSON_TYPES = [114, 3802]

function parserOf(oid: number): (text: string) => unknown {
  if (oid === INT8) return BigInt
  if (oid === INT8_ARRAY) return (text) => (pg.types.getTypeParser(INT8_ARRAY as never, 'text')(text) as string[]).map(BigInt)
  if (JSON_TYPES.includes(oid)) return parseJson
  return pg.types.getTypeParser(oid as never, 'text')
}
const types = { getTypeParser: parserOf } as pg.CustomTypesConfig

const names = new Map<string, string>()

/** The prepared statement's name; PostgreSQL keeps 63 bytes of it. */
function nameOf(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = createHash('sha1').update(text).digest('base64url')
    names.set(text, name)
  }
  return name
}

/** Plain objects travel as JSON by our codec; `pg` would break on a bigint inside. */
function toParameter(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? writeJson(value) : value
}

/** `query_timeout` is what `pg` calls the time it waits for an answer; 0 is for ever. Its types leave it out. */
type Statement = pg.QueryConfig & { query_timeout: number }

/** What is asked of this connection until the end of this turn of the event loop goes out in one message. */
function gather({ connection: { stream } }: pg.PoolClient) {
  stream.cork()
  process.nextTick(() => stream.uncork())
}

interface Watching {
  before(): void
  onFailure(error: unknown): void
}

function queryable(client: pg.Pool | pg.PoolClient, answerWithinMillis: number, watching?: Watching): Queryable {
  async function query<R>({ text, values }: Sql) {
    watching?.before()
    try {
      const statement: Statement = {
        text,
        name: nameOf(text),
        values: values.map(toParameter),
        query_timeout: answerWithinMillis,
      }
      const asked = client.query<R & pg.QueryResultRow>(statement)
      if (watching) asked.catch(watching.onFailure)
      return asked
    } catch (error) {
      watching?.onFailure(error) // it was not even asked, and nothing behind it may be committed
      throw error
    }
  }
  async function maybeOne<R>(statement: Sql): Promise<R | undefined> {
    const { rows } = await query<R>(statement)
    if (rows.length > 1) throw new Error(`expected one row at most, got ${rows.length}: ${statement.text}`)
    return rows[0]
  }
  return {
    any: async <R>(statement: Sql): Promise<R[]> => (await query<R>(statement)).rows,
    maybeOne,
    one: async <R>(statement: Sql): Promise<R> => {
      const row = await maybeOne<R>(statement)
      if (row === undefined) throw new Error(`expected one row, got none: ${statement.text}`)
      return row
    },
    run: async (statement) => (await query(statement)).rowCount ?? 0,
  }
}

const ATTEMPTS = 4

interface Attempt {
  waitMillis: number
  flush: 'with the commit' | 'behind'
}

export interface DatabaseOptions {
  url: string
  log: Log
  /** Connections at most. */
  poolSize?: number
  /** Shown in pg_stat_activity. */
  name?: string
  /** A statement that has no answer by then fails as if the database were gone, and its connection is given up: nobody waits for ever on a server that hangs. */
  answerWithinMillis?: number
  /**
   * For a program that answers requests: whatever an index serves is looked up by it. A plan is made once for each
   * connection, and one made while a table is young would read all of it, and go on doing so until somebody counts how
   * much the table has grown. Reports, which do read whole tables, are better planned without.
   */
  byIndex?: boolean
}

/** What a busy cloud commits many hundred times a second is told fifty times: each telling is a transaction, and wakes whoever listens. */
const NOTIFY_PAUSE_MS = 20

/**
 * Leaves the flush that belongs to a commit to the statement behind it. Groups of changes ask the same statements of all
 * connections: on one that met the first of them while a table was young, PostgreSQL would go on planning each anew,
 * which takes longer than the work.
 */
const BEGIN_BEFORE_FLUSH = 'BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL plan_cache_mode = force_generic_plan'
/** Writes a word that means nothing into the log of changes, and so flushes all that stands before it, as the server is set up to. */
const FLUSH = { name: 'synnefo-flush', text: `SELECT pg_logical_emit_message(true, 'synnefo', '')` }

const BY_INDEX = { options: '-c enable_seqscan=off -c jit=off' }

export function openDatabase(options: DatabaseOptions): Db {
  const { url, log, poolSize = 8, name = 'synnefo', answerWithinMillis = 30_000, byIndex = false } = options
  const connection = { connectionString: url, application_name: name, types, connectionTimeoutMillis: 10_000 }
  const pool = new pg.Pool({
    ...connection,
    // A connection writes statements as they come and waits for no answer in between. They are done in this order, each
    // on what the one before left; when one of a transaction fails, so do those behind it.
    pipeline: true,
    ...(byIndex ? BY_INDEX : {}),
    max: poolSize,
    idleTimeoutMillis: 30_000,
    idle_in_transaction_session_timeout: 60_000,
  })
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => log.warn({ error }, 'lost an idle database connection'))
  // And so would that of one in use, between two statements or after it was given up; the next statement on it fails.
  pool.on('connect', (client) => void client.on('error', (error) => log.debug({ error }, 'lost a database connection in use')))

  const wakes = new Set<string>()
  const announcements = new Map<string, Announcement>()
  let flushing: Promise<void> | undefined

  /** Sends what has gathered. NOTIFY inside transactions would serialise their commits, so it has one of its own. */
  async function flush() {
    await delay(1) // gathers what commits together
    while (wakes.size + announcements.size > 0) {
      const channels = [...Array(wakes.size).fill(WAKES), ...Array(announcements.size).fill(ANNOUNCEMENTS)]
      const payloads = [...wakes, ...announcements.keys()]
      wakes.clear()
      announcements.clear()
      const statement: Statement = {
        name: 'synnefo-notify',
        text: 'SELECT pg_notify(c, p) FROM unnest($1::text[], $2::text[]) AS n(c, p)',
        values: [channels, payloads],
        query_timeout: answerWithinMillis,
      }
      await pool.query(statement)
      await delay(NOTIFY_PAUSE_MS)
    }
  }
  function flushSoon() {
    flushing ??= flush()
      .catch((error) => log.warn({ error }, 'could not wake tasks; they run at their next period'))
      .finally(() => {
        flushing = undefined
        if (wakes.size + announcements.size > 0) flushSoon()
      })
  }
  function wake(task: string) {
    wakes.add(task)
    flushSoon()
  }
  function announce(announcement: Announcement) {
    announcements.set(writeJson(announcement), announcement)
    flushSoon()
  }

  async function attempt<T>(work: (tx: Tx) => Promise<T>, { waitMillis, flush }: Attempt): Promise<BeforeFlush<T>> {
    const client = await pool.connect()
    const command = (statement: Pick<Statement, 'name' | 'text'>) => {
      gather(client)
      return client.query({ ...statement, query_timeout: waitMillis } as Statement)
    }
    const later: (() => void | Promise<void>)[] = []
    let committing: Promise<void> | undefined
    let flushed: Promise<unknown> | undefined
    let failure: unknown
    async function commitNow() {
      if (failure !== undefined) throw failure
      const committed = command({ text: 'COMMIT' })
      if (flush === 'behind') flushed = command(FLUSH)
      flushed?.catch(() => {}) // told by `durable`
      const { command: did } = await committed
      if (did === 'COMMIT') return
      // A statement failed, and so its commit rolled back. Whoever waits is told of that statement.
      await new Promise(setImmediate)
      throw failure ?? new Error('the transaction was rolled back, because a statement in it had failed')
    }
    const commit = () => {
      committing ??= commitNow()
      return committing
    }
    let broken: Error | undefined
    let result: T
    try {
      // Goes out with the first statement. Its failure is that of all behind it.
      command({ text: flush === 'behind' ? BEGIN_BEFORE_FLUSH : 'BEGIN' }).catch(() => {})
      result = await work({
        ...queryable(client, waitMillis, {
          before: () => gather(client),
          onFailure: (error) => {
            failure ??= error
          },
        }),
        wakes: (task) => void later.push(() => wake(task)),
        announces: (topic, ...userIds) => void later.push(() => announce({ topic, userIds })),
        afterCommit: (action) => void later.push(action),
        commit,
      })
      await commit()
    } catch (thrown) {
      const error = isAfterFailure(thrown) ? (failure ?? thrown) : thrown
      // When the connection is gone or silent, the pool must not hand it out again; closing it rolls back.
      if (isDatabaseUnavailable(error)) broken = error as Error
      else
        await command({ text: 'ROLLBACK' }).catch((failure: Error) => {
          broken = failure
        })
      throw error
    } finally {
      if (broken || !flushed) client.release(broken)
      else
        flushed.then(
          () => client.release(),
          (error) => client.release(error),
        )
    }
    for (const action of later) {
      try {
        await action()
      } catch (error) {
        log.error({ error }, 'work after a commit failed')
      }
    }
    return { result, durable: flushed ?? Promise.resolve() }
  }

  async function attemptAll<T>(work: (tx: Tx) => Promise<T>, options: Attempt): Promise<BeforeFlush<T>> {
    for (let turn = 1; ; turn += 1) {
      try {
        return await attempt(work, options)
      } catch (error) {
        if (turn === ATTEMPTS || !isRetryable(error)) throw error
        await delay(Math.random() * 10 * 2 ** turn)
      }
    }
  }

  async function transaction<T>(work: (tx: Tx) => Promise<T>, { patient = false } = {}): Promise<T> {
    const { result } = await attemptAll(work, { waitMillis: patient ? 0 : answerWithinMillis, flush: 'with the commit' })
    return result
  }

  async function listen(channel: string, onMessage: (payload: string) => void, onGap: () => void = () => {}) {
    let current: pg.Client | undefined
    let stopped = false
    async function connect() {
      const client = new pg.Client({ ...connection, keepAlive: true })
      client.on('error', (error) => log.warn({ error, channel }, 'lost the listening database connection'))
      client.on('notification', ({ payload }) => onMessage(payload ?? ''))
      await client.connect()
      await client.query(`LISTEN "${channel}"`)
      client.on('end', () => void reconnect())
      current = client
    }
    async function reconnect() {
      for (let wait = 100; !stopped; wait = Math.min(wait * 2, 5_000)) {
        await delay(wait)
        if (stopped) return
        try {
          await connect()
          onGap()
          return
        } catch (error) {
          log.debug({ error, channel }, 'cannot listen yet')
        }
      }
    }
    await connect()
    return async () => {
      stopped = true
      await current?.end()
    }
  }

  return {
    ...queryable(pool, answerWithinMillis),
    transaction,
    transactionBeforeFlush: (work) => attemptAll(work, { waitMillis: answerWithinMillis, flush: 'behind' }),
    listen,
    wake,
    announce,
    close: async () => {
      while (flushing) await flushing
      await pool.end()
    },
  }
}
