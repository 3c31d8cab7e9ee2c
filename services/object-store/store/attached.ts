// What is attached to a path and not to a version of what lies there: it goes when nothing is there any more.
import { sql, type Tx } from '@synnefo/lib/sql'
import { numbers, type Path } from './ground.ts'
import type { NamesIn } from './names-in.ts'

/** Drops all that is attached to the paths of objects that were deleted or moved away. */
export async function dropAttached(tx: Tx, paths: readonly Path[]): Promise<void> {
  const listed = sql`
    unnest((SELECT ${numbers(paths.map(({ containerId }) => containerId))}::bigint[]), (SELECT ${paths.map(({ name }) => name)}::text[]))
      AS path(container_id, name)`
  await tx.run(sql`
    WITH unpublished AS (
      DELETE FROM object_store.public_links l USING ${listed} WHERE l.container_id = path.container_id AND l.name = path.name
    )
    DELETE FROM object_store.permissions p USING ${listed} WHERE p.container_id = path.container_id AND p.name = path.name`)
}

/** The same for all of these paths at which nothing is any more. */
export async function dropAttachedOfGone(tx: Tx, containerId: bigint, names: NamesIn): Promise<void> {
  const gone = sql`attached.container_id = ${containerId} AND ${names(sql`attached.name`)} AND NOT EXISTS (
    SELECT FROM object_store.versions v WHERE v.container_id = ${containerId} AND v.name = attached.name AND v.state = 'current')`
  await tx.run(sql`
    WITH links AS (DELETE FROM object_store.public_links attached WHERE ${gone})
    DELETE FROM object_store.permissions attached WHERE ${gone}`)
}
