import { empty, type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export interface TakenCommission {
  serial: bigint
  component: string
  name: string
  holdingIds: bigint[]
  quantities: bigint[]
}

/** Locks those of the commissions that are pending, in order of serial. Lock order: commissions, then holdings. */
export function lockCommissions(tx: Tx, serials: readonly bigint[]) {
  return tx.any<TakenCommission>(sql`
    SELECT serial, component, name, holding_ids AS "holdingIds", quantities
    FROM identity.commissions WHERE serial = ANY(${serials}) ORDER BY serial FOR UPDATE`)
}

export interface OpenedCommission {
  component: string
  name: string
  /** Stands in the table until it is resolved; otherwise it only gets a serial. */
  pending: boolean
  holdingIds: readonly bigint[]
  quantities: readonly bigint[]
}

/** What became of one provision, with the holding as it was afterwards. */
export interface LogEntry {
  /** Of a commission that was pending. */
  serial: bigint | null
  /** The place in the list of opened commissions, from 1, of one that never was. */
  opened: number | null
  holdingId: bigint
  usageMin: bigint
  usageMax: bigint
  delta: bigint
  reason: string
}

export interface LedgerChange {
  opened: readonly OpenedCommission[]
  /** Serials of commissions that are pending no longer. */
  closed: readonly bigint[]
  moved: readonly { id: bigint; usageMin: bigint; usageMax: bigint }[]
  log: readonly LogEntry[]
}

/**
 * Writes everything that was decided about locked holdings and commissions. Answers the serials of the opened ones, in
 * order. What has nothing to do is not asked: a statement opens all indexes of a table that it might change.
 */
export async function writeLedger(tx: Tx, { opened, closed, moved, log }: LedgerChange): Promise<bigint[]> {
  const listed = sql`listed AS (
      INSERT INTO identity.commissions (serial, component, name, holding_ids, quantities) OVERRIDING SYSTEM VALUE
      SELECT serial, component, name, holding_ids::bigint[], quantities::bigint[] FROM opened WHERE pending
    ),`
  const gone = sql`closed AS (
      DELETE FROM identity.commissions WHERE serial = ANY(${numbers(closed)}::bigint[]) RETURNING serial, name, issued_at
    ),`
  const some = closed.length > 0
  const rows = await tx.any<{ serial: bigint }>(sql`
    WITH opened AS MATERIALIZED (
      SELECT nextval('identity.commissions_serial_seq') AS serial, o.*
      FROM unnest((SELECT ${opened.map((each) => each.component)}::text[]), (SELECT ${opened.map((each) => each.name)}::text[]),
                  (SELECT ${opened.map((each) => each.pending)}::boolean[]),
                  (SELECT ${opened.map((each) => numbers(each.holdingIds))}::text[]),
                  (SELECT ${opened.map((each) => numbers(each.quantities))}::text[]))
           WITH ORDINALITY AS o(component, name, pending, holding_ids, quantities, place)
    ), ${opened.some(({ pending }) => pending) ? listed : empty} ${some ? gone : empty}
    moved AS (
      UPDATE identity.holdings h SET usage_min = m.usage_min, usage_max = m.usage_max
      FROM unnest((SELECT ${column(moved, 'id')}::bigint[]), (SELECT ${column(moved, 'usageMin')}::bigint[]), (SELECT ${column(moved, 'usageMax')}::bigint[]))
           AS m(id, usage_min, usage_max)
      WHERE h.id = m.id
    ), logged AS (
      INSERT INTO identity.provision_log
        (serial, name, issued_at, holder, source, resource, "limit", usage_min, usage_max, delta, reason)
      SELECT ${some ? sql`coalesce(c.serial, o.serial), coalesce(c.name, o.name), coalesce(c.issued_at, now())` : sql`o.serial, o.name, now()`},
             h.holder, h.source, h.resource, h."limit", l.usage_min, l.usage_max, l.delta, l.reason
      FROM unnest((SELECT ${log.map((each) => each.serial)}::bigint[]), (SELECT ${log.map((each) => each.opened)}::bigint[]),
                  (SELECT ${column(log, 'holdingId')}::bigint[]), (SELECT ${column(log, 'usageMin')}::bigint[]), (SELECT ${column(log, 'usageMax')}::bigint[]),
                  (SELECT ${column(log, 'delta')}::bigint[]), (SELECT ${log.map((each) => each.reason)}::text[]))
           AS l(serial, place, holding_id, usage_min, usage_max, delta, reason)
      JOIN identity.holdings h ON h.id = l.holding_id
      ${some ? sql`LEFT JOIN closed c ON c.serial = l.serial` : empty}
      LEFT JOIN opened o ON o.place = l.place
    )
    SELECT serial FROM opened ORDER BY place`)
  return rows.map(({ serial }) => serial)
}

/** An array of numbers as PostgreSQL reads it: quicker than quoting each. */
const numbers = (list: readonly bigint[]) => `{${list.join(',')}}`

const column = <Key extends string>(rows: readonly Record<Key, bigint>[], key: Key) => numbers(rows.map((row) => row[key]))

export function pendingSerials(db: Queryable, component: string, olderThanSeconds: number) {
  return db.any<{ serial: bigint }>(sql`
    SELECT serial FROM identity.commissions
    WHERE component = ${component} AND issued_at <= now() - make_interval(secs => ${olderThanSeconds}) ORDER BY serial`)
}

export interface CommissionRow {
  serial: bigint
  component: string
  name: string
  issuedAt: Date
}

/** `condition` is about `c`, the commission. */
export function listCommissions(db: Queryable, condition: Sql) {
  return db.any<CommissionRow>(sql`
    SELECT c.serial, c.component, c.name, c.issued_at AS "issuedAt" FROM identity.commissions c WHERE ${condition} ORDER BY c.serial`)
}

export function findCommission(db: Queryable, serial: bigint) {
  return db.maybeOne<CommissionRow>(sql`
    SELECT serial, component, name, issued_at AS "issuedAt" FROM identity.commissions WHERE serial = ${serial}`)
}

export interface ProvisionRow {
  holder: string
  source: string
  resource: string
  quantity: bigint
}

export function provisionsOf(db: Queryable, serial: bigint) {
  return db.any<ProvisionRow>(sql`
    SELECT h.holder, h.source, h.resource, p.quantity
    FROM identity.commissions c
    CROSS JOIN unnest(c.holding_ids, c.quantities) WITH ORDINALITY AS p(holding_id, quantity, place)
    JOIN identity.holdings h ON h.id = p.holding_id
    WHERE c.serial = ${serial} ORDER BY p.place`)
}

/** Forgets what was logged before; looks at the oldest entries, `atMost` of them, and answers how many went. */
export function deleteOldLog(db: Queryable, before: Date, atMost: number) {
  return db.run(sql`
    DELETE FROM identity.provision_log WHERE id IN (
      SELECT id FROM (SELECT id, logged_at FROM identity.provision_log ORDER BY id LIMIT ${atMost}) AS oldest
      WHERE logged_at < ${before})`)
}
