// The ledger as operators look at it: as a list, and beside what projects grant.
import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'
import { grantedLimits } from './holdings.ts'

export interface QuotaListRow {
  user: string
  email: string
  source: string
  resource: string
  unit: 'bytes' | null
  limit: bigint
  usage: bigint
}

/** What accepted people hold. `condition` is about `h`, the holding, and `u`, the person. */
export function listQuotas(db: Queryable, { condition, overLimit }: { condition: Sql; overLimit: boolean }) {
  return db.any<QuotaListRow>(sql`
    SELECT u.uuid AS "user", u.email, substr(h.source, 9) AS source, h.resource, r.unit, h."limit", h.usage_max AS usage
    FROM identity.users u
    JOIN identity.holdings h ON h.holder = 'user:' || u.uuid
    LEFT JOIN identity.resources r ON r.name = h.resource
    WHERE u.moderated AND NOT u.is_rejected AND (${condition}) AND (NOT ${overLimit} OR h.usage_max > h."limit")
    ORDER BY u.id, h.source, r.id`)
}

export interface LimitDifference {
  holder: string
  source: string
  resource: string
  /** The initialised project that grants the limit; null when none does. */
  projectId: bigint | null
  /** What the project grants; null when it should not be in the ledger at all. */
  granted: bigint | null
  /** What the ledger says; null when there is no record. */
  held: bigint | null
}

/**
 * Where the ledger and the projects disagree. A missing record counts as a limit of 0. Records that nothing explains are
 * told only when they are asked for.
 */
export function limitDifferences(db: Queryable, { unexpected }: { unexpected: boolean }) {
  return db.any<LimitDifference>(sql`
    WITH granted AS (${grantedLimits(sql`true`)})
    SELECT coalesce(g.holder, h.holder) AS holder, coalesce(g.source, h.source) AS source,
           coalesce(g.resource, h.resource) AS resource, g.project_id AS "projectId", g."limit" AS granted, h."limit" AS held
    FROM granted g
    FULL JOIN identity.holdings h ON h.holder = g.holder AND h.source = g.source AND h.resource = g.resource
    WHERE CASE WHEN g.holder IS NULL THEN ${unexpected} ELSE g."limit" <> coalesce(h."limit", 0) END
    ORDER BY 1 DESC, 2, 3`)
}

/** Removes these records unless a commission about them is pending. Answers those that went. */
export function deleteHoldings(tx: Tx, holdings: readonly { holder: string; source: string; resource: string }[]) {
  return tx.any<{ holder: string; source: string; resource: string }>(sql`
    WITH unwanted AS MATERIALIZED (
      SELECT h.id FROM unnest(${holdings.map((each) => each.holder)}::text[], ${holdings.map((each) => each.source)}::text[],
                              ${holdings.map((each) => each.resource)}::text[]) AS w(holder, source, resource)
      JOIN identity.holdings h USING (holder, source, resource)
      WHERE h.usage_min = h.usage_max
      ORDER BY h.holder DESC, h.source, h.resource
      FOR UPDATE OF h
    )
    DELETE FROM identity.holdings h USING unwanted WHERE h.id = unwanted.id RETURNING h.holder, h.source, h.resource`)
}

export interface HeldRow {
  holder: string
  source: string
  usageMin: bigint
  usageMax: bigint
}

/** What is counted of one resource, for people (in projects) and for projects: of one person and his own project, or in one project. */
export function heldOf(
  db: Queryable,
  resource: string,
  { user, project }: { user?: string | undefined; project?: string | undefined },
) {
  const ofUser = user === undefined ? sql`true` : sql`holder IN (${`user:${user}`}, ${`project:${user}`})`
  const ofProject = project === undefined ? sql`true` : sql`${`project:${project}`} IN (holder, source)`
  return db.any<HeldRow>(sql`
    SELECT holder, source, usage_min AS "usageMin", usage_max AS "usageMax" FROM identity.holdings
    WHERE resource = ${resource} AND ${ofUser} AND ${ofProject}
    ORDER BY holder DESC, source`)
}
