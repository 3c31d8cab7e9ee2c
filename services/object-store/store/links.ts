import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'
import { numbers, type Path } from './ground.ts'

/** What belongs to a download that counted may still be asked for this long after it began. */
export const DOWNLOAD_SECONDS = 3600

const begunLately = sql`(counted_at IS NOT NULL AND counted_at > now() - make_interval(secs => ${DOWNLOAD_SECONDS}))`

/** It has not ended, and there is a download left, or one under way. */
const LIVES = sql`
  ((expires_at IS NULL OR expires_at > now()) AND (downloads_left IS NULL OR downloads_left > 0 OR ${begunLately}))`

/** A link as its owner sees it. */
export interface LinkFacts {
  id: string
  expiresAt: Date | null
  hasPassword: boolean
  downloadsLeft: bigint | null
}

export function findLinkOf(q: Queryable, containerId: bigint, name: string) {
  return q.maybeOne<LinkFacts>(sql`
    SELECT id, expires_at AS "expiresAt", password_hash IS NOT NULL AS "hasPassword", downloads_left AS "downloadsLeft"
    FROM object_store.public_links WHERE container_id = ${containerId} AND name = ${name} AND ${LIVES}`)
}

/** Those of these paths that have a link. */
export function linkedPaths(q: Queryable, paths: readonly Path[]) {
  return q.any<Path>(sql`
    SELECT container_id AS "containerId", name FROM object_store.public_links
    WHERE (container_id, name) IN (
      SELECT * FROM unnest(${numbers(paths.map(({ containerId }) => containerId))}::bigint[], ${paths.map(({ name }) => name)}::text[]))
      AND ${LIVES}`)
}

/** Names of one container that have a link, from the first up to, not including, the second. */
export async function linkedNames(q: Queryable, containerId: bigint, from: string, till: string): Promise<string[]> {
  const rows = await q.any<{ name: string }>(sql`
    SELECT name FROM object_store.public_links
    WHERE container_id = ${containerId} AND name >= ${from} AND name < ${till} AND ${LIVES}`)
  return rows.map(({ name }) => name)
}

/** The id of the link of a path, for queries over many; `containerId` and `name` are columns of the query around it. */
export function linkIdOf(containerId: Sql, name: Sql): Sql {
  return sql`(
    SELECT public_links.id FROM object_store.public_links
    WHERE public_links.container_id = ${containerId} AND public_links.name = ${name} AND ${LIVES})`
}

/** Whether something in the container of the query around it has a link. */
export function publishes(containerId: Sql): Sql {
  return sql`EXISTS (SELECT FROM object_store.public_links WHERE public_links.container_id = ${containerId} AND ${LIVES})`
}

export interface LinkRow {
  id: string
  account: string
  container: string
  name: string
  passwordHash: string | null
  /** It is a manifest that somebody else wrote, who could name what is not the owner's wish to publish. */
  foreignManifest: boolean
}

/** The link of this address, as long as it lives and leads somewhere. */
export function findLink(q: Queryable, id: string) {
  return q.maybeOne<LinkRow>(sql`
    SELECT l.id, c.account, c.name AS container, l.name, l.password_hash AS "passwordHash",
      v.metadata ? 'X-Object-Manifest' AND v.modified_by <> c.account AS "foreignManifest"
    FROM object_store.public_links l
    JOIN object_store.containers c ON c.id = l.container_id
    JOIN object_store.versions v ON v.container_id = l.container_id AND v.name = l.name AND v.state = 'current'
    WHERE l.id = ${id} AND ${LIVES}`)
}

/** What a request says about the limits of a link: null takes one away, undefined leaves it as it is. */
export interface LinkLimits {
  expiresAt?: Date | null | undefined
  passwordHash?: string | null | undefined
  downloads?: bigint | null | undefined
}

/** Undefined when the id is taken. The path has no link. */
export function insertLink(tx: Tx, containerId: bigint, name: string, id: string, limits: LinkLimits) {
  const { expiresAt = null, passwordHash = null, downloads = null } = limits
  return tx.maybeOne<{ id: string }>(sql`
    INSERT INTO object_store.public_links (id, container_id, name, expires_at, password_hash, downloads_left)
    VALUES (${id}, ${containerId}, ${name}, ${expiresAt}, ${passwordHash}, ${downloads})
    ON CONFLICT (id) DO NOTHING RETURNING id`)
}

/** Changes the limits of the link of a path. Answers whether there is one. */
export async function limitLink(tx: Tx, containerId: bigint, name: string, limits: LinkLimits): Promise<boolean> {
  const { expiresAt, passwordHash, downloads } = limits
  const kept = (column: Sql, value: unknown) => (value === undefined ? column : sql`${value as string | null}`)
  const changed = await tx.maybeOne(sql`
    UPDATE object_store.public_links
    SET expires_at = ${kept(sql`expires_at`, expiresAt)}, password_hash = ${kept(sql`password_hash`, passwordHash)},
      downloads_left = ${kept(sql`downloads_left`, downloads)}
    WHERE container_id = ${containerId} AND name = ${name} AND ${LIVES} RETURNING id`)
  return changed !== undefined
}

export function deleteLink(tx: Tx, containerId: bigint, name: string) {
  return tx.run(sql`DELETE FROM object_store.public_links WHERE container_id = ${containerId} AND name = ${name}`)
}

/**
 * Takes one of the downloads that are left. What does not ask for the first byte goes on with a download that began
 * lately, if there is one, and takes none. Answers whether the download may go on.
 */
export async function takeDownload(q: Queryable, id: string, fromFirstByte: boolean): Promise<boolean> {
  const goesOn = sql`(NOT ${fromFirstByte}::boolean AND ${begunLately})`
  const taken = await q.maybeOne(sql`
    UPDATE object_store.public_links
    SET downloads_left = CASE WHEN ${goesOn} THEN downloads_left ELSE downloads_left - 1 END,
      counted_at = CASE WHEN ${goesOn} THEN counted_at ELSE now() END
    WHERE id = ${id} AND downloads_left IS NOT NULL AND (downloads_left > 0 OR ${goesOn}) AND ${LIVES} RETURNING id`)
  if (taken) return true
  return (
    (await q.maybeOne(sql`SELECT FROM object_store.public_links WHERE id = ${id} AND downloads_left IS NULL AND ${LIVES}`)) !==
    undefined
  )
}

/** Removes links that have ended. */
export function forgetEndedLinks(q: Queryable) {
  return q.run(sql`
    DELETE FROM object_store.public_links WHERE (expires_at IS NOT NULL OR downloads_left IS NOT NULL) AND NOT ${LIVES}`)
}
