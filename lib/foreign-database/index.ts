// A database of another installation that is read and never written: PostgreSQL, or SQLite on small installations.
// Questions are asked in SQL that both understand.
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../fault/index.ts'
import { silentLog } from '../log/index.ts'
import { isDatabaseUnavailable, openDatabase, type Sql, sql } from '../sql/index.ts'

export interface ForeignDatabase {
  /** Integers come as bigint or number: callers convert them. */
  any<R>(query: Sql): Promise<R[]>
  /** A column of decimal seconds, as text with all its digits. */
  seconds(column: Sql): Sql
  /** A column of times, as decimal seconds since 1970 in text. Times without a zone are in UTC. */
  time(column: Sql): Sql
  /** Names of the columns of a table; none when there is no such table. */
  columns(table: string): Promise<Set<string>>
  close(): Promise<void>
}

/** `name` is what the server is told of who reads there. */
export async function openForeignDatabase(url: string, name: string): Promise<ForeignDatabase> {
  const sqlite = /^sqlite:\/\/\/(.*)$/.exec(url)?.[1]
  if (sqlite !== undefined) return openSqlite(sqlite)
  if (!/^postgres(ql)?(\+\w+)?:\/\//.test(url))
    throw new Fault('badRequest', 'The address of the original database begins with postgresql:// or sqlite:///')
  return openPostgresql(url.replace(/^postgres(ql)?(\+\w+)?:/, 'postgresql:'), name)
}

/** The columns of tables that must be there with these, and maybe others; what is missing is answered in words. */
export async function findTables<Table extends string>(
  database: ForeignDatabase,
  tables: Readonly<Record<Table, readonly string[]>>,
): Promise<Record<Table, ReadonlySet<string>> | string> {
  const found: Partial<Record<Table, ReadonlySet<string>>> = {}
  for (const [table, wanted] of Object.entries(tables) as [Table, readonly string[]][]) {
    const columns = await database.columns(table)
    if (columns.size === 0) return `it has no table ${table}`
    const missing = wanted.filter((column) => !columns.has(column))
    if (missing.length > 0) return `its table ${table} lacks ${missing.join(', ')}`
    found[table] = columns
  }
  return found as Record<Table, ReadonlySet<string>>
}

async function openPostgresql(url: string, name: string): Promise<ForeignDatabase> {
  const db = openDatabase({ url, log: silentLog, name, poolSize: 2, answerWithinMillis: 600_000 })
  const original: ForeignDatabase = {
    any: (query) => db.any(query),
    seconds: (column) => sql`CAST(${column} AS text)`,
    time: (column) => sql`CAST(extract(epoch FROM CAST(${column} AS timestamptz)) AS text)`,
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
    if (code === 'ERR_INVALID_URL')
      throw new Fault('badRequest', 'The address of the original database cannot be read: that is no address of a database')
    const unreachable = isDatabaseUnavailable(error) || ['ENOTFOUND', 'EAI_AGAIN', '3D000', '28P01', '28000'].includes(code ?? '')
    if (!unreachable) throw error
    throw new Fault('badRequest', `The original database cannot be opened: ${message || code}`, { cause: error })
  }
  return original
}

function openSqlite(path: string): ForeignDatabase {
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
    time: (column) => sql`strftime('%s', ${column})`,
    async columns(table) {
      const rows = await any<{ name: string }>(sql`SELECT name FROM pragma_table_info(${table})`).catch((error) => {
        throw new Fault('badRequest', `${path} cannot be read: ${(error as Error).message}`, { cause: error })
      })
      return new Set(rows.map(({ name }) => name))
    },
    close: async () => db.close(),
  }
}
