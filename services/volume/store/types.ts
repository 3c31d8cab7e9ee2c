import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface VolumeTypeRow {
  id: bigint
  name: string
  /** `<family>` or `<family>_<provider>`, such as ext_archipelago. */
  diskTemplate: string
  deleted: boolean
}

const TYPE = sql`id, name, disk_template AS "diskTemplate", deleted`

export function liveTypes(db: Queryable): Promise<VolumeTypeRow[]> {
  return db.any<VolumeTypeRow>(sql`SELECT ${TYPE} FROM volume.types WHERE NOT deleted ORDER BY id`)
}

export function typeById(db: Queryable, id: bigint): Promise<VolumeTypeRow | undefined> {
  return db.maybeOne<VolumeTypeRow>(sql`SELECT ${TYPE} FROM volume.types WHERE id = ${id}`)
}

export function insertType(tx: Tx, { name, diskTemplate }: Pick<VolumeTypeRow, 'name' | 'diskTemplate'>): Promise<VolumeTypeRow> {
  return tx.one<VolumeTypeRow>(
    sql`INSERT INTO volume.types (name, disk_template) VALUES (${name}, ${diskTemplate}) RETURNING ${TYPE}`,
  )
}
