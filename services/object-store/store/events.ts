// The outbox: what happened and nobody was told yet.
import { writeJson } from '@synnefo/lib/json'
import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export type EventAction = 'object update' | 'object delete' | 'object move' | 'object purge' | 'container purge'
export type ObjectAction = Extract<EventAction, 'object update' | 'object delete'>

export interface NewEvent {
  account: string
  userId: string
  path: string
  action: EventAction
  objectAction: ObjectAction | null
  versions: readonly bigint[]
  bytes: bigint
  /** Of new permissions: users, `account:group` or *; null when they stay. */
  subjects: readonly string[] | null
}

export function addEvents(tx: Tx, events: readonly NewEvent[]) {
  return tx.run(sql`
    INSERT INTO object_store.events (account, user_id, path, action, object_action, versions, bytes, members)
    SELECT account, "userId", path, action, "objectAction", versions, bytes, CASE WHEN subjects IS NOT NULL THEN ARRAY(
      SELECT subject FROM unnest(subjects) AS subject WHERE strpos(subject, ':') = 0
      UNION SELECT member FROM object_store.groups g JOIN unnest(subjects) AS subject ON subject = g.account || ':' || g.name
      ORDER BY 1) END
    FROM ROWS FROM (jsonb_to_recordset(${writeJson(events)}::jsonb) AS (account text, "userId" text, path text, action text,
      "objectAction" text, versions bigint[], bytes bigint, subjects text[])) WITH ORDINALITY AS event(account, "userId", path, action,
      "objectAction", versions, bytes, subjects, place)
    ORDER BY place`)
}

/** The same for whole sets, as one more part of the statement that changes them. The rows have these columns in this order: account, user_id, path, action, object_action, versions, bytes. */
export function addEventsOf(rows: Sql): Sql {
  return sql`INSERT INTO object_store.events (account, user_id, path, action, object_action, versions, bytes) ${rows}`
}

export interface EventRow {
  id: bigint
  occurredAt: Date
  account: string
  userId: string
  path: string
  action: EventAction
  objectAction: ObjectAction | null
  versions: bigint[]
  bytes: bigint
  members: string[] | null
  /** Bytes in the account now. */
  total: bigint
}

export function hasEvents(q: Queryable) {
  return q.one<{ answer: boolean }>(sql`SELECT EXISTS (SELECT FROM object_store.events) AS answer`)
}

export function listEvents(q: Queryable, limit: number) {
  return q.any<EventRow>(sql`
    WITH event AS (SELECT * FROM object_store.events ORDER BY id LIMIT ${limit}),
    total AS (
      SELECT account, (SELECT coalesce(sum(bytes), 0)::bigint FROM (
        SELECT s.bytes FROM object_store.containers c JOIN object_store.container_statistics s ON s.container_id = c.id
          WHERE c.account = concerned.account
        UNION ALL
        SELECT t.bytes FROM object_store.containers c JOIN object_store.container_changes t ON t.container_id = c.id
          WHERE c.account = concerned.account) AS figures) AS bytes
      FROM (SELECT DISTINCT account FROM event) AS concerned
    )
    SELECT id, occurred_at AS "occurredAt", account, user_id AS "userId", path, action, object_action AS "objectAction",
      versions, event.bytes, members, total.bytes AS total
    FROM event JOIN total USING (account) ORDER BY id`)
}

export function removeEvents(q: Queryable, ids: readonly bigint[]) {
  return q.run(sql`DELETE FROM object_store.events WHERE id = ANY(${ids as bigint[]})`)
}

/** Answers whether this process may publish now: nobody else does. To be renewed before the time is over. */
export async function takePublishing(q: Queryable, holder: string, seconds: number): Promise<boolean> {
  const taken = await q.run(sql`
    UPDATE object_store.events_publisher SET holder = ${holder}, until = clock_timestamp() + make_interval(secs => ${seconds})
    WHERE holder = ${holder} OR until < clock_timestamp()`)
  return taken === 1
}

export function leavePublishing(q: Queryable, holder: string) {
  return q.run(sql`UPDATE object_store.events_publisher SET holder = NULL, until = '-infinity' WHERE holder = ${holder}`)
}
