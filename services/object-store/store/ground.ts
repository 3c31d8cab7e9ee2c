// What a group of changes stands on: everything it is about, locked and read in a few statements however many they are.
// Locks are taken in one order for all: containers, names, limited containers; the records of the quota come last.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import type { Place } from '../names.ts'
import { CONTAINER_COLUMNS, type ContainerRow } from './containers.ts'
import { VERSION_COLUMNS, type VersionRow } from './versions.ts'

export interface Path {
  containerId: bigint
  name: string
}

/** Keeps the containers from being deleted or changed until commit, in order of their names. Writers of objects share them. */
export function shareContainers(tx: Tx, places: readonly { account: string; container: string }[]) {
  return tx.any<ContainerRow>(sql`
    SELECT ${CONTAINER_COLUMNS} FROM object_store.containers
    WHERE (account, name) IN (
      SELECT * FROM unnest((SELECT ${places.map(({ account }) => account)}::text[]), (SELECT ${places.map(({ container }) => container)}::text[])))
    ORDER BY account, name FOR KEY SHARE OF containers`)
}

/** Writers of limited containers wait for each other here, so that together they cannot pass the limit. */
export function lockLimited(tx: Tx, containerIds: readonly bigint[]) {
  return tx.run(sql`
    SELECT FROM object_store.containers WHERE id = ANY(${numbers(containerIds)}::bigint[]) ORDER BY account, name FOR NO KEY UPDATE`)
}

/** Bytes of current objects, what was not folded yet included. */
export function bytesOf(q: Queryable, containerIds: readonly bigint[]) {
  return q.any<{ containerId: bigint; bytes: bigint }>(sql`
    SELECT asked.container AS "containerId",
      coalesce((SELECT bytes FROM object_store.container_statistics WHERE container_id = asked.container), 0)
      + coalesce((SELECT sum(bytes)::bigint FROM object_store.container_changes WHERE container_id = asked.container), 0) AS bytes
    FROM unnest(${numbers(containerIds)}::bigint[]) AS asked(container)`)
}

// LIMIT makes the planner look each path up by its index, whatever it believes of a table that is still small. Arrays
// stand in sub-selects, here and in other statements of groups: a planner that sees how long they are plans each anew,
// which takes longer than the work.

/** Looks the containers up once more: so it need not wait for whoever locks them before, and is asked together with that. */
export function currentVersions(q: Queryable, places: readonly Place[]) {
  return q.any<VersionRow>(sql`
    SELECT found.* FROM unnest(
        (SELECT ${places.map(({ account }) => account)}::text[]), (SELECT ${places.map(({ container }) => container)}::text[]),
        (SELECT ${places.map(({ name }) => name)}::text[]))
      AS asked(account, container, name)
    CROSS JOIN LATERAL (
      SELECT id FROM object_store.containers
      WHERE containers.account = asked.account AND containers.name = asked.container LIMIT 1
    ) AS within
    CROSS JOIN LATERAL (
      SELECT ${VERSION_COLUMNS} FROM object_store.versions
      WHERE versions.container_id = within.id AND versions.name = asked.name AND versions.state = 'current' LIMIT 1
    ) AS found`)
}

/** Marks of deletion are no versions to a reader. */
export function versionsByIds(q: Queryable, ids: readonly bigint[]) {
  return q.any<VersionRow>(sql`
    SELECT ${VERSION_COLUMNS} FROM object_store.versions WHERE id = ANY(${numbers(ids)}::bigint[]) AND state <> 'deleted'`)
}

/** An array of numbers as PostgreSQL reads it: quicker than quoting each. */
export const numbers = (list: readonly (bigint | number | null)[]) => `{${list.map((each) => each ?? 'NULL').join(',')}}`
