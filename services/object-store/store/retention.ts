// What an operator lets people keep of the past: versions that were replaced too long ago, or are too many, go.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface Retention {
  /** A version is kept for so long after it was replaced; undefined: for ever. */
  seconds: number | undefined
  /** So many versions of a path are kept besides the current one; undefined: all. */
  versions: number | undefined
}

export interface ContainerPlace {
  id: bigint
  account: string
  name: string
}

/** Containers in order of their ids. */
export function containersAfter(q: Queryable, id: bigint, limit: number) {
  return q.any<ContainerPlace>(sql`
    SELECT id, account, name FROM object_store.containers WHERE id > ${id} ORDER BY id LIMIT ${limit}`)
}

/** The name with which a stretch of about this many versions ends; undefined: the container ends before. */
export function endOfStretch(q: Queryable, containerId: bigint, after: string, versions: number) {
  return q.maybeOne<{ name: string }>(sql`
    SELECT name FROM object_store.versions WHERE container_id = ${containerId} AND name > ${after}
    ORDER BY container_id, name, id OFFSET ${versions} LIMIT 1`)
}

export interface Stretch {
  containerId: bigint
  after: string
  /** Undefined: to the end. */
  upTo: string | undefined
}

/** Removes at most so many versions of a stretch, and marks of deletion that have nothing before them any more. */
export function removeOldVersions(tx: Tx, { containerId, after, upTo }: Stretch, retention: Retention, atMost: number) {
  const { seconds, versions } = retention
  const before = seconds === undefined ? sql`'-infinity'::timestamptz` : sql`now() - make_interval(secs => ${seconds})`
  const tooMany = versions === undefined ? sql`false` : sql`nth > ${versions}`
  const markIsOld = seconds === undefined ? sql`true` : sql`seen.created_at < ${before}`
  return tx.one<{ removed: bigint[]; historyBytes: bigint }>(sql`
    WITH seen AS MATERIALIZED (
      SELECT id, name, state, created_at, lead(created_at) OVER (PARTITION BY name ORDER BY id) AS replaced_at,
        count(*) FILTER (WHERE state = 'history') OVER (PARTITION BY name ORDER BY id DESC) AS nth
      FROM object_store.versions
      WHERE container_id = ${containerId} AND name > ${after} ${upTo === undefined ? sql`` : sql`AND name <= ${upTo}`}
    ), old AS MATERIALIZED (
      SELECT id, replaced_at FROM seen WHERE state = 'history' AND (replaced_at < ${before} OR ${tooMany}) ORDER BY id LIMIT ${atMost}
    ), oldest AS (
      SELECT name, min(id) AS id FROM seen WHERE state <> 'deleted' AND id NOT IN (SELECT id FROM old) GROUP BY name
    ), marks AS (
      SELECT seen.id FROM seen LEFT JOIN oldest USING (name)
      WHERE seen.state = 'deleted' AND ${markIsOld} AND coalesce(seen.id < oldest.id, true) ORDER BY seen.id LIMIT ${atMost}
    ), gone AS (
      DELETE FROM object_store.versions
      WHERE id = ANY(ARRAY(SELECT id FROM old UNION ALL SELECT id FROM marks)) AND state <> 'current'
      RETURNING id, state, size_bytes
    ), changed AS (
      INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes)
      SELECT ${containerId}::bigint, 0, 0, -count(*), -sum(size_bytes)::bigint FROM gone WHERE state = 'history' HAVING count(*) > 0
    ), incomplete AS (
      UPDATE object_store.containers SET history_from = greatest(history_from, (SELECT max(replaced_at) FROM old))
      WHERE id = ${containerId} AND EXISTS (SELECT FROM old)
    )
    SELECT coalesce(array_agg(id ORDER BY id), '{}') AS removed,
      coalesce(sum(size_bytes) FILTER (WHERE state = 'history'), 0)::bigint AS "historyBytes"
    FROM gone`)
}
