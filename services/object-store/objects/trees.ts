// Copying and moving a folder: an object, and everything whose name goes on after it with a delimiter. What belongs to it
// is settled before the first change, and all of it happens or nothing.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { containerFor, noContainer, noObject, notAllowed } from '../access.ts'
import { changedMetadata, checkMetadataCount } from '../metadata.ts'
import { checkDelimiter, checkPlace, LONGEST_NAME, type Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { charge } from '../quota.ts'
import { type ContainerRow, lockContainer } from '../store/containers.ts'
import { namesOfTree } from '../store/names-in.ts'
import { arrivals, departures, lookAtDestinations, type Tree } from '../store/trees.ts'
import { findCurrent, findVersion } from '../store/versions.ts'
import { attach, checkAttachments } from './attach.ts'
import type { CopyRequest } from './copy.ts'
import { changeObjects } from './many.ts'
import { checkAvailable } from './read.ts'

/** What is asked of the copy besides its place is asked of the object itself; what lies below keeps its type and metadata. */
export interface TreeRequest extends CopyRequest {
  delimiter: string
}

/** Answers the new version of the object that was named. */
export function copyTree(store: ObjectStore, userId: string, request: TreeRequest): Promise<bigint> {
  return transfer(store, userId, request, 'copy')
}

export function moveTree(store: ObjectStore, userId: string, request: TreeRequest): Promise<bigint> {
  return transfer(store, userId, request, 'move')
}

function transfer(store: ObjectStore, userId: string, request: TreeRequest, way: 'copy' | 'move'): Promise<bigint> {
  const { source, destination, delimiter } = request
  checkPlace(source)
  checkPlace(destination)
  checkDelimiter(delimiter)
  if (way === 'move' && source.account !== userId) throw notAllowed()
  const together = keyOf(source) === keyOf(destination)
  if (together && destination.name.startsWith(source.name + delimiter))
    throw new Fault('badRequest', 'A folder cannot be copied or moved into itself.')
  return store.db.transaction(
    async (tx) => {
      const { from, to, ownsDestination } = await bothContainers(tx, userId, source, destination)
      const current = await findCurrent(tx, from.id, source.name)
      const { sourceVersion } = request
      const found = sourceVersion === undefined ? current : await findVersion(tx, from.id, source.name, sourceVersion)
      if (!found) throw noObject(source.name)
      request.precondition(found)
      if (way === 'copy') checkAvailable(found)
      const root = { container: to, containerId: to.id, name: destination.name, owner: ownsDestination }
      await checkAttachments(tx, root, request)
      const metadata = changedMetadata(found.metadata, { items: request.metadata, merge: true })
      checkMetadataCount(metadata, store.settings.PITHOS_RESOURCE_MAX_METADATA)
      const tree: Tree = {
        containerId: from.id,
        root: { name: source.name, versionId: found.id, uuid: current?.uuid ?? found.uuid },
        names: namesOfTree(source.name, delimiter),
        readableBy: source.account === userId ? undefined : userId,
        destination: { containerId: to.id, name: destination.name, contentType: request.contentType || undefined, metadata },
        way,
      }
      await checkDestinations(tx, tree, ownsDestination ? undefined : userId)
      const leaving = way === 'move' ? tree.names : undefined
      const moving = way === 'move'
      const { changed, charge: due } = await changeObjects(tx, store, userId, {
        container: to,
        changes: arrivals(tree),
        leaving: together ? leaving : undefined,
        // A token that reaches everything reaches the value of no manifest too.
        keepsLeave: ownsDestination && request.reachesManifest?.('') === true,
        moving,
      })
      if (way === 'copy') checkAvailable({ available: changed.available ?? 1 })
      const left =
        moving && !together
          ? await changeObjects(tx, store, userId, { container: from, changes: departures(tree), leaving, moving })
          : undefined
      await attach(tx, store, userId, root, request)
      const path = `${keyOf(destination)}/${destination.name}${delimiter}`
      await charge(tx, path, left ? [due, left.charge] : [due])
      return (await findCurrent(tx, to.id, destination.name))!.id
    },
    { patient: true },
  )
}

const keyOf = ({ account, container }: Place) => `${account}/${container}`

/** Both containers, with nobody else changing anything in them; errors in the order that the protocol says. */
async function bothContainers(tx: Tx, userId: string, source: Place, destination: Place) {
  const locked = new Map<string, ContainerRow | undefined>()
  for (const place of [source, destination].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)))
    if (!locked.has(keyOf(place))) locked.set(keyOf(place), await lockContainer(tx, place.account, place.container))
  const find = (account: string, container: string) => Promise.resolve(locked.get(keyOf({ account, container, name: '' })))
  const { container: from } = await containerFor(tx, userId, source, 'read', find)
  if (!locked.get(keyOf(destination))) throw noContainer(destination.container)
  const { container: to, access } = await containerFor(tx, userId, destination, 'write', find)
  return { from, to, ownsDestination: access.owner }
}

async function checkDestinations(tx: Tx, tree: Tree, writer: string | undefined): Promise<void> {
  const { longest, forbidden } = await lookAtDestinations(tx, tree, writer)
  if (forbidden) throw notAllowed()
  if (longest > LONGEST_NAME.object)
    throw new Fault('badRequest', `A name would become longer than ${LONGEST_NAME.object} characters.`)
}
