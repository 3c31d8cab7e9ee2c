import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '@synnefo/lib/log'
import { type Db, isDatabaseUnavailable, sql } from '@synnefo/lib/sql'

const PATIENCE_MS = 180_000
/** SQLSTATE of a database that does not exist: the launcher makes it right after the server's first start. */
const NO_SUCH_DATABASE = '3D000'

/** Waits for a database that is starting at the same time as we are. */
export async function untilReachable(db: Db, log: Log): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (let waited = false; ; waited = true) {
    try {
      await db.one(sql`SELECT 1`)
      return
    } catch (error) {
      const isComing = isDatabaseUnavailable(error) || (error as { code?: string }).code === NO_SUCH_DATABASE
      if (!isComing || performance.now() > deadline) throw error
      if (!waited) log.info('waiting for the database')
      await delay(25)
    }
  }
}
