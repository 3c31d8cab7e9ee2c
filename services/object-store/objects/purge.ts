// Dropping the past for ever. Where history is charged, its space is given back.
import { noContainer, noObject, notAllowed } from '../access.ts'
import { checkPlace, type Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { charge, chargedBytes } from '../quota.ts'
import { dropAttached } from '../store/attached.ts'
import { lockContainer, shareContainer } from '../store/containers.ts'
import { purgeHistory, purgePath } from '../store/removal.ts'
import { findCurrent, lockNames } from '../store/versions.ts'
import { noteEvents } from './events.ts'

/** Drops history and marks of deletion up to a time; current objects stay. */
export async function purgeContainer(
  store: ObjectStore,
  userId: string,
  account: string,
  name: string,
  until: number,
): Promise<void> {
  if (account !== userId) throw notAllowed()
  await store.db.transaction(
    async (tx) => {
      const container = await lockContainer(tx, account, name)
      if (!container) throw noContainer(name)
      const { versions, historyBytes } = await purgeHistory(tx, container.id, until)
      const path = `${account}/${name}`
      const bytes = -chargedBytes(store, { bytes: 0n, historyBytes })
      if (versions.length > 0)
        await noteEvents(tx, store, [{ account, userId, path, action: 'container purge', versions, bytes }])
      await charge(tx, path, [{ account, project: container.project, bytes }])
      tx.announces('objects', account)
    },
    { patient: true },
  )
}

/** Drops versions of one path up to a time, the current one included when it is that old. */
export async function purgeObject(store: ObjectStore, userId: string, place: Place, until: number): Promise<void> {
  checkPlace(place)
  const { account, container: containerName, name } = place
  if (account !== userId) throw notAllowed()
  await store.db.transaction(async (tx) => {
    const container = await shareContainer(tx, account, containerName)
    if (!container) throw noContainer(containerName)
    await lockNames(tx, [place])
    const current = await findCurrent(tx, container.id, name)
    const { found, currentGone, versions, historyBytes } = await purgePath(tx, container.id, current, name, until)
    if (!found) throw noObject(name)
    if (!current || currentGone) await dropAttached(tx, [{ containerId: container.id, name }])
    const bytes = -chargedBytes(store, { bytes: current && currentGone ? current.sizeBytes : 0n, historyBytes })
    const path = `${account}/${containerName}/${name}`
    const objectAction = currentGone ? 'object delete' : undefined
    if (versions.length > 0)
      await noteEvents(tx, store, [{ account, userId, path, action: 'object purge', objectAction, versions, bytes }])
    await charge(tx, path, [{ account, project: container.project, bytes }])
    tx.announces('objects', account)
  })
}
