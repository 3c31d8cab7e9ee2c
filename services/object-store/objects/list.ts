import { Fault } from '@synnefo/lib/fault'
import type { Queryable } from '@synnefo/lib/sql'
import { noContainer, notAllowed } from '../access.ts'
import { checkName } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { type ContainerRow, type ContainerWithKeys, describeContainerWithKeys } from '../store/containers.ts'
import { linkedNames } from '../store/links.ts'
import { type EntryPage, listEntries, type MetadataFilter } from '../store/listings.ts'
import { candidatesFor, keysWithin } from '../store/metadata-terms.ts'
import { hasPermissionInContainer, pathsReadableBy, sharedPaths } from '../store/permissions.ts'
import { EVERYTHING, grantedSpans, intersect, type Span, spanOf, spanUnder, successor, unite } from './spans.ts'

export interface ListingQuery {
  limit: number
  marker: string
  prefix: string
  /** Empty: every name is its own entry. */
  delimiter: string
  /** Not empty: only what lies directly in this folder, and no folders. Prefix and delimiter do not count then. */
  path: string
  metadata: MetadataFilter | undefined
  /** Only what carries permissions, or lies in a folder that does. */
  shared: boolean
  /** Only what is published; with `shared`, either. */
  published: boolean
  /** As it was at this moment (seconds since 1970); undefined: as it is. */
  until: number | undefined
  /** Only names that begin with one of these; undefined: all. */
  beginnings: readonly string[] | undefined
  namesOnly: boolean
}

/** Entries of a container that the person has been let see (`containerToSee`). */
export async function listObjects(
  store: ObjectStore,
  userId: string,
  container: ContainerRow,
  query: ListingQuery,
): Promise<EntryPage> {
  const owner = container.account === userId
  const { marker, limit, metadata, until, published } = query
  if (!owner && (published || until !== undefined)) throw notAllowed()
  const { prefix, delimiter } = normalised(query)
  for (const text of [prefix, delimiter, marker])
    if (text.includes('\0') || !text.isWellFormed()) throw new Fault('badRequest', 'Names hold no NUL character.')
  const details = {
    checksums: store.settings.PITHOS_UPDATE_MD5,
    // What belongs to the path is not known of another time.
    sharing: container.shares && until === undefined ? { userId } : undefined,
    links: owner && container.publishes && until === undefined,
  }
  return listEntries(store.db, {
    containerId: container.id,
    spans: await spansFor(store, userId, container, query, stretch(marker, prefix, delimiter)),
    limit,
    fold: delimiter === '' ? undefined : { prefix, delimiter, folders: query.path === '' },
    metadata,
    until,
    details: query.namesOnly ? undefined : details,
  })
}

/** Where the entries lie that are asked for and may be seen, within a stretch of names. */
async function spansFor(
  { db }: ObjectStore,
  userId: string,
  container: ContainerRow,
  { beginnings, shared, published, metadata, until }: ListingQuery,
  within: Span,
): Promise<Span[]> {
  const { id, account, shares, publishes } = container
  let spans = intersect([within], await visibleSpans(db, userId, container, beginnings))
  if (account === userId && (shared || published)) {
    const sharedSpans = shared && shares ? grantedSpans(await sharedPaths(db, id)) : []
    const links = published && publishes ? await linkedNames(db, id, within.from, within.till) : []
    spans = intersect(spans, unite([...sharedSpans, ...links.map(spanOf)]))
  }
  const candidates = metadata && until === undefined && spans.length > 0 ? await candidatesFor(db, id, metadata) : undefined
  return candidates ? intersect(spans, unite(candidates.map(spanOf))) : spans
}

/** What a person may see of a container. To others, what is shared is all that they see, whether they ask for `shared` or not. */
async function visibleSpans(
  q: Queryable,
  userId: string,
  { id, account, shares }: ContainerRow,
  beginnings: readonly string[] | undefined,
): Promise<Span[]> {
  const reached = beginnings ? unite(beginnings.map(spanUnder)) : [EVERYTHING]
  if (account === userId) return reached
  return intersect(reached, shares ? grantedSpans(await pathsReadableBy(q, id, userId)) : [])
}

/** Metadata keys that objects carry which the person may see. */
export async function visibleKeys(
  { db }: ObjectStore,
  userId: string,
  container: ContainerRow & { keys: string[] },
  beginnings: readonly string[] | undefined,
): Promise<string[]> {
  const { keys } = container
  if (keys.length === 0 || (container.account === userId && !beginnings)) return keys
  return keysWithin(db, container.id, keys, await visibleSpans(db, userId, container, beginnings))
}

/** What begins with the prefix and comes after the marker; the folder that a marker lies in, or is, was listed before. */
function stretch(marker: string, prefix: string, delimiter: string): Span {
  const under = spanUnder(prefix)
  const at = delimiter === '' || !marker.startsWith(prefix) ? -1 : marker.indexOf(delimiter, prefix.length)
  const from = at === -1 ? successor(marker) : spanUnder(marker.slice(0, at + delimiter.length)).till
  return intersect([under], [{ from: marker === '' ? '' : from, till: EVERYTHING.till }])[0] ?? { from: prefix, till: prefix }
}

export interface SeenContainer {
  container: ContainerWithKeys
  owner: boolean
}

/** A container, for its owner or for somebody with whom something in it is shared. */
export async function containerToSee(store: ObjectStore, userId: string, account: string, name: string): Promise<SeenContainer> {
  checkName('account', account)
  checkName('container', name)
  const owner = account === userId
  const container = await describeContainerWithKeys(store.db, account, name)
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
