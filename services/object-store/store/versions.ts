import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'
import type { Place } from '../names.ts'
import type { Metadata } from './containers.ts'
import { rightTo } from './rights.ts'
import { subjectsOf } from './subjects.ts'

/** Metadata of other services, by domain. */
export type Domains = Record<string, Metadata>

export interface VersionRow {
  id: bigint
  containerId: bigint
  name: string
  state: 'current' | 'history' | 'deleted'
  uuid: string
  /** None when the size is zero. */
  mapId: bigint | null
  /** Hex */
  hash: string | null
  sizeBytes: bigint
  contentType: string
  /** MD5 in hex, or empty */
  checksum: string
  modifiedBy: string
  createdAt: Date
  /** Seconds since 1970 with six decimals, as text: a Date would lose the last three. */
  timestamp: string
  metadata: Metadata
  domains: Domains | null
  available: number
  isSnapshot: boolean
}

export const VERSION_COLUMNS = sql`
  versions.id, versions.container_id AS "containerId", versions.name, versions.state, versions.uuid,
  versions.map_id AS "mapId", encode(versions.hash, 'hex') AS hash, versions.size_bytes AS "sizeBytes",
  versions.content_type AS "contentType", versions.checksum, versions.modified_by AS "modifiedBy",
  versions.created_at AS "createdAt", extract(epoch FROM versions.created_at)::text AS timestamp,
  versions.metadata, versions.domains, versions.available, versions.is_snapshot AS "isSnapshot"`

/**
 * Makes writers of one name wait for each other until commit, also when there is nothing of that name yet.
 * All names of a transaction are locked in one call, in one order.
 */
export function lockNames(tx: Tx, places: readonly Place[]) {
  const paths = places.map(({ account, container, name }) => `${account}/${container}/${name}`)
  return tx.run(sql`
    SELECT pg_advisory_xact_lock(key) FROM (
      SELECT DISTINCT hashtextextended(path, 0) AS key FROM unnest((SELECT ${paths}::text[])) AS path ORDER BY 1
    ) keys`)
}

export function findCurrent(q: Queryable, containerId: bigint, name: string) {
  return q.maybeOne<VersionRow>(sql`
    SELECT ${VERSION_COLUMNS} FROM object_store.versions
    WHERE container_id = ${containerId} AND name = ${name} AND state = 'current'`)
}

/** Marks of deletion are no versions to a reader. */
export function findVersion(q: Queryable, containerId: bigint, name: string, id: bigint) {
  return q.maybeOne<VersionRow>(sql`
    SELECT ${VERSION_COLUMNS} FROM object_store.versions
    WHERE id = ${id} AND container_id = ${containerId} AND name = ${name} AND state <> 'deleted'`)
}

/** Undefined when somebody looked for the data of the version within this time. */
export function claimMapCheck(q: Queryable, id: bigint, seconds: number) {
  return q.maybeOne<{ id: bigint }>(sql`
    UPDATE object_store.versions SET map_checked_at = clock_timestamp()
    WHERE id = ${id} AND available = 0
      AND (map_checked_at IS NULL OR map_checked_at < clock_timestamp() - make_interval(secs => ${seconds})) RETURNING id`)
}

/** Listings show it, so it counts as a change of the container. */
export function markAvailable(q: Queryable, id: bigint) {
  return q.run(sql`
    WITH marked AS (
      UPDATE object_store.versions SET available = 1 WHERE id = ${id} AND available = 0 RETURNING container_id
    )
    INSERT INTO object_store.container_changes (container_id, objects, bytes, history_versions, history_bytes)
    SELECT container_id, 0, 0, 0, 0 FROM marked`)
}

/** When the path last changed, its deletion included. */
export function lastChange(q: Queryable, containerId: bigint, name: string) {
  return q.maybeOne<{ createdAt: Date }>(sql`
    SELECT created_at AS "createdAt" FROM object_store.versions WHERE ${ofPath(sql`${containerId}`, sql`${name}`)}
    ${LATEST_FIRST} LIMIT 1`)
}

export function listVersions(q: Queryable, containerId: bigint, name: string) {
  return q.any<{ id: bigint; timestamp: string }>(sql`
    SELECT id, extract(epoch FROM created_at)::text AS timestamp FROM object_store.versions
    WHERE container_id = ${containerId} AND name = ${name} AND state <> 'deleted' ORDER BY id`)
}

export interface CurrentObject extends VersionRow {
  account: string
  container: string
}

const WITH_PLACE = sql`
  SELECT ${VERSION_COLUMNS}, containers.account, containers.name AS container
  FROM object_store.versions JOIN object_store.containers ON containers.id = versions.container_id`

export function findCurrentByUuid(q: Queryable, uuid: string) {
  return q.maybeOne<CurrentObject>(sql`
    ${WITH_PLACE} WHERE versions.uuid = ${uuid} AND versions.state = 'current' ORDER BY versions.id DESC LIMIT 1`)
}

export interface DomainListing {
  domain: string
  /** A user's: owned or readable; `*`: readable by everybody; undefined: all. */
  visibleTo: string | undefined
}

export function listCurrentOfDomain(q: Queryable, { domain, visibleTo }: DomainListing) {
  const visible: Sql =
    visibleTo === undefined
      ? sql``
      : sql`
    AND (containers.account = ${visibleTo}
      OR ${rightTo(subjectsOf(visibleTo), sql`versions.container_id`, sql`versions.name`)} IS NOT NULL)`
  return q.any<CurrentObject>(sql`
    ${WITH_PLACE} WHERE versions.state = 'current' AND versions.domains ? ${domain} ${visible} ORDER BY versions.id`)
}

/**
 * When the next version of a path is made: now, but never before the one that it follows, whatever the clock does. The
 * state at a moment is looked up by these times.
 */
export function nextTime(containerId: Sql, name: Sql): Sql {
  return sql`
    greatest(clock_timestamp(), (
      SELECT versions.created_at FROM object_store.versions WHERE ${ofPath(containerId, name)} ${LATEST_FIRST} LIMIT 1))`
}

/**
 * The versions of a path, and their order: an equality that only the index of paths can serve together with it. Of a
 * young table the planner believes that going through all versions from the newest one back costs as little.
 */
export function ofPath(containerId: Sql, name: Sql): Sql {
  const path = sql`(${containerId}::bigint, ${name}::text)`
  return sql`(versions.container_id, versions.name) >= ${path} AND (versions.container_id, versions.name) <= ${path}`
}

export const LATEST_FIRST = sql`ORDER BY versions.container_id DESC, versions.name DESC, versions.id DESC`

export interface NewVersion {
  containerId: bigint
  name: string
  state: 'current' | 'deleted'
  /** None: the object is new and gets one. */
  uuid: string | undefined
  mapId: bigint | null
  hash: string | null
  sizeBytes: bigint
  contentType: string
  checksum: string
  modifiedBy: string
  metadata: Metadata
  domains: Domains | null
  available?: number
  isSnapshot?: boolean
}

interface Held {
  sizeBytes: bigint
  metadata: Metadata
}

/** What replacing one version by another changes about its container. */
export function changeOf(previous: Held | undefined, keepHistory: boolean, next: Held | undefined) {
  const kept = keepHistory && previous !== undefined
  return {
    objects: Number(next !== undefined) - Number(previous !== undefined),
    bytes: (next?.sizeBytes ?? 0n) - (previous?.sizeBytes ?? 0n),
    historyVersions: kept ? 1 : 0,
    historyBytes: kept ? previous.sizeBytes : 0n,
    keys: keyChanges(previous?.metadata ?? {}, next?.metadata ?? {}),
  }
}

function keyChanges(before: Metadata, after: Metadata): Record<string, number> | null {
  const changes: Record<string, number> = {}
  for (const key of Object.keys(after)) if (!(key in before)) changes[key] = 1
  for (const key of Object.keys(before)) if (!(key in after)) changes[key] = -1
  return Object.keys(changes).length > 0 ? changes : null
}
