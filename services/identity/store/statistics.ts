import { type Queryable, sql } from '@synnefo/lib/sql'

export interface PeopleCounts {
  total: number
  verified: number
  active: number
}

export function countPeople(db: Queryable) {
  return db.one<PeopleCounts>(sql`
    SELECT count(*)::int AS total, count(*) FILTER (WHERE email_verified)::int AS verified,
           count(*) FILTER (WHERE is_active)::int AS active
    FROM identity.users`)
}

/** People by the ways to sign in that they have; `exclusive` have no other. */
export function countPeopleByModule(db: Queryable) {
  return db.any<PeopleCounts & { module: string; exclusive: number }>(sql`
    SELECT p.module, count(*)::int AS total, count(*) FILTER (WHERE u.email_verified)::int AS verified,
           count(*) FILTER (WHERE u.is_active)::int AS active, count(*) FILTER (WHERE p.modules = 1)::int AS exclusive
    FROM (
      SELECT user_id, module, count(*) OVER (PARTITION BY user_id) AS modules
      FROM (SELECT DISTINCT user_id, module FROM identity.auth_providers WHERE is_active) AS links
    ) AS p
    JOIN identity.users u ON u.id = p.user_id
    GROUP BY p.module`)
}

export interface ResourceSums {
  resource: string
  used: string
  /** Of finite limits. */
  allocated: string
}

const INFINITE = 9_223_372_036_854_775_807n

const SUMS = sql`
  h.resource, coalesce(sum(h.usage_max), 0)::text AS used,
  coalesce(sum(h."limit") FILTER (WHERE h."limit" < ${INFINITE}::bigint), 0)::text AS allocated`

/** Over the holdings of projects: everything that is handed out. */
export function sumProjectHoldings(db: Queryable) {
  return db.any<ResourceSums>(sql`
    SELECT ${SUMS} FROM identity.holdings h
    WHERE h.holder >= 'project:' AND h.holder < 'project;' AND h.source = ''
    GROUP BY h.resource`)
}

/** Over the holdings of people who have one way to sign in only, by that way. */
export function sumHoldingsByModule(db: Queryable) {
  return db.any<ResourceSums & { module: string }>(sql`
    SELECT e.module, ${SUMS}
    FROM (
      SELECT u.uuid, min(p.module) AS module
      FROM identity.auth_providers p JOIN identity.users u ON u.id = p.user_id
      WHERE p.is_active GROUP BY u.uuid HAVING count(DISTINCT p.module) = 1
    ) AS e
    JOIN identity.holdings h ON h.holder = 'user:' || e.uuid
    GROUP BY e.module, h.resource`)
}
