import { type Queryable, sql } from '@synnefo/lib/sql'
import type { Metadata } from './containers.ts'
import { namesBeginning, namesUnder } from './names-in.ts'
import { readableBy } from './rights.ts'

export interface PackedRow {
  name: string
  mapId: bigint | null
  sizeBytes: bigint
  contentType: string
  createdAt: Date
  metadata: Metadata
  available: number
}

export interface PackedQuery {
  containerId: bigint
  prefix: string
  /** Only names after this. */
  marker: string
  /** Only what this person may read; undefined: all. */
  readableBy: string | undefined
  /** Only names that begin with one of these; undefined: all. */
  beginnings: readonly string[] | undefined
  /** As it was then, in seconds since 1970. */
  until: number | undefined
  limit: number
}

/** Objects whose names begin with the prefix, in order of name. */
export function listPacked(q: Queryable, query: PackedQuery) {
  const { containerId, prefix, marker, readableBy: reader, beginnings, until, limit } = query
  const name = sql`versions.name`
  const within = sql`container_id = ${containerId} AND ${namesUnder(prefix)(name)} AND name > ${marker}`
  const moment =
    until === undefined
      ? sql`state = 'current'`
      : sql`state <> 'deleted' AND id IN (
          SELECT DISTINCT ON (name) CASE WHEN state = 'deleted' THEN NULL ELSE id END FROM object_store.versions
          WHERE ${within} AND created_at < to_timestamp(${until}) ORDER BY name, id DESC)`
  return q.any<PackedRow>(sql`
    SELECT name, map_id AS "mapId", size_bytes AS "sizeBytes", content_type AS "contentType", created_at AS "createdAt",
      metadata, available
    FROM object_store.versions
    WHERE ${within} AND ${moment} AND ${namesBeginning(beginnings)(name)} AND ${readableBy(reader, sql`versions.container_id`, name)}
    ORDER BY name LIMIT ${limit}`)
}
