// The database of the original, as it is reached: PostgreSQL, or SQLite on small installations. Questions are asked in
// SQL that both understand; nothing is ever written.
import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '@synnefo/lib/fault'
import { silentLog } from '@synnefo/lib/log'
import { isDatabaseUnavailable, openDatabase, type Sql, sql } from '@synnefo/lib/sql'

export interface Original {
  /** Integers come as bigint or number: callers convert them. */
  any<R>(query: Sql): Promise<R[]>
  /** A column of decimal seconds, as text with all its digits. */
  seconds(column: Sql): Sql
  /** Names of the columns of a table; none when there is no such table. */
  columns(table: string): Promise<Set<string>>
  close(): Promise<void>
}

/** Opens what `--database` names: a URL, or a file that holds one, such as the settings of the original. */
export async function openOriginal(named: string): Promise<Original> {
  const url = named.includes('://') ? named : await urlIn(named)
  const sqlite = /^sqlite:\/\/\/(.*)$/.exec(url)?.[1]
  if (sqlite !== undefined) return openSqlite(sqlite)
  if (!/^postgres(ql)?(\+\w+)?:\/\//.test(url))
    throw new Fault('badRequest', 'The address of the original database begins with postgresql:// or sqlite:///')
  return openPostgresql(url.replace(/^postgres(ql)?(\+\w+)?:/, 'postgresql:'))
}

async function urlIn(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Fault(
      'badRequest',
      `'${path}' is neither an address like postgresql://… nor a file that can be read (${error.code})`,
    )
  })
  const setting = /^\s*(?:PITHOS_)?BACKEND_DB_CONNECTION\s*=\s*(['"])(.*?)\1/m.exec(text)?.[2]
  const url = setting ?? text.trim()
  if (!/^\S+:\/\/\S+$/.test(url))
    throw new Fault('badRequest', `${path} holds no address, and no setting PITHOS_BACKEND_DB_CONNECTION`)
  return url
}

async function openPostgresql(url: string): Promise<Original> {
  const db = openDatabase({ url, log: silentLog, name: 'pithos-import', poolSize: 2, answerWithinMillis: 600_000 })
  const original: Original = {
    any: (query) => db.any(query),
    seconds: (column) => sql`CAST(${column} AS text)`,
    async columns(table) {
      const rows = await db.any<{ name: string }>(sql`
        SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass(${table}) AND attnum > 0 AND NOT attisdropped`)
      return new Set(rows.map(({ name }) => name))
    },
    close: () => db.close(),
  }
  try {
    await original.any(sql`SELECT 1`)
  } catch (error) {
    await db.close()
    const { message, code } = error as Error & { code?: string }
    const unreachable = isDatabaseUnavailable(error) || ['ENOTFOUND', 'EAI_AGAIN', '3D000', '28P01', '28000'].includes(code ?? '')
    if (!unreachable) throw error
    throw new Fault('badRequest', `The original database cannot be opened: ${message || code}`, { cause: error })
  }
  return original
}

function openSqlite(path: string): Original {
  let db: DatabaseSync
  try {
    db = new DatabaseSync(path, { readOnly: true, readBigInts: true })
  } catch (error) {
    throw new Fault('badRequest', `The original database ${path} cannot be opened: ${(error as Error).message}`, { cause: error })
  }
  const any = async <R>(query: Sql) => db.prepare(query.sql).all(...(query.values as (string | bigint)[])) as R[]
  return {
    any,
    seconds: (column) => sql`printf('%.6f', ${column})`,
    async columns(table) {
      const rows = await any<{ name: string }>(sql`SELECT name FROM pragma_table_info(${table})`).catch((error) => {
        throw new Fault('badRequest', `${path} cannot be read: ${(error as Error).message}`, { cause: error })
      })
      return new Set(rows.map(({ name }) => name))
    },
    close: async () => db.close(),
  }
}
