import type { Tx } from '@synnefo/lib/sql'
import { noContainer, noObject, notAllowed } from '../access.ts'
import { checkPlace, type Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { charge } from '../quota.ts'
import { dropAttached } from '../store/attached.ts'
import { type ContainerRow, lockContainer, shareContainer } from '../store/containers.ts'
import { deleteCurrentUnder, purgeHistory, purgePath } from '../store/removal.ts'
import { findCurrent, lockNames } from '../store/versions.ts'
import { noteEvents, PUBLISH_EVENTS } from './events.ts'
import { putVersion, tombstone } from './put-version.ts'

/** Only the owner deletes. The version becomes history, where the container keeps any. */
export async function deleteObject(store: ObjectStore, userId: string, place: Place): Promise<void> {
  checkPlace(place)
  if (place.account !== userId) throw notAllowed()
  return store.change({
    userId,
    places: [place],
    charges: true,
    decide(ground) {
      const { container } = ground.enter(place, 'write')
      const current = ground.current(place)
      if (!current) throw noObject(place.name)
      ground.change(userId, [{ container, name: place.name, next: tombstone(userId, current) }])
      return () => undefined
    },
  })
}

/** The object, and everything whose name goes on after it with the delimiter. */
export async function deleteTree(store: ObjectStore, userId: string, place: Place, delimiter: string): Promise<void> {
  checkPlace(place)
  if (place.account !== userId) throw notAllowed()
  await store.db.transaction(async (tx) => {
    const container = await lockContainer(tx, place.account, place.container)
    if (!container) throw noContainer(place.container)
    const current = await findCurrent(tx, container.id, place.name)
    if (!current) throw noObject(place.name)
    await putVersion(tx, store, userId, { container, name: place.name, current, next: tombstone(userId, current) })
    await emptyOut(tx, store, container, userId, `${place.name}${delimiter}`)
  })
}

/** Deletes every current object; the container and all history stay. */
export async function emptyContainer(store: ObjectStore, userId: string, account: string, name: string): Promise<void> {
  if (account !== userId) throw notAllowed()
  await store.db.transaction(async (tx) => {
    const container = await lockContainer(tx, account, name)
    if (!container) throw noContainer(name)
    await emptyOut(tx, store, container, userId, '')
  })
}

async function emptyOut(tx: Tx, store: ObjectStore, container: ContainerRow, userId: string, prefix: string): Promise<void> {
  const tell = store.settings.PITHOS_EVENTS
  const bytes = await deleteCurrentUnder(tx, container, userId, prefix, { tell })
  if (tell) tx.wakes(PUBLISH_EVENTS)
  const { account, name, project } = container
  await charge(tx, `${account}/${name}/${prefix}`, [{ account, project, bytes: -bytes }])
  tx.announces('objects', account)
}

/** Drops history and marks of deletion up to a time for ever; current objects stay. */
export async function purgeContainer(
  store: ObjectStore,
  userId: string,
  account: string,
  name: string,
  until: number,
): Promise<void> {
  if (account !== userId) throw notAllowed()
  await store.db.transaction(async (tx) => {
    const container = await lockContainer(tx, account, name)
    if (!container) throw noContainer(name)
    const versions = await purgeHistory(tx, container.id, until)
    if (versions.length > 0)
      await noteEvents(tx, store, [{ account, userId, path: `${account}/${name}`, action: 'container purge', versions }])
    tx.announces('objects', account)
  })
}

/** Drops versions of one path up to a time for ever, the current one included when it is that old. */
export async function purgeObject(store: ObjectStore, userId: string, place: Place, until: number): Promise<void> {
  checkPlace(place)
  const { account, container: containerName, name } = place
  if (account !== userId) throw notAllowed()
  await store.db.transaction(async (tx) => {
    const container = await shareContainer(tx, account, containerName)
    if (!container) throw noContainer(containerName)
    await lockNames(tx, [{ containerId: container.id, name }])
    const current = await findCurrent(tx, container.id, name)
    const { found, currentGone, versions } = await purgePath(tx, container.id, current, name, until)
    if (!found) throw noObject(name)
    if (!current || currentGone) await dropAttached(tx, [{ containerId: container.id, name }])
    const bytes = current && currentGone ? -current.sizeBytes : 0n
    const path = `${account}/${containerName}/${name}`
    const objectAction = currentGone ? 'object delete' : undefined
    if (versions.length > 0)
      await noteEvents(tx, store, [{ account, userId, path, action: 'object purge', objectAction, versions, bytes }])
    await charge(tx, path, [{ account, project: container.project, bytes }])
    tx.announces('objects', account)
  })
}
