import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export type VolumeStatus =
  | 'CREATING'
  | 'AVAILABLE'
  | 'ATTACHING'
  | 'DETACHING'
  | 'IN_USE'
  | 'DELETING'
  | 'DELETED'
  | 'ERROR'
  | 'ERROR_DELETING'
  | 'BACKING_UP'
  | 'RESTORING_BACKUP'
  | 'ERROR_RESTORING'

export interface VolumeRow {
  id: bigint
  name: string
  description: string
  userId: string
  project: string
  sharedToProject: boolean
  sizeGib: number
  typeId: bigint
  deleteOnTermination: boolean
  /** `image:<id>`, `snapshot:<id>` or `volume:<id>`. */
  source: string | null
  mapId: bigint | null
  status: VolumeStatus
  deleted: boolean
  serverId: bigint | null
  /** 0 is the system volume. */
  index: number | null
  createdAt: Date
  updatedAt: Date
}

const VOLUME = sql`v.id, v.name, v.description, v.user_id AS "userId", v.project, v.shared_to_project AS "sharedToProject",
  v.size_gib AS "sizeGib", v.type_id AS "typeId", v.delete_on_termination AS "deleteOnTermination", v.source, v.map_id AS "mapId",
  v.status, v.deleted, v.server_id AS "serverId", v.index, v.created_at AS "createdAt", v.updated_at AS "updatedAt"`

export interface Viewer {
  userId: string
  projects: readonly string[]
}

const VISIBLE = ({ userId, projects }: Viewer) =>
  sql`(v.user_id = ${userId} OR (v.shared_to_project AND v.project = ANY(${projects}::uuid[])))`

/** Live ones; with `changedSince` those that changed at or after that moment, deleted ones too. */
export function volumesVisibleTo(db: Queryable, viewer: Viewer, changedSince?: Date): Promise<VolumeRow[]> {
  return db.any<VolumeRow>(sql`
    SELECT ${VOLUME} FROM volume.volumes v
    WHERE ${VISIBLE(viewer)}
      AND CASE WHEN ${changedSince ?? null}::timestamptz IS NULL THEN NOT v.deleted ELSE v.updated_at >= ${changedSince ?? null} END
    ORDER BY v.id`)
}

export function volumeVisibleTo(db: Queryable, viewer: Viewer, id: bigint): Promise<VolumeRow | undefined> {
  return db.maybeOne<VolumeRow>(sql`SELECT ${VOLUME} FROM volume.volumes v WHERE v.id = ${id} AND ${VISIBLE(viewer)}`)
}

/** Live ones, in order of server and index. */
export function volumesOnServers(db: Queryable, serverIds: readonly bigint[]): Promise<VolumeRow[]> {
  return db.any<VolumeRow>(sql`
    SELECT ${VOLUME} FROM volume.volumes v WHERE v.server_id = ANY(${serverIds}::int8[]) AND NOT v.deleted ORDER BY v.server_id, v.index`)
}

/** Locks the rows until commit. Lock order: server, network, address pool, address, volume, holdings. */
export function lockVolumesOnServer(tx: Tx, serverId: bigint): Promise<VolumeRow[]> {
  return tx.any<VolumeRow>(sql`
    SELECT ${VOLUME} FROM volume.volumes v WHERE v.server_id = ${serverId} AND NOT v.deleted ORDER BY v.id FOR UPDATE`)
}

export interface NewVolumeRow {
  name: string
  userId: string
  project: string
  sizeGib: number
  typeId: bigint
  source: string | null
  sourceVersion: bigint | null
  mapId: bigint | null
  serverId: bigint
  index: number
}

export function insertServerVolume(tx: Tx, volume: NewVolumeRow): Promise<VolumeRow> {
  return tx.one<VolumeRow>(sql`
    INSERT INTO volume.volumes AS v (name, user_id, project, size_gib, type_id, source, source_version, map_id, status, server_id, index)
    VALUES (${volume.name}, ${volume.userId}, ${volume.project}, ${volume.sizeGib}, ${volume.typeId}, ${volume.source}, ${volume.sourceVersion},
      ${volume.mapId}, 'CREATING', ${volume.serverId}, ${volume.index})
    RETURNING ${VOLUME}`)
}

export async function setStatusOnServer(tx: Tx, serverId: bigint, status: VolumeStatus): Promise<void> {
  await tx.run(
    sql`UPDATE volume.volumes SET status = ${status}, updated_at = now() WHERE server_id = ${serverId} AND NOT deleted`,
  )
}

/** Deleted volumes belong to no server. */
export async function markDeletedOnServer(tx: Tx, serverId: bigint): Promise<void> {
  await tx.run(sql`
    UPDATE volume.volumes SET status = 'DELETED', deleted = true, server_id = NULL, index = NULL, map_id = NULL, updated_at = now()
    WHERE server_id = ${serverId} AND NOT deleted`)
}

export function metadataOfVolumes(
  db: Queryable,
  ids: readonly bigint[],
): Promise<{ volumeId: bigint; key: string; value: string }[]> {
  return db.any(
    sql`SELECT volume_id AS "volumeId", key, value FROM volume.metadata WHERE volume_id = ANY(${ids}::int8[]) ORDER BY volume_id, key`,
  )
}
