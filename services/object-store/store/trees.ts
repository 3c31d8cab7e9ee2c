// What copying and moving a folder makes of it, as changes of many paths. The root is the object that the request names:
// it may have another version, type and metadata than it has now; everything below stays as it is.
import { type Queryable, type Sql, sql } from '@synnefo/lib/sql'
import type { Metadata } from './containers.ts'
import type { NamesIn } from './names-in.ts'
import { readableBy, rightTo } from './rights.ts'
import { subjectsOf } from './subjects.ts'

export interface Tree {
  /** Of the source. */
  containerId: bigint
  root: { name: string; versionId: bigint; uuid: string }
  /** Names that belong to it, the root's may be among them. */
  names: NamesIn
  /** Only what this person may read is part of it; undefined: the owner asks. */
  readableBy: string | undefined
  destination: {
    containerId: bigint
    name: string
    /** Of the root; undefined: the source's. */
    contentType: string | undefined
    metadata: Metadata
  }
  /** Moved objects stay the same objects. Copies are new ones, except onto themselves. */
  way: 'copy' | 'move'
}

/** Rows of (id, name, uuid, destination): the current objects of the tree and where each goes. */
function objectsOf({ containerId, root, names, destination, readableBy: reader }: Tree): Sql {
  return sql`
    SELECT v.id, v.name, v.uuid, (${destination.name}::text || substr(v.name, ${[...root.name].length + 1}::int)) COLLATE "C" AS destination
    FROM object_store.versions v
    WHERE v.container_id = ${containerId} AND v.state = 'current' AND v.name <> ${root.name} AND ${names(sql`v.name`)}
      AND ${readableBy(reader, sql`v.container_id`, sql`v.name`)}
    UNION ALL SELECT ${root.versionId}::bigint, ${root.name}::text, ${root.uuid}::uuid, ${destination.name}::text`
}

/** The longest name that would come of it, in characters, and whether this person may not write one; undefined: he may. */
export function lookAtDestinations(q: Queryable, tree: Tree, writer: string | undefined) {
  const { containerId } = tree.destination
  const forbidden =
    writer === undefined
      ? sql`false`
      : sql`coalesce(bool_or(${rightTo(subjectsOf(writer), sql`${containerId}::bigint`, sql`tree.destination`)} IS DISTINCT FROM 'write'), false)`
  return q.one<{ longest: number; forbidden: boolean }>(sql`
    SELECT max(char_length(destination))::int AS longest, ${forbidden} AS forbidden FROM (${objectsOf(tree)}) tree`)
}

const inOneContainer = ({ containerId, destination }: Tree) => containerId === destination.containerId

/** Changes of the destination's container, with what goes from there when the source lies in it. */
export function arrivals(tree: Tree): Sql {
  const { way, root, destination } = tree
  const isRoot = sql`name = ${root.name}`
  const leaves = way === 'move' && inOneContainer(tree)
  const gone = sql`
    UNION ALL SELECT name, NULL, uuid, NULL, NULL FROM tree
    WHERE NOT EXISTS (SELECT FROM tree arriving WHERE arriving.destination = tree.name)`
  return sql`
    WITH tree AS MATERIALIZED (${objectsOf(tree)})
    SELECT destination AS name, id AS from_id,
      CASE WHEN ${way === 'move'}::boolean OR (${inOneContainer(tree)}::boolean AND name = destination) THEN uuid END AS uuid,
      CASE WHEN ${isRoot} THEN ${destination.contentType ?? null}::text END AS content_type,
      CASE WHEN ${isRoot} THEN ${destination.metadata}::jsonb END AS metadata
    FROM tree ${leaves ? gone : sql``}`
}

/** Changes of the source's container when everything goes from there to another. */
export function departures(tree: Tree): Sql {
  return sql`
    SELECT name, NULL::bigint AS from_id, uuid, NULL::text AS content_type, NULL::jsonb AS metadata
    FROM (${objectsOf(tree)}) tree`
}
