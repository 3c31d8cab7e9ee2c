import { type Sql, sql } from '@synnefo/lib/sql'

/**
 * Under which names a person is shared with: everybody, the person, and the groups the person is in. An array that
 * PostgreSQL computes once per statement, for `subject = ANY(...)`.
 */
export function subjectsOf(userId: string): Sql {
  return sql`(ARRAY['*', ${userId}] || ARRAY(SELECT account || ':' || name FROM object_store.groups WHERE member = ${userId}))`
}
