// Many objects of one container change in one statement; what follows from that for the rest of the cloud follows here.
import { Fault } from '@synnefo/lib/fault'
import type { Sql, Tx } from '@synnefo/lib/sql'
import type { ObjectStore } from '../open.ts'
import { type Charge, chargedBytes } from '../quota.ts'
import { dropAttachedOfGone } from '../store/attached.ts'
import { changeMany, type ManyChanged } from '../store/change-many.ts'
import { type ContainerRow, describeContainer } from '../store/containers.ts'
import type { NamesIn } from '../store/names-in.ts'
import { PUBLISH_EVENTS } from './events.ts'
import { LEAVE_DOMAIN } from './manifest-leave.ts'

export interface ManyObjects {
  container: ContainerRow
  /** As `changeMany` takes them. */
  changes: Sql
  /** Where objects may go: what was attached to their paths goes with them. */
  leaving: NamesIn | undefined
  moving?: boolean
  /** Manifests stay those of the owner (`manifest-leave.ts`), as everything does that comes back to its own path. */
  keepsLeave?: boolean
}

/** The container is locked. What is to be charged is left to the caller, who may change two of them. */
export async function changeObjects(
  tx: Tx,
  store: ObjectStore,
  userId: string,
  { container, changes, leaving, moving, keepsLeave = true }: ManyObjects,
): Promise<{ changed: ManyChanged; charge: Charge }> {
  const { id, account, project, name } = container
  const tells = store.settings.PITHOS_EVENTS
  const chargesHistory = !store.settings.PITHOS_BACKEND_FREE_VERSIONING
  const events = !tells ? 'none' : moving ? 'move' : 'change'
  const changed = await changeMany(tx, {
    container,
    userId,
    changes,
    events,
    chargesHistory,
    without: keepsLeave ? undefined : LEAVE_DOMAIN,
  })
  if (changed.snapshot !== null)
    throw new Fault('forbidden', `The data of the snapshot ${JSON.stringify(changed.snapshot)} cannot be changed.`)
  if (container.quotaBytes > 0n && changed.bytes > 0n) {
    const used = (await describeContainer(tx, account, name))!.bytes
    if (used > container.quotaBytes) throw overContainerLimit(container, used - changed.bytes, changed.bytes)
  }
  if (leaving) await dropAttachedOfGone(tx, id, leaving)
  if (tells) tx.wakes(PUBLISH_EVENTS)
  tx.announces('objects', account)
  return { changed, charge: { account, project, bytes: chargedBytes(store, changed) } }
}

function overContainerLimit({ name, quotaBytes }: ContainerRow, used: bigint, requested: bigint): Fault {
  const details = `limit: ${quotaBytes} bytes, used: ${used}, requested: ${requested}`
  return new Fault('overLimit', `Container ${JSON.stringify(name)} would exceed its size limit.`, { details })
}
