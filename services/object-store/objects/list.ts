import { Fault } from '@synnefo/lib/fault'
import { noContainer, notAllowed } from '../access.ts'
import { checkName } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { type ContainerFacts, describeContainer } from '../store/containers.ts'
import { type ListedObject, listFolder, listNames } from '../store/listings.ts'
import { hasPermissionInContainer } from '../store/permissions.ts'

export interface ListingQuery {
  limit: number
  marker: string
  prefix: string
  /** Empty: every name is its own entry. */
  delimiter: string
  /** Not empty: only what lies directly in this folder, and no folders. Prefix and delimiter do not count then. */
  path: string
}

/** An object, or the common beginning of many names. */
export type Entry = ListedObject | { subdir: string }

export interface Listing {
  container: ContainerFacts
  owner: boolean
  entries: Entry[]
}

/** `beginnings`: only names that begin with one of them. */
export async function listObjects(
  store: ObjectStore,
  userId: string,
  account: string,
  name: string,
  query: ListingQuery,
  beginnings?: readonly string[],
): Promise<Listing> {
  const { container, owner } = await containerToSee(store, userId, account, name)
  const { prefix, delimiter } = normalised(query)
  if (prefix.includes('\0') || query.marker.includes('\0')) throw new Fault('badRequest', 'Names hold no NUL character.')
  const range = {
    containerId: container.id,
    shares: container.shares,
    prefix,
    marker: query.marker,
    limit: query.limit,
    readableBy: owner ? undefined : userId,
    beginnings,
  }
  const entries =
    delimiter === ''
      ? await listNames(store.db, range)
      : await listFolder(store.db, { ...range, delimiter, folders: query.path === '' })
  return { container, owner, entries }
}

/** A container, for its owner or for somebody with whom something in it is shared. */
export async function containerToSee(store: ObjectStore, userId: string, account: string, name: string) {
  checkName('account', account)
  checkName('container', name)
  const owner = account === userId
  const container = await describeContainer(store.db, account, name)
  if (!container) throw owner ? noContainer(name) : notAllowed()
  if (!owner && !(await hasPermissionInContainer(store.db, container.id, userId)).answer) throw notAllowed()
  return { container, owner }
}

/** `prefix=photos` and `delimiter=/` lists what is inside `photos/`; no name that is listed starts with a slash of the query's. */
function normalised({ prefix: asked, delimiter, path }: ListingQuery): { prefix: string; delimiter: string } {
  const stripped = (path || asked).replace(/^\/+/, '')
  const separator = path === '' ? delimiter : '/'
  const open = stripped !== '' && separator !== '' && !stripped.endsWith(separator)
  return { prefix: open ? stripped + separator : stripped, delimiter: separator }
}
