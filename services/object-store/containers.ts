import { quotasOf } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { noContainer, notAllowed } from './access.ts'
import { ensureAccount } from './accounts.ts'
import { changedMetadata, checkMetadataCount, type MetadataChange } from './metadata.ts'
import { checkName } from './names.ts'
import type { ObjectStore } from './open.ts'
import { charge, chargedBytes, DISKSPACE } from './quota.ts'
import * as containers from './store/containers.ts'

/** What a request sets; a policy that is missing stays as it is, or gets its default in a new container. */
export interface PolicyChange {
  quotaBytes?: bigint
  versioning?: 'auto' | 'none'
  project?: string
}

export interface ContainerChange {
  policy: PolicyChange
  metadata: MetadataChange | undefined
}

export function defaultPolicy({ settings }: ObjectStore, account: string): Required<PolicyChange> {
  return {
    quotaBytes: BigInt(settings.PITHOS_BACKEND_CONTAINER_QUOTA),
    versioning: settings.PITHOS_BACKEND_VERSIONING,
    project: account, // the person's own project has the person's id
  }
}

/** Creates the container, or changes the one that is there. Answers whether it is new. */
export async function putContainer(
  store: ObjectStore,
  userId: string,
  account: string,
  name: string,
  change: ContainerChange,
): Promise<boolean> {
  checkName('account', account)
  checkName('container', name)
  if (account !== userId) throw notAllowed()
  await ensureAccount(store, userId)
  return store.db.transaction(async (tx) => {
    const policy = { ...defaultPolicy(store, account), ...change.policy }
    await checkProject(tx, userId, policy.project)
    const metadata = change.metadata ? changedMetadata({}, change.metadata) : {}
    checkMetadataCount(metadata, store.settings.PITHOS_RESOURCE_MAX_METADATA)
    const added = await containers.addContainer(tx, { account, name, ...policy, metadata })
    if (!added) await changeContainer(tx, store, userId, await existing(tx, account, name), change)
    tx.announces('objects', account)
    return added !== undefined
  })
}

export async function updateContainer(
  store: ObjectStore,
  userId: string,
  account: string,
  name: string,
  change: ContainerChange,
): Promise<void> {
  checkName('account', account)
  checkName('container', name)
  if (account !== userId) throw notAllowed()
  await store.db.transaction(async (tx) => {
    await changeContainer(tx, store, userId, await existing(tx, account, name), change)
    tx.announces('objects', account)
  })
}

async function existing(tx: Tx, account: string, name: string): Promise<containers.ContainerRow> {
  const container = await containers.lockContainer(tx, account, name)
  if (!container) throw noContainer(name)
  return container
}

async function changeContainer(
  tx: Tx,
  store: ObjectStore,
  userId: string,
  container: containers.ContainerRow,
  { policy, metadata: change }: ContainerChange,
): Promise<void> {
  const metadata = change ? changedMetadata(container.metadata, change) : container.metadata
  checkMetadataCount(metadata, store.settings.PITHOS_RESOURCE_MAX_METADATA)
  const changed = { ...container, ...policy, metadata }
  await containers.updateContainer(tx, container, changed)
  if (changed.project === container.project) return
  await checkProject(tx, userId, changed.project)
  const { account, name } = container
  const bytes = chargedBytes(store, {
    bytes: (await containers.describeContainer(tx, account, name))!.bytes,
    historyBytes: await containers.historyBytesIn(tx, container.id),
  })
  await charge(tx, `${account}/${name}`, [
    { account, project: changed.project, bytes },
    { account, project: container.project, bytes: -bytes },
  ])
}

/** The quota service would refuse the first upload; better to say so now. */
async function checkProject(tx: Tx, userId: string, project: string): Promise<void> {
  if (project === userId) return
  const quotas = await quotasOf(tx, userId)
  if (!quotas.some((quota) => quota.project === project && quota.resource === DISKSPACE))
    throw new Fault('forbidden', `You are no member of project ${project}.`)
}

/** Removes an empty container with all history in it. */
export async function deleteContainer(store: ObjectStore, userId: string, account: string, name: string): Promise<void> {
  checkName('account', account)
  checkName('container', name)
  if (account !== userId) throw notAllowed()
  await store.db.transaction(async (tx) => {
    const container = await existing(tx, account, name)
    if ((await containers.hasObjects(tx, container.id)).answer)
      throw new Fault('conflict', `Container ${JSON.stringify(name)} is not empty.`)
    await removeEmpty(tx, store, container)
  })
}

/** The container is locked and holds no object. History that was charged is given back. */
export async function removeEmpty(tx: Tx, store: ObjectStore, container: containers.ContainerRow): Promise<void> {
  const { account, name, project } = container
  const bytes = -chargedBytes(store, { bytes: 0n, historyBytes: await containers.historyBytesIn(tx, container.id) })
  await containers.removeContainer(tx, container)
  await charge(tx, `${account}/${name}`, [{ account, project, bytes }])
  tx.announces('objects', account)
}
