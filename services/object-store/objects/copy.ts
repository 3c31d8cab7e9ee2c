import { noContainer, noObject, notAllowed } from '../access.ts'
import { changedMetadata } from '../metadata.ts'
import { checkPlace, type Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import type { Metadata } from '../store/containers.ts'
import { type Attachments, attachTo, checkAllowed } from './attach.ts'
import { domainsWithLeave, MANIFEST, type ReachesManifest } from './manifest-leave.ts'
import { refuseSnapshotData, tombstone } from './put-version.ts'
import { checkAvailable } from './read.ts'
import type { Precondition } from './write.ts'

/** What is attached to the destination only its owner may say. */
export interface CopyRequest extends Attachments {
  source: Place
  /** Undefined: the current one. */
  sourceVersion?: bigint | undefined
  destination: Place
  /** Of the copy; undefined: the source's. */
  contentType: string | undefined
  /** Merged into the source's metadata. */
  metadata: Metadata
  /** About the source. */
  precondition: Precondition
  reachesManifest?: ReachesManifest
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
  const { source, sourceVersion, destination } = request
  checkPlace(source)
  checkPlace(destination)
  if (way === 'move' && source.account !== userId) throw notAllowed()
  return store.change({
    userId,
    places: [source, destination],
    versionId: sourceVersion,
    charges: true,
    publishes: request.publication !== undefined,
    decide(ground) {
      const { container: from } = ground.enter(source, 'read')
      if (!ground.container(destination)) throw noContainer(destination.container)
      const found = sourceVersion === undefined ? ground.current(source) : ground.version(source, sourceVersion)
      if (!found) throw noObject(source.name)
      request.precondition(found)
      if (way === 'copy') checkAvailable(found)
      const { container: to, access } = ground.enter(destination, 'write')
      checkAllowed(access, ground.hasLink(destination), request)
      const onItself = from.id === to.id && source.name === destination.name
      const replaced = ground.current(destination)
      if (!onItself) refuseSnapshotData(replaced)
      const metadata = changedMetadata(found.metadata, { items: request.metadata, merge: true })
      const domains = domainsWithLeave({
        account: destination.account,
        owner: access.owner,
        reaches: request.reachesManifest,
        metadata,
        stated: request.metadata[MANIFEST] !== undefined,
        source: found,
        before: replaced,
      })
      const next = {
        ...found,
        state: 'current' as const,
        uuid: way === 'move' ? found.uuid : onItself ? (replaced?.uuid ?? found.uuid) : undefined,
        contentType: request.contentType || found.contentType,
        modifiedBy: userId,
        metadata,
        domains,
      }
      const gone = way === 'move' && !onItself ? [{ container: from, name: source.name, next: tombstone(userId, found) }] : []
      const made = ground.change(userId, [...gone, { container: to, name: destination.name, next }])
      attachTo(ground, store, userId, { container: to, name: destination.name, owner: access.owner }, request)
      return () => made.at(-1)!.id
    },
  })
}
