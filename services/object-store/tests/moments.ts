import { type Db, sql } from '@synnefo/lib/sql'
import { expect } from 'vitest'

/** This moment, as clients say it: decimal seconds. What was done before lies before it, what is done next after it. */
export async function momentOf(db: Db): Promise<string> {
  const { now } = await db.one<{ now: string }>(sql`SELECT extract(epoch FROM clock_timestamp())::text AS now`)
  return now
}

/** The figures of every container, told and appended, are what counting its versions gives. */
export async function expectFiguresToAddUp(db: Db): Promise<void> {
  const figures = (of: 'told' | 'counted') => db.any(of === 'told' ? TOLD : COUNTED)
  expect(await figures('told')).toEqual(await figures('counted'))
}

const TOLD = sql`
  SELECT c.id, coalesce(sum(f.objects), 0)::bigint AS objects, coalesce(sum(f.bytes), 0)::bigint AS bytes,
    coalesce(sum(f.history_versions), 0)::bigint AS history, coalesce(sum(f.history_bytes), 0)::bigint AS history_bytes,
    (SELECT coalesce(jsonb_object_agg(key, objects), '{}') FROM (
      SELECT key, sum(objects) AS objects FROM (
        SELECT key, objects FROM object_store.container_keys WHERE container_id = c.id
        UNION ALL SELECT e.key, e.value::bigint FROM object_store.container_changes, jsonb_each_text(keys) e
          WHERE container_id = c.id AND keys IS NOT NULL) each_key
      GROUP BY key HAVING sum(objects) <> 0) keys) AS keys
  FROM object_store.containers c LEFT JOIN (
    SELECT container_id, objects, bytes, history_versions, history_bytes FROM object_store.container_statistics
    UNION ALL SELECT container_id, objects, bytes, history_versions, history_bytes FROM object_store.container_changes
  ) f ON f.container_id = c.id GROUP BY c.id ORDER BY c.id`

const COUNTED = sql`
  SELECT c.id, count(v.id) FILTER (WHERE v.state = 'current') AS objects,
    coalesce(sum(v.size_bytes) FILTER (WHERE v.state = 'current'), 0)::bigint AS bytes,
    count(v.id) FILTER (WHERE v.state = 'history') AS history,
    coalesce(sum(v.size_bytes) FILTER (WHERE v.state = 'history'), 0)::bigint AS history_bytes,
    (SELECT coalesce(jsonb_object_agg(key, objects), '{}') FROM (
      SELECT key, count(*) AS objects FROM object_store.versions, jsonb_object_keys(metadata) AS key
      WHERE container_id = c.id AND state = 'current' GROUP BY key) keys) AS keys
  FROM object_store.containers c LEFT JOIN object_store.versions v ON v.container_id = c.id GROUP BY c.id ORDER BY c.id`
