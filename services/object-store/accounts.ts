import { quotasOf } from '@synnefo/identity'
import { notAllowed } from './access.ts'
import { changeGroups, type GroupChange, type Groups } from './groups.ts'
import { changedMetadata, checkMetadataCount, type MetadataChange } from './metadata.ts'
import { checkName } from './names.ts'
import type { ObjectStore } from './open.ts'
import { DISKSPACE } from './quota.ts'
import { type AccountFacts, addAccount, describeAccount, findAccount, lockAccount, setAccountMetadata } from './store/accounts.ts'
import { type ContainerFacts, listContainers } from './store/containers.ts'
import { listGroups } from './store/groups.ts'
import { describeAccountAt } from './store/past.ts'
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

/** Containers in order of name: all of one's own, or those of another that hold something shared with the caller. */
export function containersOf(
  store: ObjectStore,
  userId: string,
  account: string,
  page: { marker: string; limit: number; names?: readonly string[] },
): Promise<ContainerFacts[]> {
  return listContainers(store.db, account, account === userId ? page : { ...page, visibleTo: userId })
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
