import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import type { HoldingChange } from './holdings.ts'

export interface CommissionRow {
  serial: bigint
  component: string
  name: string
  issuedAt: Date
}

export interface ProvisionRow {
  holder: string
  source: string
  resource: string
  quantity: bigint
}

export interface IssuedProvision extends HoldingChange {
  quantity: bigint
}

/** Moves the (locked) holdings and records a pending commission. Answers its serial. */
export async function insertCommission(
  tx: Tx,
  { component, name, provisions }: { component: string; name: string; provisions: readonly IssuedProvision[] },
): Promise<bigint> {
  const { serial } = await tx.one<{ serial: bigint }>(sql`
    WITH provision AS (
      SELECT * FROM unnest(${provisions.map((each) => each.id)}::bigint[], ${provisions.map((each) => each.min)}::bigint[],
                           ${provisions.map((each) => each.max)}::bigint[],
                           ${provisions.map((each) => each.quantity)}::bigint[]) AS p(id, min, max, quantity)
    ), moved AS (
      UPDATE identity.holdings h SET usage_min = h.usage_min + p.min, usage_max = h.usage_max + p.max
      FROM provision p WHERE h.id = p.id
    ), commission AS (
      INSERT INTO identity.commissions (component, name) VALUES (${component}, ${name}) RETURNING serial
    ), listed AS (
      INSERT INTO identity.provisions (serial, holding_id, quantity)
      SELECT c.serial, p.id, p.quantity FROM commission c CROSS JOIN provision p
    )
    SELECT serial FROM commission`)
  return serial
}

/** A serial for a commission that is resolved as it is issued and so never stands in the table. */
export async function nextSerial(tx: Tx): Promise<bigint> {
  const { serial } = await tx.one<{ serial: bigint }>(
    sql`SELECT nextval(pg_get_serial_sequence('identity.commissions', 'serial')) AS serial`,
  )
  return serial
}

export interface TakenCommission {
  serial: bigint
  name: string
  issuedAt: Date
  holdingIds: bigint[]
  quantities: bigint[]
}

/** Takes a pending commission out of the table, with its provisions; undefined when it is not pending (there). */
export function takeCommission(tx: Tx, serial: bigint, component: string | undefined) {
  return tx.maybeOne<TakenCommission>(sql`
    WITH listed AS (
      SELECT coalesce(array_agg(holding_id ORDER BY holding_id), '{}') AS ids,
             coalesce(array_agg(quantity ORDER BY holding_id), '{}') AS quantities
      FROM identity.provisions WHERE serial = ${serial}
    )
    DELETE FROM identity.commissions c USING listed l
    WHERE c.serial = ${serial} AND (${component ?? null}::text IS NULL OR c.component = ${component ?? null})
    RETURNING c.serial, c.name, c.issued_at AS "issuedAt", l.ids AS "holdingIds", l.quantities`)
}

export interface LoggedProvision extends IssuedProvision {
  reason: string
}

/** Locks and moves the holdings and logs what became of each provision. Answers how many were there. */
export function moveAndLog(
  tx: Tx,
  { serial, name, issuedAt }: { serial: bigint; name: string; issuedAt: Date },
  provisions: readonly LoggedProvision[],
): Promise<number> {
  return tx.run(sql`
    WITH provision AS (
      SELECT * FROM unnest(${provisions.map((each) => each.id)}::bigint[], ${provisions.map((each) => each.min)}::bigint[],
                           ${provisions.map((each) => each.max)}::bigint[],
                           ${provisions.map((each) => each.quantity)}::bigint[],
                           ${provisions.map((each) => each.reason)}::text[]) AS p(id, min, max, quantity, reason)
    ), locked AS MATERIALIZED (
      SELECT p.* FROM provision p JOIN identity.holdings h USING (id)
      ORDER BY h.holder DESC, h.source, h.resource
      FOR NO KEY UPDATE OF h
    ), moved AS (
      UPDATE identity.holdings h SET usage_min = h.usage_min + l.min, usage_max = h.usage_max + l.max
      FROM locked l WHERE h.id = l.id
      RETURNING h.holder, h.source, h.resource, h."limit", h.usage_min, h.usage_max, l.quantity, l.reason
    )
    INSERT INTO identity.provision_log
      (serial, name, issued_at, holder, source, resource, "limit", usage_min, usage_max, delta, reason)
    SELECT ${serial}, ${name}, ${issuedAt}, holder, source, resource, "limit", usage_min, usage_max, quantity, reason FROM moved`)
}

export function pendingSerials(db: Queryable, component: string) {
  return db.any<{ serial: bigint }>(sql`SELECT serial FROM identity.commissions WHERE component = ${component} ORDER BY serial`)
}

export function findCommission(db: Queryable, serial: bigint, component: string) {
  return db.maybeOne<CommissionRow>(sql`
    SELECT serial, component, name, issued_at AS "issuedAt" FROM identity.commissions
    WHERE serial = ${serial} AND component = ${component}`)
}

export function provisionsOf(db: Queryable, serial: bigint) {
  return db.any<ProvisionRow>(sql`
    SELECT h.holder, h.source, h.resource, p.quantity
    FROM identity.provisions p JOIN identity.holdings h ON h.id = p.holding_id
    WHERE p.serial = ${serial} ORDER BY p.holding_id`)
}
