// The volumes that live and die with a server. Every function takes the transaction of the change to the server.
import type { DiskSpec } from '@synnefo/engine-hypervisor'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { holdMap, type ObjectStore, openMap, releaseMap } from '@synnefo/object-store'
import {
  insertServerVolume,
  lockVolumesOnServer,
  markDeletedOnServer,
  setStatusOnServer,
  type VolumeRow,
  volumesOnServers,
} from './store/volumes.ts'

const GIB = 1024n ** 3n

export interface ServerVolume {
  id: bigint
  serverId: bigint
  index: number
  status: VolumeRow['status']
  sizeBytes: bigint
}

export const sizeBytesOf = ({ sizeGib }: Pick<VolumeRow, 'sizeGib'>): bigint => BigInt(sizeGib) * GIB

/** Under this name a volume keeps the blocks below it from being collected. */
const holder = (id: bigint) => `volume:${id}`

export interface NewServerVolumes {
  serverId: bigint
  userId: string
  project: string
  sizeGib: number
  volumeTypeId: bigint
  image: { id: string; version: bigint; mapId: bigint | null }
}

/** Records the system volume of a new server, a copy of the image that shares its blocks. Quota is the server's affair. */
export async function createServerVolumes(
  tx: Tx,
  { serverId, userId, project, sizeGib, volumeTypeId, image }: NewServerVolumes,
): Promise<ServerVolume[]> {
  const volume = await insertServerVolume(tx, {
    name: `Boot volume of server ${serverId}`,
    userId,
    project,
    sizeGib,
    typeId: volumeTypeId,
    source: `image:${image.id}`,
    sourceVersion: image.version,
    mapId: image.mapId,
    serverId,
    index: 0,
  })
  if (image.mapId !== null) await holdMap(tx, image.mapId, holder(volume.id))
  return [toServerVolume(volume)]
}

/** In order of server and index. */
export async function volumesOfServers(db: Queryable, serverIds: readonly bigint[]): Promise<ServerVolume[]> {
  return (await volumesOnServers(db, serverIds)).map(toServerVolume)
}

/** The server was made, or could not be. */
export const settleServerVolumes = (tx: Tx, serverId: bigint, status: 'IN_USE' | 'ERROR'): Promise<void> =>
  setStatusOnServer(tx, serverId, status)

/** The server is gone with its disks. */
export async function deleteServerVolumes(tx: Tx, serverId: bigint): Promise<void> {
  for (const { id, mapId } of await lockVolumesOnServer(tx, serverId)) {
    if (mapId !== null) await releaseMap(tx, mapId, holder(id))
  }
  await markDeletedOnServer(tx, serverId)
}

/** What a backend is told to make: names with the cloud's prefix, and the blocks each disk starts as. */
export async function diskSpecsOfServer(objectStore: ObjectStore, serverId: bigint, prefix: string): Promise<DiskSpec[]> {
  const specs: DiskSpec[] = []
  for (const volume of await volumesOnServers(objectStore.db, [serverId])) {
    const source = volume.mapId === null ? undefined : await openMap(objectStore, volume.mapId)
    if (volume.mapId !== null && !source) throw new Error(`map ${volume.mapId} of volume ${volume.id} is not there`)
    specs.push({
      name: `${prefix}vol-${volume.id}`,
      sizeBytes: Number(sizeBytesOf(volume)),
      ...(source ? { source: { ...source, sizeBytes: Number(source.sizeBytes) } } : {}),
    })
  }
  return specs
}

function toServerVolume(volume: VolumeRow): ServerVolume {
  return {
    id: volume.id,
    serverId: volume.serverId!,
    index: volume.index!,
    status: volume.status,
    sizeBytes: sizeBytesOf(volume),
  }
}
