// An image is an object of the object store with facts in the metadata domain `plankton`: its id is the object's uuid,
// its data the object's data, and who may read the object may use the image (image-api.md §1, §5).
import { audit, type Caller } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import {
  changeDomain,
  checkReaches,
  objectAt,
  objectByUuid,
  objectsOfDomain,
  openToEverybody,
  type Place,
  permissionsAt,
  type Sharing,
  type StoredObject,
  setPermissionsAt,
} from '@synnefo/object-store'
import type { ImageService } from './image.ts'
import type { ImageSettings } from './settings.ts'

const DOMAIN = 'plankton'
const PREFIX = 'plankton:'
const PROPERTY = 'plankton:property:'
/** As a reader: everybody who has an account. */
const EVERYBODY = '*'
const MOST_KEY_CHARACTERS = 111
const MOST_VALUE_CHARACTERS = 256

export type ImageStatus = 'AVAILABLE' | 'UNAVAILABLE' | 'ERROR'

export interface Image {
  id: string
  name: string
  owner: string
  /** Where the object lies. */
  place: Place
  status: ImageStatus
  diskFormat: string
  containerFormat: string
  sizeBytes: bigint
  /** Root of the block hashes, in hex. */
  checksum: string
  public: boolean
  isSnapshot: boolean
  description: string | undefined
  properties: Record<string, string>
  createdAt: Date
  updatedAt: Date
  version: bigint
  mapId: bigint | null
}

/** What registering and updating may say. */
export interface ImageFacts {
  name?: string
  diskFormat?: string
  containerFormat?: string
  owner?: string
  /** An empty value deletes the property. */
  properties: Readonly<Record<string, string>>
  public?: boolean
  /** What the client believes the data to be; refused when it is not. */
  size?: string
  checksum?: string
}

/** The objects that are images, as images. */
async function toImages(db: Queryable, objects: readonly StoredObject[]): Promise<Image[]> {
  const open = await openToEverybody(
    db,
    objects.map(({ uuid }) => uuid),
  )
  return objects.flatMap((object) => toImage(object, open.has(object.uuid)) ?? [])
}

function toImage(object: StoredObject, isPublic: boolean): Image | undefined {
  const facts = object.metadataOf(DOMAIN)
  const name = facts[`${PREFIX}name`]
  if (name === undefined) return undefined
  const place = { account: object.account, container: object.container, name: object.name }
  const properties = Object.entries(facts).filter(([key]) => key.startsWith(PROPERTY))
  const registeredSeconds = Number(facts[`${PREFIX}created_at`] ?? Number.NaN)
  return {
    id: object.uuid,
    name,
    owner: object.account,
    place,
    status: object.available === 1 ? 'AVAILABLE' : object.available === 0 ? 'UNAVAILABLE' : 'ERROR',
    diskFormat: facts[`${PREFIX}disk_format`] ?? '',
    containerFormat: facts[`${PREFIX}container_format`] ?? '',
    sizeBytes: object.sizeBytes,
    checksum: object.hash ?? '',
    public: isPublic,
    isSnapshot: false,
    description: facts[`${PREFIX}description`],
    properties: Object.fromEntries(properties.map(([key, value]) => [key.slice(PROPERTY.length), value])),
    createdAt: Number.isNaN(registeredSeconds) ? object.createdAt : new Date(registeredSeconds * 1000),
    updatedAt: object.createdAt,
    version: object.versionId,
    mapId: object.mapId,
  }
}

/** Own ones, those shared with the viewer, and public ones; oldest first. */
export async function imagesVisibleTo(db: Queryable, { userId }: { userId: string }): Promise<Image[]> {
  return toImages(db, await objectsOfDomain(db, userId, DOMAIN))
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The image with this id, if the viewer may use it. */
export async function showImage(db: Queryable, { userId }: { userId: string }, id: string): Promise<Image> {
  if (!UUID.test(id)) throw new Fault('badRequest', `'${id.slice(0, 80)}' is not the id of an image.`)
  const object = await objectByUuid(db, userId, id.toLowerCase())
  const [image] = object ? await toImages(db, [object]) : []
  if (!image) throw new Fault('itemNotFound', `Image ${id} does not exist.`)
  return image
}

/** Makes an image of an object of the caller's, or updates the one it is already (§7). */
export async function registerImage(
  service: ImageService,
  caller: Caller,
  place: Place,
  facts: ImageFacts & { name: string },
): Promise<Image> {
  checkReaches(caller, place, 'write')
  return service.db.transaction(async (tx) => {
    const object = await objectAt(tx, caller.userId, place)
    if (!object)
      throw new Fault('itemNotFound', `There is no object '${place.container}/${place.name}', or it is not shared with you.`)
    if (place.account !== caller.userId) throw new Fault('forbidden', 'Only the owner of an object can register it as an image.')
    if (facts.size !== undefined && facts.size !== String(object.sizeBytes)) throw new Fault('badRequest', "Invalid 'size' field")
    if (facts.checksum !== undefined && facts.checksum !== object.hash) throw new Fault('badRequest', 'Invalid checksum field')
    const createdAt = object.metadataOf(DOMAIN)[`${PREFIX}created_at`] ?? String(Math.floor(Date.now() / 1000))
    const items = {
      ...toItems(facts, service.settings, {
        diskFormat: service.settings.DEFAULT_DISK_FORMAT,
        containerFormat: service.settings.DEFAULT_CONTAINER_FORMAT,
      }),
      [`${PREFIX}created_at`]: createdAt,
    }
    await setVisibility(tx, service, caller, place, facts.public)
    const image = await changeImage(service, tx, caller, object.uuid, items)
    await audit(tx, { service: 'image', actor: caller.userId, action: 'image-register', target: `image:${image.id}` })
    return image
  })
}

/** Changes what is said and leaves the rest (§8). */
export async function updateImage(service: ImageService, caller: Caller, id: string, facts: ImageFacts): Promise<Image> {
  return service.db.transaction(async (tx) => {
    const image = await showImage(tx, caller, id)
    const items = toItems(facts, service.settings)
    if (facts.public !== undefined) {
      if (image.owner !== caller.userId) throw new Fault('forbidden', 'Only the owner of an image can make it public or private.')
      await setVisibility(tx, service, caller, image.place, facts.public)
    }
    if (Object.keys(items).length === 0) return showImage(tx, caller, id)
    return changeImage(service, tx, caller, image.id, items)
  })
}

/** The object stays; it is no image any more (§9). */
export async function unregisterImage(service: ImageService, caller: Caller, id: string): Promise<void> {
  await service.db.transaction(async (tx) => {
    const image = await showImage(tx, caller, id)
    await changeDomain(tx, service.objectStore, caller.userId, image.id, DOMAIN, { items: {}, merge: false })
    await audit(tx, { service: 'image', actor: caller.userId, action: 'image-unregister', target: `image:${id}` })
    announce(tx, caller, image.public)
  })
}

async function changeImage(
  service: ImageService,
  tx: Tx,
  caller: Caller,
  id: string,
  items: Record<string, string>,
): Promise<Image> {
  const object = await changeDomain(tx, service.objectStore, caller.userId, id, DOMAIN, { items, merge: true })
  const most = service.objectStore.settings.PITHOS_RESOURCE_MAX_METADATA
  if (Object.keys(object.metadataOf(DOMAIN)).length > most)
    throw new Fault('badRequest', `An image has at most ${most} facts and properties.`)
  const [image] = await toImages(tx, [object])
  if (!image) throw new Fault('itemNotFound', `Image ${id} does not exist.`)
  announce(tx, caller, image.public)
  return image
}

/** A public image shows on everybody's pages. */
function announce(tx: Tx, { userId }: Caller, everybody: boolean): void {
  tx.announces('images', ...(everybody ? [] : [userId]))
}

/** Who else may read stays; `undefined` leaves all as it is. */
async function setVisibility(
  tx: Tx,
  service: ImageService,
  caller: Caller,
  place: Place,
  isPublic: boolean | undefined,
): Promise<void> {
  if (isPublic === undefined) return
  const { read, write } = await permissionsAt(tx, place)
  const others = read.filter((reader) => reader !== EVERYBODY)
  await setReaders(tx, service, caller, place, { read: isPublic ? [...others, EVERYBODY] : others, write })
}

async function setReaders(tx: Tx, service: ImageService, caller: Caller, place: Place, sharing: Sharing): Promise<void> {
  checkReaches(caller, place, 'write')
  await setPermissionsAt(tx, service.objectStore, caller.userId, place, sharing)
}

function toItems(
  facts: ImageFacts,
  settings: ImageSettings,
  defaults: { diskFormat?: string; containerFormat?: string } = {},
): Record<string, string> {
  const { name, owner } = facts
  const diskFormat = facts.diskFormat ?? defaults.diskFormat
  const containerFormat = facts.containerFormat ?? defaults.containerFormat
  if (diskFormat !== undefined && !settings.ALLOWED_DISK_FORMATS.includes(diskFormat))
    throw new Fault('badRequest', `Invalid disk format '${diskFormat}'`)
  if (containerFormat !== undefined && !settings.ALLOWED_CONTAINER_FORMATS.includes(containerFormat)) {
    throw new Fault('badRequest', `Invalid container format '${containerFormat}'`)
  }
  const own = { name, owner, disk_format: diskFormat, container_format: containerFormat }
  const items: Record<string, string> = {}
  for (const [key, value] of Object.entries(own)) if (value !== undefined) items[PREFIX + key] = value
  for (const [key, value] of Object.entries(facts.properties)) items[PROPERTY + key] = value
  for (const [key, value] of Object.entries(items)) {
    if (key.length > MOST_KEY_CHARACTERS)
      throw new Fault('badRequest', `Metadata keys should be less than ${MOST_KEY_CHARACTERS} characters; '${key}' is longer.`)
    if (value.length > MOST_VALUE_CHARACTERS)
      throw new Fault(
        'badRequest',
        `Metadata values should be less than ${MOST_VALUE_CHARACTERS} characters; that of '${key}' is longer.`,
      )
  }
  return items
}

/** Who may use the image besides its owner and, when it is public, everybody. */
export async function listMembers(db: Queryable, caller: Caller, id: string): Promise<string[]> {
  const image = await showImage(db, caller, id)
  const members = (await permissionsAt(db, image.place)).read.filter((reader) => reader !== EVERYBODY)
  return image.owner === caller.userId ? members : members.filter((member) => member === caller.userId)
}

/** Replaces the members; `change` is handed those there are. */
export async function changeMembers(
  service: ImageService,
  caller: Caller,
  id: string,
  change: (members: string[]) => string[],
): Promise<void> {
  await service.db.transaction(async (tx) => {
    const image = await showImage(tx, caller, id)
    if (image.owner !== caller.userId) throw new Fault('forbidden', 'Only the owner of an image can share it.')
    const { read, write } = await permissionsAt(tx, image.place)
    const members = [...new Set(change(read.filter((reader) => reader !== EVERYBODY)))]
    const strange = members.find((member) => !UUID.test(member))
    if (strange !== undefined) throw new Fault('badRequest', `'${strange.slice(0, 80)}' is not the id of a person.`)
    await setReaders(tx, service, caller, image.place, { read: image.public ? [...members, EVERYBODY] : members, write })
    tx.announces('images', ...members)
  })
}
