// Who may do what with an object besides its owner, in SQL: the one place where that is decided. The closest path that
// carries permissions decides alone: the object's own, or that of a folder above it, which counts only while it is a
// current object of a folder's type. What is further up is not merged in.
import { type Queryable, type Sql, sql } from '@synnefo/lib/sql'
import { subjectsOf } from './subjects.ts'

/** The path whose permissions decide about an object; null when nothing is shared. */
function decidingPath(containerId: Sql, name: Sql): Sql {
  // All candidates are beginnings of the name, so the longest is the closest.
  return sql`(
    SELECT entry.name FROM object_store.permissions entry
    WHERE entry.container_id = ${containerId} AND entry.name = ANY(object_store.paths_above(${name}) || ${name})
      AND (entry.name = ${name} OR EXISTS (
        SELECT FROM object_store.versions folder
        WHERE folder.container_id = entry.container_id AND folder.name = entry.name AND folder.state = 'current'
          AND object_store.is_folder(folder.content_type)))
    ORDER BY length(entry.name) DESC LIMIT 1)`
}

/**
 * The most that these subjects may do with an object: 'read' or 'write', or null for nothing. `containerId` and `name`
 * are columns of the query around it, such as `versions.name`; `subjects` is an array (`subjectsOf`).
 */
export function rightTo(subjects: Sql, containerId: Sql, name: Sql): Sql {
  return sql`(
    SELECT max(granted.access) FROM object_store.permissions granted
    WHERE granted.container_id = ${containerId} AND granted.subject = ANY(${subjects})
      AND granted.name = ${decidingPath(containerId, name)})`
}

/** Everybody who has an account, for `rightTo`. */
export const EVERYBODY: Sql = sql`ARRAY['*']`

export interface DecidingEntry {
  name: string
  subject: string
  access: 'read' | 'write'
  /** The person asked about is the subject, or in the group that is. */
  mine: boolean
}

/** The entries that decide about one object. */
export function decidingEntries(q: Queryable, userId: string, containerId: bigint, name: string) {
  return q.any<DecidingEntry>(sql`
    SELECT p.name, p.subject, p.access, p.subject = ANY(${subjectsOf(userId)}) AS mine FROM object_store.permissions p
    WHERE p.container_id = ${containerId} AND p.name = ${decidingPath(sql`${containerId}::bigint`, sql`${name}::text`)}
    ORDER BY p.subject, p.access`)
}

/** An object that somebody asks about. */
export interface AskedObject {
  userId: string
  containerId: bigint
  name: string
}

/** The same for many, each with its place in the list, from 0. */
export function decidingEntriesOfMany(q: Queryable, asked: readonly AskedObject[]) {
  return q.any<DecidingEntry & { place: number }>(sql`
    SELECT (a.place - 1)::int AS place, p.name, p.subject, p.access,
      p.subject IN ('*', a.user_id)
        OR EXISTS (SELECT FROM object_store.groups g WHERE g.member = a.user_id AND g.account || ':' || g.name = p.subject) AS mine
    FROM unnest(
      ${asked.map(({ userId }) => userId)}::text[], ${asked.map(({ containerId }) => containerId)}::bigint[],
      ${asked.map(({ name }) => name)}::text[]) WITH ORDINALITY AS a(user_id, container_id, name, place)
    JOIN object_store.permissions p
      ON p.container_id = a.container_id AND p.name = ${decidingPath(sql`a.container_id`, sql`a.name`)}
    ORDER BY a.place, p.subject, p.access`)
}

/** Whether this person may read the object; undefined: everything is read. */
export function readableBy(userId: string | undefined, containerId: Sql, name: Sql): Sql {
  return userId === undefined ? sql`true` : sql`${rightTo(subjectsOf(userId), containerId, name)} IS NOT NULL`
}
