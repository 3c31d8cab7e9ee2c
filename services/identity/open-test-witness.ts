// For tests: every change of state leaves an audit row, whatever made it. The witness looks at all tables before and
// after each request and command of the tests that use it, so a new one cannot be forgotten.
import { type Db, join, raw, type Sql, sql } from '@synnefo/lib/sql'

/**
 * What is no change of anything that is somebody's: the record itself, and what is on its way (mails, hand-shakes that
 * nobody agreed to yet). The ledger is a record of its own: a commission says whose it is and what it is for, and what
 * became of it is logged. Unlogged tables hold what may be lost, and are left out too.
 */
const NOT_STATE = [
  'audit',
  'mails',
  'openid_records',
  'device_logins',
  'pending_logins',
  'spent_handshakes',
  'commissions',
  'provision_log',
]
/** That something was looked at is no change; and usage is what the commissions say. */
const TRACES = ['last_seen_at', 'last_used_at', 'updated_at', 'has_seen_profile', 'usage_min', 'usage_max']

export interface Witness {
  /** Looks at what is there now. */
  look(): Promise<State>
  /** The tables that changed since without anything on record about it; undefined when there are none. */
  unrecorded(before: State): Promise<string | undefined>
}

export interface State {
  tables: Record<string, string>
  records: number
}

export async function openWitness(db: Db): Promise<Witness> {
  let question: Sql | undefined

  async function ask(): Promise<Sql> {
    const tables = await db.any<{ name: string }>(sql`
      SELECT relname AS name FROM pg_class
      WHERE relnamespace = 'identity'::regnamespace AND relkind = 'r' AND relpersistence = 'p' AND relname <> ALL(${NOT_STATE})
      ORDER BY relname`)
    const digests = tables.map(
      ({ name }) => sql`${name}::text, (
        SELECT md5(coalesce(string_agg(row, ',' ORDER BY row), ''))
        FROM (SELECT (to_jsonb(t) - ${TRACES}::text[])::text AS row FROM identity.${raw(name)} t) AS rows)`,
    )
    return sql`SELECT jsonb_build_object(${join(digests)}) AS tables, (SELECT count(*)::int FROM identity.audit) AS records`
  }

  async function look(): Promise<State> {
    question ??= await ask()
    return db.one<State>(question)
  }

  return {
    look,
    async unrecorded(before) {
      const after = await look()
      if (after.records > before.records) return undefined
      const changed = Object.keys(after.tables).filter((name) => after.tables[name] !== before.tables[name])
      return changed.length > 0 ? changed.join(', ') : undefined
    },
  }
}
