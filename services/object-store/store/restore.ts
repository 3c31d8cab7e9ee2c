// What restoring makes of a container or a part of it, as changes of many paths.
import { join, type Queryable, raw, type Sql, sql } from '@synnefo/lib/sql'
import type { NamesIn } from './names-in.ts'
import { lastBefore } from './past.ts'

export interface Restoration {
  containerId: bigint
  names: NamesIn
  /** Seconds since 1970. */
  until: number
  /** What is to become of objects that were not there then: `known` are those of which a mark of deletion says so. */
  deletes: 'all' | 'known' | 'none'
}

const FACTS = ['map_id', 'hash', 'size_bytes', 'content_type', 'metadata', 'domains', 'available', 'is_snapshot']
const factsOf = (version: string) => join(FACTS.map((column) => raw(`${version}.${column}`)))

/**
 * For each name of which some version is younger than the moment, what was there (`before`), what is (`now`), and what is
 * to be done. All other names are as they were. Where history is not complete since then, an object without a version of
 * then is new only if a mark of deletion says so.
 */
function comparison({ containerId, names, until, deletes }: Restoration): Sql {
  return sql`
    SELECT changed.name, before.id AS before_id, before.uuid AS before_uuid, now.id AS now_id, now.uuid AS now_uuid,
      before.state <> 'deleted' AND (now.id IS NULL OR ROW(${factsOf('before')}) IS DISTINCT FROM ROW(${factsOf('now')})) AS restore,
      now.id IS NOT NULL AND (before.id IS NULL OR before.state = 'deleted') AS is_new,
      ${deletes}::text = 'all' OR (${deletes}::text = 'known' AND before.id IS NOT NULL) AS delete_new
    FROM (
      SELECT DISTINCT name FROM object_store.versions
      WHERE container_id = ${containerId} AND created_at >= to_timestamp(${until}) AND ${names(sql`name`)}
    ) changed
    LEFT JOIN LATERAL (${lastBefore(sql`${containerId}`, sql`changed.name`, until, sql`*`)}) before ON true
    LEFT JOIN LATERAL (
      SELECT * FROM object_store.versions
      WHERE container_id = ${containerId} AND name = changed.name AND state = 'current' LIMIT 1
    ) now ON true`
}

/** An object that comes back is the one that it was, unless that lives on under another name. */
export function restoringChanges(restoration: Restoration): Sql {
  return sql`
    WITH compared AS MATERIALIZED (${comparison(restoration)}),
    lives_on AS (
      SELECT DISTINCT elsewhere.uuid FROM compared
      CROSS JOIN LATERAL (
        SELECT uuid, container_id, name, state FROM object_store.versions WHERE uuid = compared.before_uuid OFFSET 0
      ) elsewhere
      LEFT JOIN compared there ON elsewhere.container_id = ${restoration.containerId} AND there.name = elsewhere.name
      WHERE elsewhere.state = 'current' AND compared.restore AND compared.now_id IS NULL AND NOT coalesce(there.is_new AND there.delete_new, false)
    )
    SELECT name, CASE WHEN restore THEN before_id END AS from_id,
      CASE WHEN now_id IS NOT NULL THEN now_uuid WHEN lives_on.uuid IS NULL THEN before_uuid END AS uuid,
      NULL::text AS content_type, NULL::jsonb AS metadata
    FROM compared LEFT JOIN lives_on ON lives_on.uuid = before_uuid
    WHERE restore OR (is_new AND delete_new)`
}

/** Whether the container was there then, and whether every version since was kept: what has none of then was not there. */
export function historyOf(q: Queryable, containerId: bigint, until: number) {
  return q.one<{ existed: boolean; complete: boolean }>(sql`
    SELECT created_at < to_timestamp(${until}) AS existed,
      versioning = 'auto' AND coalesce(history_from <= to_timestamp(${until}), true) AS complete
    FROM object_store.containers WHERE id = ${containerId}`)
}

/** How many objects are new since then and stay. */
export async function countKept(q: Queryable, restoration: Restoration): Promise<bigint> {
  const { kept } = await q.one<{ kept: bigint }>(sql`
    SELECT count(*) AS kept FROM (${comparison(restoration)}) compared WHERE is_new AND NOT delete_new`)
  return kept
}

/** Current objects of these names, and whether there ever was one. */
export function countObjects(q: Queryable, containerId: bigint, names: NamesIn) {
  return q.one<{ objects: bigint; known: boolean }>(sql`
    SELECT count(*) FILTER (WHERE state = 'current') AS objects, count(*) > 0 AS known
    FROM object_store.versions WHERE container_id = ${containerId} AND ${names(sql`name`)}`)
}
