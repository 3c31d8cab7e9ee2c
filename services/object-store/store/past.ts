// Accounts, containers and objects as they were. The state at a moment is, for each path, its version with the greatest
// id among those made before that moment, unless that is a mark of deletion. `until` is in seconds since 1970.
import { type Queryable, type Sql, sql } from '@synnefo/lib/sql'
import { CONTAINER_FACTS, type ContainerFacts, type Metadata } from './containers.ts'
import { LATEST_FIRST, ofPath, VERSION_COLUMNS, type VersionRow } from './versions.ts'

/** The version of a path that was the last at that moment, a mark of deletion too. */
export function lastBefore(containerId: Sql, name: Sql, until: number, columns: Sql): Sql {
  return sql`
    SELECT ${columns} FROM object_store.versions
    WHERE ${ofPath(containerId, name)} AND versions.created_at < to_timestamp(${until}) ${LATEST_FIRST} LIMIT 1`
}

/** The version that was current then, if there was one. */
export function findVersionAt(q: Queryable, containerId: bigint, name: string, until: number) {
  return q.maybeOne<VersionRow>(sql`
    SELECT * FROM (${lastBefore(sql`${containerId}`, sql`${name}`, until, VERSION_COLUMNS)}) last WHERE state <> 'deleted'`)
}

export interface PastContainer extends ContainerFacts {
  /** Its latest change before that moment. */
  untilAt: Date
}

export interface PastContainerQuery {
  until: number
  /** Undefined: every container of the account. */
  page: { marker: string; limit: number; names?: readonly string[] | undefined } | undefined
}

/**
 * Containers that existed then, with figures and metadata of then. Figures are those of now less what changed since: a
 * container that did not change since costs nothing, another one look at each name that did.
 */
function pastContainers(account: string, { until, page }: PastContainerQuery): Sql {
  const named = page?.names === undefined ? sql`` : sql`AND name = ANY(${page.names as string[]})`
  const within = page === undefined ? sql`` : sql`AND name > ${page.marker} ${named} ORDER BY name LIMIT ${page.limit}`
  const moment = sql`to_timestamp(${until})`
  return sql`
    WITH page AS (
      SELECT ${CONTAINER_FACTS} WHERE account = ${account} AND created_at < ${moment} ${within}
    )
    SELECT page.id, account, name, "quotaBytes", versioning, project, coalesce(was.metadata, page.metadata) AS metadata,
      "modifiedAt", shares, "changedAt", page.objects + since.objects AS objects, page.bytes + since.bytes AS bytes,
      CASE WHEN "changedAt" < ${moment} THEN "changedAt" ELSE greatest(page."createdAt", latest.created_at, latest_metadata.replaced_at) END AS "untilAt"
    FROM page
    CROSS JOIN LATERAL (
      SELECT coalesce(sum((before.id IS NOT NULL)::int - (now.id IS NOT NULL)::int), 0)::bigint AS objects,
        coalesce(sum(coalesce(before.size_bytes, 0) - coalesce(now.size_bytes, 0)), 0)::bigint AS bytes
      FROM ${changedSince(sql`page.id`, until)} changed
      ${thenAndNow(sql`page.id`, until)}
      WHERE page."changedAt" >= ${moment}
    ) since
    LEFT JOIN LATERAL (
      SELECT metadata FROM object_store.container_history
      WHERE container_id = page.id AND replaced_at >= ${moment} ORDER BY container_history.id LIMIT 1
    ) was ON true
    LEFT JOIN LATERAL (
      SELECT max(created_at) AS created_at FROM object_store.versions
      WHERE container_id = page.id AND created_at < ${moment} AND page."changedAt" >= ${moment}
    ) latest ON true
    LEFT JOIN LATERAL (
      SELECT max(replaced_at) AS replaced_at FROM object_store.container_history
      WHERE container_id = page.id AND replaced_at < ${moment}
    ) latest_metadata ON true`
}

/** Names in the container of which some version is younger than that: all others are as they were. */
function changedSince(containerId: Sql, until: number): Sql {
  return sql`(
    SELECT DISTINCT name FROM object_store.versions WHERE container_id = ${containerId} AND created_at >= to_timestamp(${until}))`
}

/** For each name of `changed`, what was there (`before`) and what is (`now`). */
function thenAndNow(containerId: Sql, until: number): Sql {
  return sql`
    LEFT JOIN LATERAL (${lastBefore(containerId, sql`changed.name`, until, sql`id, state, size_bytes, metadata`)}) before
      ON before.state <> 'deleted'
    LEFT JOIN LATERAL (
      SELECT id, size_bytes, metadata FROM object_store.versions
      WHERE container_id = ${containerId} AND name = changed.name AND state = 'current' LIMIT 1
    ) now ON true`
}

export function listContainersAt(q: Queryable, account: string, query: PastContainerQuery) {
  return q.any<PastContainer>(sql`SELECT * FROM (${pastContainers(account, query)}) past ORDER BY name`)
}

export async function describeContainerAt(q: Queryable, account: string, name: string, until: number) {
  const query = { until, page: { marker: '', limit: 1, names: [name] } }
  return q.maybeOne<PastContainer>(pastContainers(account, query))
}

/** Metadata keys that objects carried then: those of now, less what changed since. */
export async function listObjectKeysAt(q: Queryable, containerId: bigint, until: number): Promise<string[]> {
  const rows = await q.any<{ key: string }>(sql`
    SELECT key FROM (
      SELECT key, objects FROM object_store.container_keys WHERE container_id = ${containerId}
      UNION ALL
      SELECT entry.key COLLATE "C", entry.value::bigint FROM object_store.container_changes, jsonb_each_text(keys) AS entry
      WHERE container_id = ${containerId} AND keys IS NOT NULL
      UNION ALL
      SELECT difference.key COLLATE "C", difference.objects
      FROM ${changedSince(sql`${containerId}`, until)} changed
      ${thenAndNow(sql`${containerId}`, until)}
      CROSS JOIN LATERAL (
        SELECT jsonb_object_keys(before.metadata), 1 UNION ALL SELECT jsonb_object_keys(now.metadata), -1
      ) AS difference(key, objects)
    ) counted GROUP BY key HAVING sum(objects) > 0 ORDER BY key`)
  return rows.map(({ key }) => key)
}

export interface PastAccount {
  metadata: Metadata
  containers: bigint
  /** The latest change of the account or of anything in it before that moment; null: there was nothing yet. */
  untilAt: Date | null
}

export function describeAccountAt(q: Queryable, id: string, until: number) {
  const moment = sql`to_timestamp(${until})`
  return q.one<PastAccount>(sql`
    SELECT
      CASE WHEN created_at < ${moment} THEN coalesce(
        (SELECT metadata FROM object_store.account_history
          WHERE account = accounts.id AND replaced_at >= ${moment} ORDER BY account_history.id LIMIT 1), metadata)
        ELSE '{}'::jsonb END AS metadata,
      past.containers,
      greatest(CASE WHEN created_at < ${moment} THEN created_at END, past."untilAt",
        (SELECT max(replaced_at) FROM object_store.account_history
          WHERE account = accounts.id AND replaced_at < ${moment})) AS "untilAt"
    FROM object_store.accounts
    CROSS JOIN LATERAL (
      SELECT count(*) AS containers, max("untilAt") AS "untilAt" FROM (${pastContainers(id, { until, page: undefined })}) each_container
    ) past
    WHERE id = ${id}`)
}
