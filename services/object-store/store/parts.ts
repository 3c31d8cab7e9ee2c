import { type Queryable, sql } from '@synnefo/lib/sql'
import { afterPrefix } from '../names.ts'
import { rightTo } from './rights.ts'
import { subjectsOf } from './subjects.ts'

export interface PartRow {
  mapId: bigint | null
  sizeBytes: bigint
  /** Hex */
  hash: string | null
  checksum: string
  available: number
}

export interface PartsQuery {
  containerId: bigint
  prefix: string
  /** Only what this person may read; undefined: all. */
  readableBy: string | undefined
  /** Only names that begin with one of these; undefined: all. */
  beginnings: readonly string[] | undefined
  limit: number
}

/** Current objects whose names begin with the prefix, in order of name. */
export function listParts(q: Queryable, { containerId, prefix, readableBy, beginnings, limit }: PartsQuery) {
  const after = afterPrefix(prefix)
  const readable =
    readableBy === undefined
      ? sql``
      : sql`AND ${rightTo(subjectsOf(readableBy), sql`versions.container_id`, sql`versions.name`)} IS NOT NULL`
  const begins =
    beginnings === undefined
      ? sql``
      : sql`AND EXISTS (SELECT FROM unnest(${beginnings as string[]}::text[]) AS beginning WHERE starts_with(versions.name, beginning))`
  return q.any<PartRow>(sql`
    SELECT map_id AS "mapId", size_bytes AS "sizeBytes", encode(hash, 'hex') AS hash, checksum, available
    FROM object_store.versions
    WHERE container_id = ${containerId} AND state = 'current' AND name >= ${prefix}
      ${after === undefined ? sql`` : sql`AND name < ${after}`} ${readable} ${begins}
    ORDER BY name LIMIT ${limit}`)
}
