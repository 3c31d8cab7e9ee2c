import { type App, openHttp } from '@synnefo/lib/http'
import type { Log } from '@synnefo/lib/log'
import { type Db, migrate, openDatabase, sql } from '@synnefo/lib/sql'
import { untilReachable } from './until-reachable.ts'

export interface CloudOptions {
  log: Log
  databaseUrl: string
}

export interface Cloud {
  app: App
  db: Db
  close(): Promise<void>
}

/** Everything that answers on the one port. Not listening yet. */
export async function openCloud({ log, databaseUrl }: CloudOptions): Promise<Cloud> {
  const db = openDatabase({ url: databaseUrl, log, name: 'cloud' })
  await untilReachable(db, log)
  const applied = await migrate(db, [])
  if (applied.length > 0) log.info({ applied }, 'brought the database up to date')

  const app = openHttp({ log })
  app.get('/health', async () => {
    await db.one(sql`SELECT 1`)
    return { status: 'ok' }
  })
  return { app, db, close: () => db.close() }
}
