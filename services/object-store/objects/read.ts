import { Fault } from '@synnefo/lib/fault'
import { type Access, containerFor, noObject } from '../access.ts'
import { checkPlace, type Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { findLinkOf, type LinkFacts } from '../store/links.ts'
import { findMap, type MapRow } from '../store/maps.ts'
import { findVersion, lastChange, listVersions, type VersionRow } from '../store/versions.ts'
import { etagOf } from './etag.ts'
import type { Manifest } from './manifest.ts'
import { probed } from './probe.ts'

export interface FoundObject {
  version: VersionRow
  access: Access
  /** When the object last changed, whichever version was asked for. */
  changedAt: Date
  /** Where its bytes are, when that was looked up together with it. */
  map?: MapRow | undefined
  /** When its data is that of others. */
  manifest?: Manifest
  /** Its public link, for its owner. */
  link?: LinkFacts | undefined
}

/** The entity tag of what is read. */
export function tagOfFound(store: ObjectStore, { version, manifest }: FoundObject): string {
  return manifest?.etag ?? etagOf(store, version)
}

/** An object, or one of its versions, for somebody who may read it. */
export async function findObject(
  store: ObjectStore,
  userId: string,
  place: Place,
  versionId?: bigint,
  { data = false }: { data?: boolean } = {},
): Promise<FoundObject> {
  checkPlace(place)
  if (versionId === undefined) {
    const { publishes, ...seen } = await store.look({ userId, place, data })
    const { access } = seen
    const version = await probed(store, seen.version)
    const link = access.owner && publishes ? await findLinkOf(store.db, version.containerId, place.name) : undefined
    return { ...seen, version, changedAt: version.createdAt, link }
  }
  const { container, access } = await containerFor(store.db, userId, place, 'read')
  const version = await findVersion(store.db, container.id, place.name, versionId)
  if (!version) throw new Fault('itemNotFound', `Object ${JSON.stringify(place.name)} has no such version.`)
  const last = await lastChange(store.db, container.id, place.name)
  return { version: await probed(store, version), access, changedAt: last?.createdAt ?? version.createdAt }
}

/** All versions of a path, oldest first; also of one that was deleted. */
export async function versionsOf(store: ObjectStore, userId: string, place: Place) {
  checkPlace(place)
  const { container } = await containerFor(store.db, userId, place, 'read')
  const versions = await listVersions(store.db, container.id, place.name)
  if (versions.length === 0) throw noObject(place.name)
  return versions
}

/** Where the bytes of a version are; undefined for an empty one. */
export async function mapOf(store: ObjectStore, version: VersionRow): Promise<MapRow | undefined> {
  checkAvailable(version)
  return version.mapId === null ? undefined : findMap(store, version.mapId)
}

export function checkAvailable({ available }: { available: number }): void {
  if (available === 0) throw new Fault('forbidden', 'The data of this snapshot is not there yet.')
  if (available < 0) throw new Fault('badRequest', 'The data of this snapshot is broken.')
}
