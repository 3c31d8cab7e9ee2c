import type { Tx } from '@synnefo/lib/sql'
import { containerFor, noContainer, noObject, notAllowed, type Sharing } from '../access.ts'
import { changedMetadata } from '../metadata.ts'
import { checkPlace, type Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { type ContainerRow, type Metadata, shareContainer } from '../store/containers.ts'
import { setPermissions } from '../store/permissions.ts'
import { findCurrent, findVersion, lockNames, type VersionRow } from '../store/versions.ts'
import { markDeleted } from './delete.ts'
import { noteSharing } from './events.ts'
import { putVersion, refuseSnapshotData } from './put-version.ts'
import { checkAvailable } from './read.ts'
import type { Precondition } from './write.ts'

export interface CopyRequest {
  source: Place
  /** Undefined: the current one. */
  sourceVersion?: bigint
  destination: Place
  /** Of the copy; undefined: the source's. */
  contentType: string | undefined
  /** Merged into the source's metadata. */
  metadata: Metadata
  sharing: Sharing | undefined
  /** About the source. */
  precondition: Precondition
}

/** Makes an object of the same content elsewhere. No byte moves. Answers the new version. */
export function copyObject(store: ObjectStore, userId: string, request: CopyRequest): Promise<bigint> {
  return transfer(store, userId, request, 'copy')
}

/** As copying, but it stays the same object, and the source is gone afterwards. */
export function moveObject(store: ObjectStore, userId: string, request: CopyRequest): Promise<bigint> {
  return transfer(store, userId, request, 'move')
}

async function transfer(store: ObjectStore, userId: string, request: CopyRequest, way: 'copy' | 'move'): Promise<bigint> {
  const { source, destination, sharing } = request
  checkPlace(source)
  checkPlace(destination)
  if (way === 'move' && source.account !== userId) throw notAllowed()
  return store.db.transaction(async (tx) => {
    const places = await bothContainers(tx, userId, source, destination)
    const { from, to } = places
    await lockNames(tx, [
      { containerId: from.id, name: source.name },
      { containerId: to.id, name: destination.name },
    ])
    const found = await sourceOf(tx, from, request)
    const sourceCurrent = await findCurrent(tx, from.id, source.name)
    request.precondition(found)
    if (way === 'copy') checkAvailable(found)
    if (sharing && !places.ownsDestination) throw notAllowed()
    const onItself = from.id === to.id && source.name === destination.name
    const replaced = onItself ? sourceCurrent : await findCurrent(tx, to.id, destination.name)
    if (!onItself) refuseSnapshotData(replaced)
    if (way === 'move' && !onItself) {
      await markDeleted(tx, store, userId, { place: source, container: from, current: found, moving: true })
    }
    const written = await putVersion(tx, store, {
      place: destination,
      container: to,
      current: replaced,
      moving: way === 'move',
      next: {
        ...found,
        state: 'current',
        uuid: way === 'move' || onItself ? found.uuid : undefined,
        contentType: request.contentType || found.contentType,
        modifiedBy: userId,
        metadata: changedMetadata(found.metadata, { items: request.metadata, merge: true }),
      },
    })
    if (sharing) {
      await setPermissions(tx, to.id, destination.name, sharing)
      await noteSharing(tx, store, userId, destination, sharing)
    }
    return written.id
  })
}

/** Both containers, kept from going, always in the same order; errors in the order that the protocol says. */
async function bothContainers(tx: Tx, userId: string, source: Place, destination: Place) {
  const key = ({ account, container }: Place) => `${account}/${container}`
  const locked = new Map<string, ContainerRow | undefined>()
  for (const place of [source, destination].sort((a, b) => (key(a) < key(b) ? -1 : 1))) {
    if (!locked.has(key(place))) locked.set(key(place), await shareContainer(tx, place.account, place.container))
  }
  const find = (account: string, container: string) => Promise.resolve(locked.get(`${account}/${container}`))
  const { container: from } = await containerFor(tx, userId, source, 'read', find)
  if (!locked.get(key(destination))) throw noContainer(destination.container)
  const { container: to, access } = await containerFor(tx, userId, destination, 'write', find)
  return { from, to, ownsDestination: access.owner }
}

async function sourceOf(tx: Tx, from: ContainerRow, { source, sourceVersion }: CopyRequest): Promise<VersionRow> {
  const found =
    sourceVersion === undefined
      ? await findCurrent(tx, from.id, source.name)
      : await findVersion(tx, from.id, source.name, sourceVersion)
  if (!found) throw noObject(source.name)
  return found
}
