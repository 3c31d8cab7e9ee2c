// What operators do with whole accounts. Each in one transaction, with the quota of everybody whom it concerns.
import { audit } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { noContainer } from '../access.ts'
import { newLinkId } from '../links.ts'
import { noteEvents } from '../objects/events.ts'
import type { ObjectStore } from '../open.ts'
import { type Charge, charge } from '../quota.ts'
import { addContainer, type ContainerRow, lockContainer, updateContainer } from '../store/containers.ts'
import { mendStatistics } from '../store/fsck.ts'
import { bytesOf } from '../store/ground.ts'
import { insertLink } from '../store/links.ts'
import { chargedUsage } from '../store/usage.ts'
import * as whole from '../store/whole-accounts.ts'

class OnlyTried extends Error {}

/** Does it, or finds out whether it could be done and changes nothing. */
async function doOrTry(store: ObjectStore, dry: boolean, work: (tx: Tx) => Promise<void>): Promise<void> {
  try {
    await store.db.transaction(
      async (tx) => {
        await work(tx)
        if (dry) throw new OnlyTried()
      },
      { patient: true },
    )
  } catch (error) {
    if (!(error instanceof OnlyTried)) throw error
  }
}

function noAccount(id: string): Fault {
  return new Fault('itemNotFound', `There is no account '${id}'`)
}

const note = (tx: Tx, action: string, account: string, details: Record<string, unknown> = {}) =>
  audit(tx, { service: 'object-store', actor: 'pithos-manage-accounts', action, target: `account:${account}`, details })

/** Removes an account with its containers, their objects and all that they ever were. */
export function deleteAccount(store: ObjectStore, account: string, { dry }: { dry: boolean }): Promise<void> {
  return doOrTry(store, dry, async (tx) => {
    if ((await whole.lockAccounts(tx, [account])).length === 0) throw noAccount(account)
    const containers = await whole.lockContainersOf(tx, [account])
    const before = await usedBy(tx, store, [account])
    await whole.removeAccount(
      tx,
      account,
      containers.map(({ id }) => id),
    )
    await noteEvents(
      tx,
      store,
      containers.map(({ name }) => ({ account, userId: account, path: `${account}/${name}`, action: 'container purge' })),
    )
    await note(tx, 'account-delete', account, { containers: containers.length })
    tx.announces('objects', account)
    await charge(
      tx,
      `delete ${account}`,
      before.map((each) => ({ ...each, bytes: -each.bytes })),
    )
  })
}

const usedBy = async (tx: Tx, { settings }: ObjectStore, accounts: readonly string[]): Promise<Charge[]> => {
  const history = !settings.PITHOS_BACKEND_FREE_VERSIONING
  const all = await Promise.all(accounts.map((account) => chargedUsage(tx, { account }, { history })))
  return all.flat()
}

/** Pours everything of one account into another: objects with their past, permissions and links. The source stays, empty, with its groups. */
export function mergeAccounts(
  store: ObjectStore,
  { source, destination }: { source: string; destination: string },
  { dry }: { dry: boolean },
): Promise<void> {
  if (source === destination) throw new Fault('badRequest', 'Source and destination are one account')
  return doOrTry(store, dry, async (tx) => {
    const found = new Set((await whole.lockAccounts(tx, [source, destination])).map(({ id }) => id))
    for (const account of [source, destination]) if (!found.has(account)) throw noAccount(account)
    const containers = await whole.lockContainersOf(tx, [source, destination])
    const before = await usedBy(tx, store, [source, destination])
    const touched: bigint[] = []
    for (const from of containers.filter(({ account }) => account === source)) {
      const to = await destinationOf(tx, containers, from, destination)
      await pour(tx, store, from, to)
      touched.push(from.id, to.id)
    }
    await whole.copyGroups(tx, source, destination)
    await whole.touch(tx, touched, [source, destination])
    for (const id of touched) await mendStatistics(tx, id)
    await checkLimits(tx, destination)
    await note(tx, 'account-merge', destination, { source })
    tx.announces('objects', source, destination)
    const after = await usedBy(tx, store, [source, destination])
    await charge(tx, `merge ${source} into ${destination}`, [
      ...before.map((each) => ({ ...each, bytes: -each.bytes })),
      ...after,
    ])
  })
}

async function destinationOf(
  tx: Tx,
  containers: readonly ContainerRow[],
  { name, versioning, quotaBytes, metadata }: ContainerRow,
  account: string,
): Promise<ContainerRow> {
  const there = containers.find((each) => each.account === account && each.name === name)
  if (there) return there
  await addContainer(tx, { account, name, versioning, quotaBytes, metadata, project: account })
  return (await lockContainer(tx, account, name))!
}

async function pour(tx: Tx, { settings }: ObjectStore, from: ContainerRow, to: ContainerRow): Promise<void> {
  const pouring = { from: from.id, to: to.id, keepsHistory: to.versioning === 'auto', by: to.account }
  await whole.pourVersions(tx, pouring)
  await whole.pourPermissions(tx, pouring, { source: from.account, destination: to.account })
  for (const { name, expiresAt, passwordHash, downloadsLeft } of await whole.takeLinks(tx, pouring)) {
    const limits = { expiresAt, passwordHash, downloads: downloadsLeft }
    const { PITHOS_PUBLIC_URL_SECURITY: bytes, PITHOS_PUBLIC_URL_ALPHABET: alphabet } = settings
    while (!(await insertLink(tx, to.id, name, newLinkId(bytes, alphabet), limits)));
  }
}

async function checkLimits(tx: Tx, account: string): Promise<void> {
  const limited = (await whole.lockContainersOf(tx, [account])).filter(({ quotaBytes }) => quotaBytes > 0n)
  const used = new Map(
    (
      await bytesOf(
        tx,
        limited.map(({ id }) => id),
      )
    ).map(({ containerId, bytes }) => [containerId, bytes]),
  )
  const over = limited.find(({ id, quotaBytes }) => (used.get(id) ?? 0n) > quotaBytes)
  if (over) throw new Fault('overLimit', `Container '${over.name}' of ${account} would exceed its size limit.`)
}

/** Sets the size limit of one container. */
export function limitContainer(
  store: ObjectStore,
  { account, container, quotaBytes }: { account: string; container: string; quotaBytes: bigint },
  { dry }: { dry: boolean },
): Promise<void> {
  return doOrTry(store, dry, async (tx) => {
    const found = await lockContainer(tx, account, container)
    if (!found) throw noContainer(container)
    await updateContainer(tx, found, { ...found, quotaBytes })
    await note(tx, 'container-quota', account, { container, quotaBytes: String(quotaBytes) })
    tx.announces('objects', account)
  })
}
