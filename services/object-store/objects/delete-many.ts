import type { Tx } from '@synnefo/lib/sql'
import { noContainer, noObject, notAllowed } from '../access.ts'
import { checkDelimiter, checkPlace, type Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { charge } from '../quota.ts'
import { type ContainerRow, lockContainer } from '../store/containers.ts'
import { allNames, type NamesIn, namesOfTree } from '../store/names-in.ts'
import { deletions } from '../store/removal.ts'
import { findCurrent } from '../store/versions.ts'
import { changeObjects } from './many.ts'

/** The object, and everything whose name goes on after it with the delimiter. */
export async function deleteTree(store: ObjectStore, userId: string, place: Place, delimiter: string): Promise<void> {
  checkPlace(place)
  checkDelimiter(delimiter)
  const { account, container: containerName, name } = place
  if (account !== userId) throw notAllowed()
  await store.db.transaction(
    async (tx) => {
      const container = await lockContainer(tx, account, containerName)
      if (!container) throw noContainer(containerName)
      if (!(await findCurrent(tx, container.id, name))) throw noObject(name)
      await deleteObjects(tx, store, userId, container, namesOfTree(name, delimiter), `${name}${delimiter}`)
    },
    { patient: true },
  )
}

/** Deletes every current object; the container and all history stay. */
export async function emptyContainer(store: ObjectStore, userId: string, account: string, name: string): Promise<void> {
  if (account !== userId) throw notAllowed()
  await store.db.transaction(
    async (tx) => {
      const container = await lockContainer(tx, account, name)
      if (!container) throw noContainer(name)
      await deleteObjects(tx, store, userId, container, allNames, '')
    },
    { patient: true },
  )
}

/** Deletes current objects of the locked container, and answers how many there were. `what` is for the quota's records. */
export async function deleteObjects(
  tx: Tx,
  store: ObjectStore,
  userId: string,
  container: ContainerRow,
  names: NamesIn,
  what: string,
): Promise<number> {
  const changes = deletions(container.id, names)
  const { changed, charge: due } = await changeObjects(tx, store, userId, { container, changes, leaving: names })
  await charge(tx, `${container.account}/${container.name}/${what}`, [due])
  return Number(changed.deleted)
}
