import { quotasOf } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { notAllowed } from './access.ts'
import { changeGroups, type GroupChange, type Groups } from './groups.ts'
import { changedMetadata, checkMetadataCount, type MetadataChange } from './metadata.ts'
import { checkName } from './names.ts'
import type { ObjectStore } from './open.ts'
import { containersAt } from './past.ts'
import { DISKSPACE } from './quota.ts'
import { type AccountFacts, addAccount, describeAccount, findAccount, lockAccount, setAccountMetadata } from './store/accounts.ts'
import { type ContainerFacts, listContainers, namesOfContainersThat } from './store/containers.ts'
import { listGroups } from './store/groups.ts'
import { describeAccountAt, type PastContainer } from './store/past.ts'
import { listSharers, sharesWith } from './store/permissions.ts'

/** The account of a person, made when its owner first comes. */
export async function ensureAccount(store: ObjectStore, userId: string): Promise<void> {
  if (!(await findAccount(store.db, userId))) await addAccount(store.db, userId)
}

export interface ShownAccount {
  facts: AccountFacts
  /** What the quota service says, by project; only for the owner. */
  quotas: { project: string; limit: bigint; usage: bigint }[] | undefined
  /** Only for the owner. */
  groups: Groups
  /** Its latest change before the moment it was asked for; undefined: it is shown as it is. */
  untilAt: Date | undefined
}

/** An account, for its owner or for somebody with whom something in it is shared; as it was at a moment, for its owner. */
export async function showAccount(store: ObjectStore, userId: string, account: string, until?: number): Promise<ShownAccount> {
  checkName('account', account)
  if (account !== userId) {
    if (until !== undefined) throw notAllowed()
    const facts = (await sharesWith(store.db, account, userId)).answer ? await describeAccount(store.db, account) : undefined
    if (!facts) throw notAllowed()
    return { facts, quotas: undefined, groups: new Map(), untilAt: undefined }
  }
  await ensureAccount(store, userId)
  const facts = (await describeAccount(store.db, account))!
  const quotas = (await quotasOf(store.db, userId)).filter(({ resource }) => resource === DISKSPACE)
  const groups = new Map((await listGroups(store.db, userId)).map(({ name, members }) => [name, members]))
  if (until === undefined) return { facts, quotas, groups, untilAt: undefined }
  const { untilAt, ...past } = await describeAccountAt(store.db, account, until)
  return { facts: { ...facts, ...past }, quotas, groups, untilAt: untilAt ?? new Date(until * 1000) }
}

export interface ContainersQuery {
  marker: string
  limit: number
  /** Only containers of these names. */
  names: readonly string[] | undefined
  /** Only containers in which something is shared. */
  shared: boolean
  /** Only containers in which something is published; with `shared`, either. */
  published: boolean
  /** As they were at this moment (seconds since 1970); undefined: as they are. */
  until: number | undefined
}

/** Containers in order of name: one's own, or those of another that hold something shared with the caller. */
export async function containersOf(
  store: ObjectStore,
  userId: string,
  account: string,
  query: ContainersQuery,
): Promise<(ContainerFacts | PastContainer)[]> {
  const { marker, limit, shared, published, until } = query
  if (marker.includes('\0') || !marker.isWellFormed()) throw new Fault('badRequest', 'Names hold no NUL character.')
  if (account !== userId) {
    if (published || until !== undefined) throw notAllowed()
    return listContainers(store.db, account, { marker, limit, visibleTo: userId })
  }
  const names =
    shared || published ? await namesOfContainersThat(store.db, account, { share: shared, publish: published }) : query.names
  const page = { marker, limit, names: query.names ? names?.filter((name) => query.names!.includes(name)) : names }
  return until === undefined ? listContainers(store.db, account, page) : containersAt(store, userId, account, { ...page, until })
}

export interface AccountChange {
  metadata: MetadataChange | undefined
  groups: GroupChange | undefined
}

/** All of it or nothing. */
export async function updateAccount(
  store: ObjectStore,
  userId: string,
  account: string,
  { metadata: change, groups }: AccountChange,
): Promise<void> {
  checkName('account', account)
  if (account !== userId) throw notAllowed()
  await ensureAccount(store, userId)
  if (!change && !groups) return
  await store.db.transaction(async (tx) => {
    const before = (await lockAccount(tx, account)).metadata
    if (change) {
      const metadata = changedMetadata(before, change)
      checkMetadataCount(metadata, store.settings.PITHOS_RESOURCE_MAX_METADATA)
      await setAccountMetadata(tx, account, metadata)
    }
    if (groups) await changeGroups(tx, store, account, groups)
  })
}

/** Other people's accounts in which something is shared with the caller. */
export function accountsSharingWith(store: ObjectStore, userId: string, page: { marker: string; limit: number }) {
  return listSharers(store.db, userId, page)
}
