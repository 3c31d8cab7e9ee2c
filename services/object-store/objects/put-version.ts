// The one way in which an object changes: a version takes the place of the current one, and everything that follows
// from that (history, statistics, quota, live pages) follows here.
import { Fault } from '@synnefo/lib/fault'
import { sql, type Tx } from '@synnefo/lib/sql'
import { checkMetadataCount } from '../metadata.ts'
import type { Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { type Charge, charge } from '../quota.ts'
import { type ContainerRow, describeContainer } from '../store/containers.ts'
import { type NewVersion, replaceVersion, type VersionRow } from '../store/versions.ts'
import { noteEvents } from './events.ts'

export interface PutVersion {
  place: Place
  container: ContainerRow
  /** What is there now; its name is locked. */
  current: VersionRow | undefined
  next: Omit<NewVersion, 'containerId' | 'name'>
  /** Charged together with the change itself, for operations on two places. */
  alsoCharge?: Charge
  /** One half of moving the object from one place to another. */
  moving?: boolean
}

export async function putVersion(tx: Tx, store: ObjectStore, change: PutVersion) {
  const { place, container, current, next, alsoCharge, moving } = change
  checkMetadataCount(next.metadata, store.settings.PITHOS_RESOURCE_MAX_METADATA)
  const bytes = next.sizeBytes - (current?.sizeBytes ?? 0n)
  if (container.quotaBytes > 0n && bytes > 0n) await checkContainerQuota(tx, container, bytes)
  const keepHistory = container.versioning === 'auto'
  const written = await replaceVersion(tx, current, keepHistory, { ...next, containerId: container.id, name: place.name })
  const charges = [{ account: container.account, project: container.project, bytes }, ...(alsoCharge ? [alsoCharge] : [])]
  const path = `${place.account}/${place.container}/${place.name}`
  const objectAction = next.state === 'deleted' ? 'object delete' : 'object update'
  await noteEvents(tx, store, [
    {
      account: container.account,
      userId: next.modifiedBy,
      path,
      action: moving ? 'object move' : objectAction,
      objectAction,
      versions: [written.id],
      bytes,
    },
  ])
  await charge(tx, path, charges)
  tx.announces('objects', container.account)
  return written
}

/** Writers of a limited container wait for each other here, so that together they cannot pass the limit. */
async function checkContainerQuota(tx: Tx, { id, account, name, quotaBytes }: ContainerRow, bytes: bigint): Promise<void> {
  await tx.run(sql`SELECT FROM object_store.containers WHERE id = ${id} FOR NO KEY UPDATE`)
  const used = (await describeContainer(tx, account, name))?.bytes ?? 0n
  if (used + bytes <= quotaBytes) return
  const details = `limit: ${quotaBytes} bytes, used: ${used}, requested: ${bytes}`
  throw new Fault('overLimit', `Container ${JSON.stringify(name)} would exceed its size limit.`, { details })
}

/** Data of a snapshot belongs to the volume service. */
export function refuseSnapshotData(current: VersionRow | undefined): void {
  if (current?.isSnapshot) throw new Fault('forbidden', 'The data of a snapshot cannot be changed.')
}
