import { empty, type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

/** `user:<uuid>` or `project:<uuid>`; the source of a project's own record is empty. */
export interface HoldingKey {
  holder: string
  source: string
  resource: string
}

export interface HoldingRow extends HoldingKey {
  id: bigint
  limit: bigint
  usageMin: bigint
  usageMax: bigint
}

/**
 * Locks these holdings, and those with these ids, until commit; missing ones are missing in the answer. One order for
 * all: a person's records come before those of the projects they share, so that nobody waits for a person while a
 * whole project waits for him.
 */
export function lockHoldings(tx: Tx, keys: readonly HoldingKey[], ids: readonly bigint[] = []) {
  return tx.any<HoldingRow>(sql`
    SELECT h.id, h.holder, h.source, h.resource, h."limit", h.usage_min AS "usageMin", h.usage_max AS "usageMax"
    FROM identity.holdings h
    WHERE h.id IN (
      SELECT named.id
      FROM unnest((SELECT ${keys.map((key) => key.holder)}::text[]), (SELECT ${keys.map((key) => key.source)}::text[]),
                  (SELECT ${keys.map((key) => key.resource)}::text[])) AS wanted(holder, source, resource)
      JOIN identity.holdings named USING (holder, source, resource)
      UNION SELECT unnest((SELECT ${ids}::bigint[])))
    ORDER BY h.holder DESC, h.source, h.resource
    FOR NO KEY UPDATE OF h`)
}

/**
 * What the initialised projects grant, to themselves and to those who ever were their members. A project that is not
 * active grants nothing, nor does it to those who are not members now. `condition` is about `p`, the project.
 */
export const grantedLimits = (condition: Sql): Sql => sql`
  SELECT p.id AS project_id, 'project:' || p.uuid AS holder, '' AS source, l.resource,
         CASE WHEN p.state = 'active' THEN l.project_capacity ELSE 0 END AS "limit"
  FROM identity.projects p
  JOIN identity.project_limits l ON l.project_id = p.id
  WHERE p.state IN ('active', 'suspended', 'terminated') AND ${condition}
  UNION ALL
  SELECT p.id, 'user:' || u.uuid, 'project:' || p.uuid, l.resource,
         CASE WHEN p.state = 'active' AND m.state IN ('accepted', 'leave_requested') THEN l.member_capacity ELSE 0 END
  FROM identity.projects p
  JOIN identity.project_limits l ON l.project_id = p.id
  JOIN identity.memberships m ON m.project_id = p.id AND m.initialized
  JOIN identity.users u ON u.id = m.user_id
  WHERE p.state IN ('active', 'suspended', 'terminated') AND ${condition}`

/**
 * Whoever writes limits holds the project, and only then reads what it grants: of two who change it, or its members, at
 * the same time, the second sees what the first did.
 */
function lockGranting(tx: Tx, projectIds: readonly bigint[]) {
  return tx.run(sql`
    SELECT FROM identity.projects WHERE id = ANY(${projectIds}::bigint[]) ORDER BY id FOR NO KEY UPDATE`)
}

/** Makes the holdings of these projects, and of those who ever were their members, agree with what is granted. Usage is kept. */
export async function syncLimits(tx: Tx, projectIds: readonly bigint[]): Promise<void> {
  if (projectIds.length === 0) return
  await lockGranting(tx, projectIds)
  await tx.run(sql`
    WITH granted AS (${grantedLimits(sql`p.id = ANY(${projectIds}::bigint[])`)})
    INSERT INTO identity.holdings (holder, source, resource, "limit")
    SELECT holder, source, resource, "limit" FROM granted
    ORDER BY holder COLLATE "C" DESC, source COLLATE "C", resource
    ON CONFLICT (holder, source, resource)
    DO UPDATE SET "limit" = excluded."limit" WHERE holdings."limit" <> excluded."limit"`)
}

/** The same for one member, whose own limits in these projects are all that changed. */
export async function syncMemberLimits(tx: Tx, projectIds: readonly bigint[], userId: bigint): Promise<void> {
  if (projectIds.length === 0) return
  await lockGranting(tx, projectIds)
  await tx.run(sql`
    INSERT INTO identity.holdings (holder, source, resource, "limit")
    SELECT 'user:' || u.uuid, 'project:' || p.uuid, l.resource,
           CASE WHEN p.state = 'active' AND m.state IN ('accepted', 'leave_requested') THEN l.member_capacity ELSE 0 END
    FROM identity.projects p
    JOIN identity.project_limits l ON l.project_id = p.id
    JOIN identity.memberships m ON m.project_id = p.id AND m.initialized
    JOIN identity.users u ON u.id = m.user_id
    WHERE p.id = ANY(${projectIds}::bigint[]) AND m.user_id = ${userId} AND p.state IN ('active', 'suspended', 'terminated')
    ORDER BY p.uuid, l.resource
    ON CONFLICT (holder, source, resource)
    DO UPDATE SET "limit" = excluded."limit" WHERE holdings."limit" <> excluded."limit"`)
}

export interface QuotaRow {
  user: string
  project: string
  resource: string
  limit: bigint
  usage: bigint
  pending: bigint
  projectLimit: bigint
  projectUsage: bigint
  projectPending: bigint
}

/** What one person may use and uses, in each project of which he is a member now. */
export function quotasOf(db: Queryable, userUuid: string) {
  return db.any<QuotaRow>(sql`
    SELECT ${userUuid} AS "user", p.uuid AS project, r.name AS resource,
           coalesce(mine."limit", 0) AS "limit", coalesce(mine.usage_max, 0) AS usage,
           coalesce(mine.usage_max - mine.usage_min, 0) AS pending,
           coalesce(whole."limit", 0) AS "projectLimit", coalesce(whole.usage_max, 0) AS "projectUsage",
           coalesce(whole.usage_max - whole.usage_min, 0) AS "projectPending"
    FROM identity.users u
    JOIN identity.memberships m ON m.user_id = u.id AND m.state IN ('accepted', 'leave_requested')
    JOIN identity.projects p ON p.id = m.project_id AND p.state IN ('active', 'suspended', 'terminated')
    CROSS JOIN identity.resources r
    LEFT JOIN identity.holdings mine
      ON mine.holder = 'user:' || u.uuid AND mine.source = 'project:' || p.uuid AND mine.resource = r.name
    LEFT JOIN identity.holdings whole
      ON whole.holder = 'project:' || p.uuid AND whole.source = '' AND whole.resource = r.name
    WHERE u.uuid = ${userUuid} AND r.api_visible
    ORDER BY p.id, r.id`)
}

export interface ServiceQuotaFilter {
  /** Only resources of its services. */
  component: bigint
  users: readonly string[] | undefined
  projects: readonly string[] | undefined
  /** People after this one, in order of uuid. */
  after: string
  /** People at most. */
  limit: number
}

const resourcesOf = (component: bigint) => sql`
  SELECT r.name FROM identity.resources r JOIN identity.services s ON s.name = r.service_origin WHERE s.component_id = ${component}`

/** Conditions are left out rather than made true by a parameter: the planner then knows which index serves. */
const among = (column: Sql, values: readonly string[] | undefined) =>
  values ? sql`AND ${column} = ANY(${values}::text[])` : empty

/**
 * What people hold of a component's resources, verified people only, in order of uuid. LIMIT and OFFSET inside make the
 * planner look each holding up by its index, as many as the page has, and never read the ledger as a whole.
 */
export function serviceQuotas(db: Queryable, { component, users, projects, after, limit }: ServiceQuotaFilter) {
  const counted = sql`h.resource IN (${resourcesOf(component)}) ${among(sql`substr(h.source, 9)`, projects)}`
  return db.any<QuotaRow>(sql`
    SELECT u.uuid AS "user", substr(mine.source, 9) AS project, mine.resource,
           mine."limit", mine.usage_max AS usage, mine.usage_max - mine.usage_min AS pending,
           coalesce(whole."limit", 0) AS "projectLimit", coalesce(whole.usage_max, 0) AS "projectUsage",
           coalesce(whole.usage_max - whole.usage_min, 0) AS "projectPending"
    FROM (
      SELECT uuid FROM identity.users
      WHERE email_verified AND uuid > ${after} ${among(sql`uuid`, users)}
        AND (SELECT true FROM identity.holdings h WHERE h.holder = 'user:' || uuid AND ${counted} LIMIT 1)
      ORDER BY uuid LIMIT ${limit}
    ) AS u
    CROSS JOIN LATERAL (
      SELECT h.* FROM identity.holdings h WHERE h.holder = 'user:' || u.uuid AND ${counted} OFFSET 0
    ) AS mine
    LEFT JOIN LATERAL (
      SELECT w.* FROM identity.holdings w WHERE w.holder = mine.source AND w.source = '' AND w.resource = mine.resource LIMIT 1
    ) AS whole ON true
    ORDER BY u.uuid, mine.source, mine.resource`)
}

export interface ProjectQuotaRow {
  projectId: bigint
  project: string
  resource: string
  limit: bigint
  usage: bigint
  pending: bigint
}

export interface ProjectQuotaFilter extends Pick<ServiceQuotaFilter, 'component' | 'projects'> {
  /** Projects after the one with this id. */
  after?: bigint
  /** Projects at most; all when it is not given. */
  limit?: number
}

/** What initialised projects hold of a component's resources; the same about indexes holds. */
export function projectQuotas(db: Queryable, { component, projects, after = 0n, limit }: ProjectQuotaFilter) {
  const held = sql`h.holder = 'project:' || p.uuid AND h.source = '' AND h.resource IN (${resourcesOf(component)})`
  return db.any<ProjectQuotaRow>(sql`
    SELECT p.id AS "projectId", p.uuid AS project, own.resource, own."limit", own.usage_max AS usage,
           own.usage_max - own.usage_min AS pending
    FROM (
      SELECT p.id, p.uuid FROM identity.projects p
      WHERE p.id > ${after} AND p.state IN ('active', 'suspended', 'terminated') ${among(sql`p.uuid`, projects)}
        AND (SELECT true FROM identity.holdings h WHERE ${held} LIMIT 1)
      ORDER BY p.id LIMIT ${limit ?? null}
    ) AS p
    CROSS JOIN LATERAL (SELECT h.* FROM identity.holdings h WHERE ${held} OFFSET 0) AS own
    ORDER BY p.id, own.resource`)
}

/** Everything a person holds, in every project he ever was in. */
export function userHoldings(db: Queryable, uuid: string) {
  return db.any<{ source: string; resource: string; limit: bigint; usage: bigint; unit: 'bytes' | null }>(sql`
    SELECT substr(h.source, 9) AS source, h.resource, h."limit", h.usage_max AS usage, r.unit
    FROM identity.holdings h LEFT JOIN identity.resources r ON r.name = h.resource
    WHERE h.holder = ${`user:${uuid}`} ORDER BY h.source, r.id`)
}
