import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { insertType, liveTypes, typeById, type VolumeTypeRow } from './store/types.ts'

/** Those that are offered, in order of id. */
export const volumeTypes = (db: Queryable): Promise<VolumeTypeRow[]> => liveTypes(db)

/** Also one that is no longer offered. */
export async function showVolumeType(db: Queryable, id: bigint): Promise<VolumeTypeRow> {
  const type = await typeById(db, id)
  if (!type) throw new Fault('itemNotFound', `Volume type ${id} does not exist.`)
  return type
}

/** Finds the type of this name, or makes it. Clients look for the name that is the same as the disk template. */
export async function ensureVolumeType(tx: Tx, type: { name: string; diskTemplate: string }): Promise<VolumeTypeRow> {
  const known = (await liveTypes(tx)).find(({ name }) => name === type.name)
  return known ?? insertType(tx, type)
}
