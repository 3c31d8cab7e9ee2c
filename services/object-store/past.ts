// Looking at accounts, containers and objects as they were at a moment, given in seconds since 1970. Only owners do: what
// was shared then is not known any more.
import { noContainer, noObject, notAllowed } from './access.ts'
import { checkName, checkPlace, type Place } from './names.ts'
import type { FoundObject } from './objects/read.ts'
import type { ObjectStore } from './open.ts'
import { findContainer, listObjectKeys } from './store/containers.ts'
import { describeContainerAt, findVersionAt, listContainersAt, listObjectKeysAt, type PastContainer } from './store/past.ts'
import { lastChange } from './store/versions.ts'

export interface ContainerAt {
  container: PastContainer
  /** Metadata keys that its objects carried then. */
  keys: string[]
}

/** A container as it was; not found when it did not exist yet. */
export async function containerAt(
  store: ObjectStore,
  userId: string,
  account: string,
  name: string,
  until: number,
): Promise<ContainerAt> {
  checkName('account', account)
  checkName('container', name)
  if (account !== userId) throw notAllowed()
  const container = await describeContainerAt(store.db, account, name, until)
  if (!container) throw noContainer(name)
  // Where nothing changed since, nobody looks through the versions. A Date has no microseconds.
  const asItIs = container.changedAt.getTime() + 1 < until * 1000
  return {
    container,
    keys: await (asItIs ? listObjectKeys(store.db, container.id) : listObjectKeysAt(store.db, container.id, until)),
  }
}

/** Containers that existed then, in order of name. */
export function containersAt(
  store: ObjectStore,
  userId: string,
  account: string,
  page: { marker: string; limit: number; names?: readonly string[] | undefined; until: number },
): Promise<PastContainer[]> {
  if (account !== userId) throw notAllowed()
  return listContainersAt(store.db, account, { until: page.until, page })
}

/** An object as it was, for its owner. */
export async function objectAtMoment(store: ObjectStore, userId: string, place: Place, until: number): Promise<FoundObject> {
  checkPlace(place)
  if (place.account !== userId) throw notAllowed()
  const container = await findContainer(store.db, place.account, place.container)
  if (!container) throw noContainer(place.container)
  const version = await findVersionAt(store.db, container.id, place.name, until)
  if (!version) throw noObject(place.name)
  const last = await lastChange(store.db, container.id, place.name)
  return { version, access: { owner: true, right: 'write', sharing: undefined }, changedAt: last?.createdAt ?? version.createdAt }
}
