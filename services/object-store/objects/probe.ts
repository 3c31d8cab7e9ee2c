// An object whose map another component fills in becomes readable when a reader finds that its data is there. Snapshots do
// not: the volume service says when they are complete.
import { unpackHashes } from '../content/content.ts'
import type { ObjectStore } from '../open.ts'
import { findMap } from '../store/maps.ts'
import { claimMapCheck, markAvailable, type VersionRow } from '../store/versions.ts'

/** The version as it is after looking for its data, which is done once in `PITHOS_BACKEND_MAP_CHECK_INTERVAL` seconds. */
export async function probed(store: ObjectStore, version: VersionRow): Promise<VersionRow> {
  if (version.available !== 0 || version.isSnapshot) return version
  const claimed = await claimMapCheck(store.db, version.id, store.settings.PITHOS_BACKEND_MAP_CHECK_INTERVAL)
  if (!claimed || !(await dataIsThere(store, version))) return version
  await markAvailable(store.db, version.id)
  return { ...version, available: 1 }
}

async function dataIsThere(store: ObjectStore, { mapId, sizeBytes }: VersionRow): Promise<boolean> {
  if (mapId === null) return sizeBytes === 0n
  const map = await findMap(store, mapId)
  if (!map || map.content) return map !== undefined
  const hashes = new Set(unpackHashes(map.hashes))
  return (await store.blocks.present([...hashes])).size === hashes.size
}
