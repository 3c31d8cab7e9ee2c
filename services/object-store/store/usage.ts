// What accounts and projects use, counted from the versions themselves.
import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export interface ChargedUsage {
  account: string
  project: string
  bytes: bigint
}

export interface UsageFilter {
  account?: string | undefined
  project?: string | undefined
}

const matching = ({ account, project }: UsageFilter): Sql => sql`
  ${account === undefined ? sql`true` : sql`c.account = ${account}`} AND ${project === undefined ? sql`true` : sql`c.project = ${project}`}`

/** Bytes that count for the quota, by account and project. */
export function chargedUsage(q: Queryable, filter: UsageFilter, { history }: { history: boolean }) {
  const counted = history ? sql`v.state IN ('current', 'history')` : sql`v.state = 'current'`
  return q.any<ChargedUsage>(sql`
    SELECT c.account, c.project, coalesce(sum(v.size_bytes), 0)::bigint AS bytes
    FROM object_store.containers c LEFT JOIN object_store.versions v ON v.container_id = c.id AND ${counted}
    WHERE ${matching(filter)} GROUP BY c.account, c.project ORDER BY c.account, c.project`)
}

export interface Usage {
  holder: string
  objects: bigint
  /** Bytes of current objects. */
  logical: bigint
  pastVersions: bigint
  /** Bytes of past versions. */
  history: bigint
  /** Bytes stored that nobody else needs. */
  unique: bigint
  /** Bytes stored that somebody else needs as well. */
  shared: bigint
}

/**
 * What each account, or each project, has and needs stored: each block once, however many versions list it. A block of
 * which other accounts (or projects), or other services, need the content too is shared. Blocks count with their length
 * in the content; zeros at their ends, which are not stored, are not known here.
 */
export function usage(q: Queryable, by: 'account' | 'project', holder: string | undefined) {
  const column = by === 'account' ? sql`c.account` : sql`c.project`
  return q.any<Usage>(sql`
    WITH counted AS (
      SELECT ${column} AS holder,
        count(*) FILTER (WHERE state = 'current') AS objects, coalesce(sum(size_bytes) FILTER (WHERE state = 'current'), 0)::bigint AS logical,
        count(*) FILTER (WHERE state = 'history') AS past, coalesce(sum(size_bytes) FILTER (WHERE state = 'history'), 0)::bigint AS history
      FROM object_store.containers c LEFT JOIN object_store.versions v ON v.container_id = c.id GROUP BY 1
    ),
    needs AS MATERIALIZED (
      SELECT DISTINCT ${column} AS holder, v.map_id FROM object_store.versions v JOIN object_store.containers c ON c.id = v.container_id
      WHERE v.map_id IS NOT NULL
      UNION ALL SELECT holder, map_id FROM object_store.map_holds
    ),
    -- With how many holders each map has: where it is one, its blocks need not be looked at twice.
    pieces AS (
      SELECT n.holder, m.root AS hash, length(m.content)::bigint AS bytes
      FROM needs n JOIN object_store.maps m ON m.id = n.map_id WHERE m.content IS NOT NULL
      UNION ALL
      SELECT n.holder, b.hash,
        CASE WHEN b.hash = substring(m.hashes FROM length(m.hashes) - 31)
          THEN m.size_bytes - (length(m.hashes) / 32 - 1)::bigint * m.block_size_bytes ELSE m.block_size_bytes END
      FROM needs n JOIN object_store.maps m ON m.id = n.map_id JOIN object_store.map_blocks b ON b.map_id = m.id
      WHERE m.content IS NULL
    ),
    blocks AS (SELECT hash, count(DISTINCT holder) AS holders, max(bytes) AS bytes FROM pieces GROUP BY hash),
    stored AS (
      SELECT holder, coalesce(sum(b.bytes) FILTER (WHERE holders = 1), 0)::bigint AS own,
        coalesce(sum(b.bytes) FILTER (WHERE holders > 1), 0)::bigint AS shared
      FROM (SELECT DISTINCT holder, hash FROM pieces) AS p JOIN blocks b USING (hash) GROUP BY holder
    )
    SELECT holder, objects, logical, past AS "pastVersions", history, coalesce(own, 0) AS unique, coalesce(shared, 0) AS shared
    FROM counted LEFT JOIN stored USING (holder) WHERE ${holder === undefined ? sql`true` : sql`holder = ${holder}`} ORDER BY holder`)
}

export function commissionSerials(q: Queryable) {
  return q.any<{ serial: bigint }>(sql`SELECT serial FROM object_store.commission_serials ORDER BY serial`)
}

export function forgetSerials(tx: Tx, serials: readonly bigint[]) {
  return tx.run(sql`DELETE FROM object_store.commission_serials WHERE serial = ANY(${serials}::bigint[])`)
}
