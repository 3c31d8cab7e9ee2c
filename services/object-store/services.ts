// What other services do with objects: the image service keeps its facts in a metadata domain of them, the volume
// service stands on their maps. Functions that change something take the caller's transaction.
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { accessTo, noObject, notAllowed, type Right, type Sharing } from './access.ts'
import { contentOf } from './content/send.ts'
import { changedMetadata, checkMetadataCount, type MetadataChange } from './metadata.ts'
import { checkPlace, type Place } from './names.ts'
import { noteSharing } from './objects/events.ts'
import { changeWithin } from './objects/group.ts'
import { checkAvailable } from './objects/read.ts'
import type { ObjectStore } from './open.ts'
import { findContainer, type Metadata, shareContainer } from './store/containers.ts'
import { findMap } from './store/maps.ts'
import { permissionsOf, setPermissions } from './store/permissions.ts'
import { type CurrentObject, findCurrent, findCurrentByUuid, listCurrentOfDomain, lockNames } from './store/versions.ts'

/** A current object, as other services see it. */
export interface StoredObject extends Place {
  uuid: string
  versionId: bigint
  /** None when the size is zero. */
  mapId: bigint | null
  /** Root of the block hashes, in hex. */
  hash: string | null
  sizeBytes: bigint
  contentType: string
  modifiedBy: string
  createdAt: Date
  /** 1 readable, 0 not yet, -1 broken */
  available: number
  /** Metadata of one domain, empty when there is none. */
  metadataOf(domain: string): Metadata
}

function storedObject({ id, metadata, domains, ...rest }: CurrentObject): StoredObject {
  const { account, container, name, uuid, mapId, hash, sizeBytes, contentType, modifiedBy, createdAt, available } = rest
  const facts = { account, container, name, uuid, mapId, hash, sizeBytes, contentType, modifiedBy, createdAt, available }
  return { ...facts, versionId: id, metadataOf: (domain) => (domain === 'pithos' ? metadata : (domains?.[domain] ?? {})) }
}

/** Whose rights count; undefined: the service asks for itself. */
export type Asker = string | undefined

/** The object at a place, if there is one and the asker may read it. */
export async function objectAt(q: Queryable, asker: Asker, place: Place): Promise<StoredObject | undefined> {
  checkPlace(place)
  const container = await findContainer(q, place.account, place.container)
  const version = container && (await findCurrent(q, container.id, place.name))
  if (!container || !version) return undefined
  if (asker !== undefined && !(await accessTo(q, asker, container, place.name)).right) return undefined
  return storedObject({ ...version, account: container.account, container: container.name })
}

/** The object with this id, wherever it was moved to, if the asker may read it. */
export async function objectByUuid(q: Queryable, asker: Asker, uuid: string): Promise<StoredObject | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) return undefined
  const found = await findCurrentByUuid(q, uuid)
  if (!found) return undefined
  if (asker !== undefined && !(await mayAccess(q, asker, found, 'read'))) return undefined
  return storedObject(found)
}

async function mayAccess(q: Queryable, userId: string, place: Place, right: Right): Promise<boolean> {
  const container = await findContainer(q, place.account, place.container)
  const held = container && (await accessTo(q, userId, container, place.name)).right
  return held === 'write' || held === right
}

/** Every object that carries metadata of this domain and that the asker owns or may read, oldest first. */
export async function objectsOfDomain(q: Queryable, asker: Asker, domain: string): Promise<StoredObject[]> {
  return (await listCurrentOfDomain(q, { domain, visibleTo: asker })).map(storedObject)
}

/**
 * Changes the metadata of one domain, which makes a new version of the object; that of other domains, data and
 * permissions stay. An empty result takes the object out of the domain. The asker needs the right to write.
 */
export async function changeDomain(
  tx: Tx,
  store: ObjectStore,
  asker: string,
  uuid: string,
  domain: string,
  change: MetadataChange,
): Promise<StoredObject> {
  const found = await findCurrentByUuid(tx, uuid)
  if (!found || !(await mayAccess(tx, asker, found, 'read'))) throw noObject(uuid)
  if (!(await mayAccess(tx, asker, found, 'write'))) throw notAllowed()
  const place = { account: found.account, container: found.container, name: found.name }
  await changeWithin(tx, store, {
    userId: asker,
    places: [place],
    charges: !store.settings.PITHOS_BACKEND_FREE_VERSIONING,
    decide(ground) {
      const current = ground.current(place)
      const container = ground.container(place)
      if (!container || current?.uuid !== found.uuid)
        throw new Fault('conflict', 'The object was changed at this moment. Try again.')
      const items = changedMetadata(current.domains?.[domain] ?? {}, change)
      checkMetadataCount(items, DOMAIN_ITEMS)
      const { [domain]: _before, ...others } = current.domains ?? {}
      const domains = Object.keys(items).length > 0 ? { ...others, [domain]: items } : others
      const next = {
        ...current,
        state: 'current' as const,
        modifiedBy: asker,
        domains: Object.keys(domains).length > 0 ? domains : null,
      }
      ground.change(asker, [{ container, name: place.name, next }])
      return () => undefined
    },
  })
  return storedObject((await findCurrentByUuid(tx, uuid))!)
}

/** Other services keep more facts than people do. */
const DOMAIN_ITEMS = 256

/** Who may read and write an object besides its owner, as set on the object itself. */
export async function permissionsAt(q: Queryable, place: Place): Promise<Sharing> {
  const container = await findContainer(q, place.account, place.container)
  const entries = container ? await permissionsOf(q, container.id, place.name) : []
  const subjects = (access: Right) => entries.filter((entry) => entry.access === access).map(({ subject }) => subject)
  return { read: subjects('read'), write: subjects('write') }
}

/** Replaces them. `*` is everybody who has an account. Only the owner may. */
export async function setPermissionsAt(tx: Tx, store: ObjectStore, asker: string, place: Place, sharing: Sharing): Promise<void> {
  if (asker !== place.account) throw notAllowed()
  const container = await shareContainer(tx, place.account, place.container)
  if (!container) throw noObject(place.name)
  await lockNames(tx, [place])
  if (!(await findCurrent(tx, container.id, place.name))) throw noObject(place.name)
  await setPermissions(tx, container.id, place.name, sharing)
  await noteSharing(tx, store, asker, place, sharing)
}

/** The first bytes of an object: enough to recognise what is in it. */
export async function firstBytes(store: ObjectStore, object: StoredObject, bytes: number): Promise<Buffer> {
  checkAvailable(object)
  const map = object.mapId === null ? undefined : await findMap(store, object.mapId)
  if (!map) return Buffer.alloc(0)
  const pieces: Buffer[] = []
  for await (const piece of contentOf(store, map, 0, Math.min(bytes, Number(object.sizeBytes)))) pieces.push(piece)
  return Buffer.concat(pieces)
}
