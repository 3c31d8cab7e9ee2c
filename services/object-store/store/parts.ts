import { type Queryable, sql } from '@synnefo/lib/sql'
import { namesBeginning, namesUnder } from './names-in.ts'
import { readableBy } from './rights.ts'

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
export function listParts(q: Queryable, { containerId, prefix, readableBy: reader, beginnings, limit }: PartsQuery) {
  const name = sql`versions.name`
  return q.any<PartRow>(sql`
    SELECT map_id AS "mapId", size_bytes AS "sizeBytes", encode(hash, 'hex') AS hash, checksum, available
    FROM object_store.versions
    WHERE container_id = ${containerId} AND state = 'current' AND ${namesUnder(prefix)(name)}
      AND ${namesBeginning(beginnings)(name)} AND ${readableBy(reader, sql`versions.container_id`, name)}
    ORDER BY name LIMIT ${limit}`)
}
