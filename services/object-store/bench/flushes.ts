// How often the disk was made to keep something: what PostgreSQL counts of itself, and one for every block that came
// into the folder of blocks (the syncs of its folders, which concurrent puts share, are not counted).
import { readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLog } from '@synnefo/lib/log'
import { type Db, openDatabase, sql } from '@synnefo/lib/sql'
import type { Inside } from './bench.ts'

/** A session of PostgreSQL adds what it counted when it is idle for this long and asked again. */
const COUNTED_AFTER_MS = 1_100

/** Answers what ends the count. `settleReads` asks something of every session. */
export async function countFlushes(inside: Inside, settleReads: () => Promise<void>): Promise<() => Promise<number>> {
  const db = openDatabase({ url: inside.databaseUrl, log: silentLog, name: 'bench', poolSize: 1 })
  const count = async () => {
    await delay(COUNTED_AFTER_MS)
    await settleReads()
    return (await databaseFlushes(db)) + (await blocksIn(inside.blocksFolder))
  }
  const before = await count()
  return async () => {
    const after = await count()
    await db.close()
    return after - before
  }
}

async function databaseFlushes(db: Db): Promise<number> {
  const { flushes } = await db.one<{ flushes: number }>(
    sql`SELECT coalesce(sum(fsyncs), 0)::float8 AS flushes FROM pg_stat_io WHERE backend_type <> 'checkpointer'`,
  )
  return flushes
}

async function blocksIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).length
}
