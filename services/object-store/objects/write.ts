import { Fault } from '@synnefo/lib/fault'
import { accessTo, containerFor, noObject } from '../access.ts'
import type { NewContent } from '../content/content.ts'
import { contentIsGone, storeMap } from '../maps.ts'
import { changedMetadata, type MetadataChange } from '../metadata.ts'
import { checkPlace, type Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { charge } from '../quota.ts'
import { type ContainerRow, findContainer } from '../store/containers.ts'
import { findCurrent, type VersionRow } from '../store/versions.ts'
import { type Attachments, attachTo, checkAllowed, checkAttachments } from './attach.ts'
import { checkPublishedManifest, domainsWithLeave, MANIFEST, type ReachesManifest } from './manifest-leave.ts'
import { refuseSnapshotData } from './put-version.ts'

/** Throws when the object is not what the client expects. Asked again under the lock of the write that it guards. */
export type Precondition = (current: VersionRow | undefined) => void

/** What is attached to the path only its owner may say. */
export interface WriteTerms extends Attachments {
  place: Place
  precondition: Precondition
  reachesManifest?: ReachesManifest
}

export interface Written {
  versionId: bigint
  uuid: string
  createdAt: Date
  hash: string
  checksum: string
}

/**
 * Refuses a write before its body is read, as far as that can be known. The size, when the client told it, is tried on
 * the quota.
 */
export async function checkWrite(
  store: ObjectStore,
  userId: string,
  terms: WriteTerms,
  sizeBytes: bigint | undefined,
): Promise<void> {
  const { place, precondition } = terms
  checkPlace(place)
  const found = await findContainer(store.db, place.account, place.container)
  const current = found && (await findCurrent(store.db, found.id, place.name))
  const mayLook = found !== undefined && (await accessTo(store.db, userId, found, place.name)).right === 'write'
  if (mayLook || (!found && place.account === userId)) precondition(current)
  const { container, access } = await containerFor(store.db, userId, place, 'write')
  await checkAttachments(store.db, { containerId: container.id, name: place.name, owner: access.owner }, terms)
  refuseSnapshotData(current)
  const growth = (sizeBytes ?? 0n) - (current?.sizeBytes ?? 0n)
  if (growth > 0n) await tryCharge(store, container, growth)
}

class OnlyTried extends Error {}

/** Throws what charging would throw, and changes nothing. */
async function tryCharge(store: ObjectStore, { account, project, name, quotaBytes }: ContainerRow, bytes: bigint): Promise<void> {
  if (quotaBytes > 0n && bytes > quotaBytes)
    throw new Fault('overLimit', `Container ${JSON.stringify(name)} would exceed its size limit.`)
  const trial = store.db.transaction(async (tx) => {
    await charge(tx, 'trial', [{ account, project, bytes }])
    throw new OnlyTried()
  })
  await trial.catch((error) => {
    if (!(error instanceof OnlyTried)) throw error
  })
}

export interface ObjectWrite extends WriteTerms {
  content: NewContent
  contentType: string
  /** MD5 in hex, or empty */
  checksum: string
  metadata: Record<string, string>
  /** The manifest among the metadata is that of the object, and not of the request. */
  keepsManifest?: boolean
}

/** Creates an object or replaces its data and metadata. The blocks of the content are durable when this is called. */
export async function writeObject(store: ObjectStore, userId: string, write: ObjectWrite): Promise<Written> {
  const { place, contentType, checksum, metadata, precondition } = write
  checkPlace(place)
  const content = await withLongMap(store, write.content)
  return store.change({
    userId,
    places: [place],
    content,
    charges: true,
    publishes: write.publication !== undefined,
    decide(ground) {
      if (place.account === userId && !ground.container(place)) precondition(undefined)
      const { container, access } = ground.enter(place, 'write')
      checkAllowed(access, ground.hasLink(place), write)
      const current = ground.current(place)
      precondition(current)
      refuseSnapshotData(current)
      checkPublishedManifest(metadata, write.publication?.isPublic, write.reachesManifest)
      const stated = write.keepsManifest !== true
      const whose = { account: place.account, owner: access.owner, reaches: write.reachesManifest, metadata, stated }
      if (content.known && !ground.hasMap(content)) throw contentIsGone()
      const next = {
        state: 'current' as const,
        uuid: current?.uuid,
        mapId: null,
        content,
        hash: content.hash,
        sizeBytes: content.sizeBytes,
        contentType,
        checksum,
        modifiedBy: userId,
        metadata,
        domains: domainsWithLeave({ ...whose, source: current, before: current }),
      }
      const [made] = ground.change(userId, [{ container, name: place.name, next }])
      attachTo(ground, store, userId, { container, name: place.name, owner: access.owner }, write)
      return () => ({
        versionId: made!.id,
        uuid: made!.uuid,
        createdAt: made!.createdAt,
        hash: content.hash,
        checksum,
      })
    },
  })
}

/** Blocks of a map that is worth a transaction of its own, so that writers of small objects do not wait for it. */
const LONG_MAP_BLOCKS = 256

async function withLongMap(store: ObjectStore, content: NewContent): Promise<NewContent> {
  if (content.known || content.hashes.length <= LONG_MAP_BLOCKS * 32) return content
  await store.db.transaction((tx) => storeMap(tx, store, content))
  return { ...content, known: true }
}

export interface MetadataWrite extends WriteTerms {
  /** Undefined: metadata stays as it is, and no version is made. */
  change: MetadataChange | undefined
}

/** Changes metadata or permissions, never the data. Answers the new version, if one was made. */
export async function updateObject(store: ObjectStore, userId: string, write: MetadataWrite): Promise<bigint | undefined> {
  const { place, change, precondition } = write
  checkPlace(place)
  return store.change({
    userId,
    places: [place],
    // Where history is charged, a version more is charged too.
    publishes: write.publication !== undefined,
    charges: change !== undefined && !store.settings.PITHOS_BACKEND_FREE_VERSIONING,
    decide(ground) {
      const { container, access } = ground.enter(place, 'write')
      const current = ground.current(place)
      if (!current) throw noObject(place.name)
      precondition(current)
      checkAllowed(access, ground.hasLink(place), write)
      const metadata = change ? changedMetadata(current.metadata, change) : current.metadata
      checkPublishedManifest(metadata, write.publication?.isPublic, write.reachesManifest)
      const stated = change?.items[MANIFEST] !== undefined
      const whose = { account: place.account, owner: access.owner, reaches: write.reachesManifest, metadata, stated }
      const domains = domainsWithLeave({ ...whose, source: current, before: current })
      const next = change && { ...current, state: 'current' as const, modifiedBy: userId, metadata, domains }
      const [made] = next ? ground.change(userId, [{ container, name: place.name, next }]) : []
      attachTo(ground, store, userId, { container, name: place.name, owner: access.owner }, write)
      return () => made?.id
    },
  })
}
