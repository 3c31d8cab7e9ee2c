import { type Queryable, sql } from '@synnefo/lib/sql'

const AT_ONCE = 10_000

/** Adds what writers appended to the folded figures of their containers, and answers how many changes that were. One statement, so that a reader sees each change once. */
export async function foldChanges(q: Queryable): Promise<number> {
  const { folded } = await q.one<{ folded: number }>(sql`
    WITH taken AS (
      DELETE FROM object_store.container_changes WHERE id IN (
        SELECT id FROM object_store.container_changes ORDER BY id LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED)
      RETURNING *
    ),
    figures AS (
      INSERT INTO object_store.container_statistics AS s
        (container_id, objects, bytes, history_versions, history_bytes, changed_at, changes)
      SELECT container_id, sum(objects), sum(bytes), sum(history_versions), sum(history_bytes), max(changed_at), count(*)
      FROM taken GROUP BY container_id ORDER BY container_id
      ON CONFLICT (container_id) DO UPDATE SET
        objects = s.objects + excluded.objects, bytes = s.bytes + excluded.bytes,
        history_versions = s.history_versions + excluded.history_versions, history_bytes = s.history_bytes + excluded.history_bytes,
        changed_at = greatest(s.changed_at, excluded.changed_at), changes = s.changes + excluded.changes
    ),
    keys AS (
      INSERT INTO object_store.container_keys AS k (container_id, key, objects)
      SELECT container_id, entry.key, sum(entry.value::bigint) FROM taken, jsonb_each_text(keys) AS entry
      WHERE keys IS NOT NULL GROUP BY container_id, entry.key ORDER BY container_id, entry.key
      ON CONFLICT (container_id, key) DO UPDATE SET objects = k.objects + excluded.objects
    )
    SELECT count(*)::int AS folded FROM taken`)
  return folded
}
