import { type Queryable, sql } from '@synnefo/lib/sql'
import { afterPrefix } from '../names.ts'
import type { Metadata } from './containers.ts'
import { rightTo } from './rights.ts'
import { subjectsOf } from './subjects.ts'

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
  const { containerId, prefix, marker, readableBy, beginnings, until, limit } = query
  const after = afterPrefix(prefix)
  const within = sql`container_id = ${containerId} AND name >= ${prefix} AND name > ${marker}
    ${after === undefined ? sql`` : sql`AND name < ${after}`}`
  const readable =
    readableBy === undefined
      ? sql``
      : sql`AND ${rightTo(subjectsOf(readableBy), sql`versions.container_id`, sql`versions.name`)} IS NOT NULL`
  const begins =
    beginnings === undefined
      ? sql``
      : sql`AND EXISTS (SELECT FROM unnest(${beginnings as string[]}::text[]) AS beginning WHERE starts_with(versions.name, beginning))`
  const moment =
    until === undefined
      ? sql`state = 'current'`
      : sql`state <> 'deleted' AND id IN (
          SELECT DISTINCT ON (name) CASE WHEN state = 'deleted' THEN NULL ELSE id END FROM object_store.versions
          WHERE ${within} AND created_at < to_timestamp(${until}) ORDER BY name, id DESC)`
  return q.any<PackedRow>(sql`
    SELECT name, map_id AS "mapId", size_bytes AS "sizeBytes", content_type AS "contentType", created_at AS "createdAt",
      metadata, available
    FROM object_store.versions WHERE ${within} AND ${moment} ${readable} ${begins} ORDER BY name LIMIT ${limit}`)
}
