// Reading single objects: what is asked at the same time is one question, most of whose cost is the asking.
import { type Queryable, sql } from '@synnefo/lib/sql'
import { VERSION_COLUMNS, type VersionRow } from './versions.ts'

export interface LookUp {
  account: string
  container: string
  name: string
  /** With the content, where that lies in the row of its map. */
  data: boolean
}

/** The container, null when there is none, and its current object of that name, whose `id` is null when there is none. */
export interface LookedUp extends Omit<VersionRow, 'id' | 'containerId'> {
  /** In the list of what was asked, from 1. */
  place: bigint
  foundContainer: bigint | null
  shares: boolean | null
  publishes: boolean | null
  id: bigint | null
  containerId: bigint | null
  blockSizeBytes: number | null
  hashes: Buffer | null
  content: Buffer | null
}

// LIMIT makes the planner look each up by its index, whatever it believes of a table that is still small.

export function lookUp(q: Queryable, asked: readonly LookUp[]) {
  return q.any<LookedUp>(sql`
    SELECT a.place, c.id AS "foundContainer", c.shares, c.publishes, v.*, m.*
    FROM unnest(
      (SELECT ${asked.map(({ account }) => account)}::text[]), (SELECT ${asked.map(({ container }) => container)}::text[]),
      (SELECT ${asked.map(({ name }) => name)}::text[]), (SELECT ${asked.map(({ data }) => data)}::boolean[])
    ) WITH ORDINALITY AS a(account, container, name, data, place)
    LEFT JOIN LATERAL (
      SELECT id, EXISTS (SELECT FROM object_store.permissions WHERE container_id = containers.id) AS shares,
        EXISTS (SELECT FROM object_store.public_links WHERE container_id = containers.id) AS publishes
      FROM object_store.containers WHERE containers.account = a.account AND containers.name = a.container LIMIT 1
    ) AS c ON true
    LEFT JOIN LATERAL (
      SELECT ${VERSION_COLUMNS} FROM object_store.versions
      WHERE versions.container_id = c.id AND versions.name = a.name AND versions.state = 'current' LIMIT 1
    ) AS v ON true
    LEFT JOIN LATERAL (
      SELECT block_size_bytes AS "blockSizeBytes", hashes, content FROM object_store.maps
      WHERE a.data AND maps.id = v."mapId" AND content IS NOT NULL LIMIT 1
    ) AS m ON true`)
}
