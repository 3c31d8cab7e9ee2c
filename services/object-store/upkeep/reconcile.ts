// Whether the quota service counts what the object store has. Every change here issues its commission, accepted at once,
// in the transaction that records it: there is nothing to resolve. The comparison tells where that was not so: usage
// that was counted otherwise before, and commissions of installations that were taken over.
import {
  compareUsage,
  heldOf,
  pendingCommissions,
  repairUsage,
  resolveCommissions,
  type UsageDifference,
  type UsageRecord,
  type UsageReport,
} from '@synnefo/identity'
import type { Queryable } from '@synnefo/lib/sql'
import type { ObjectStore } from '../open.ts'
import { DISKSPACE } from '../quota.ts'
import { chargedUsage, commissionSerials, forgetSerials } from '../store/usage.ts'

export interface ReconcileOnly {
  user?: string | undefined
  project?: string | undefined
}

/**
 * Compares per person and project, and per project. Of one person alone only his own records are compared: those of
 * projects count what everybody has.
 */
export async function compareDiskspace(
  q: Queryable,
  { settings }: Pick<ObjectStore, 'settings'>,
  { user, project }: ReconcileOnly = {},
): Promise<UsageReport> {
  const used = await chargedUsage(q, { account: user, project }, { history: !settings.PITHOS_BACKEND_FREE_VERSIONING })
  const actual: (UsageRecord & { quantity: bigint })[] = used.map(({ account, project: source, bytes }) => ({
    holder: `user:${account}`,
    source: `project:${source}`,
    quantity: bytes,
  }))
  const held = await heldOf(q, DISKSPACE, { project })
  if (user !== undefined)
    return compareUsage(
      actual,
      held.filter(({ holder }) => holder === `user:${user}`),
    )
  const ofProjects = new Map<string, bigint>()
  for (const { project: of, bytes } of used) ofProjects.set(of, (ofProjects.get(of) ?? 0n) + bytes)
  for (const [of, quantity] of ofProjects) actual.push({ holder: `project:${of}`, source: null, quantity })
  return compareUsage(actual, held)
}

/** Makes the quota service count what there is. What changes meanwhile is counted as it changes. Answers what was changed. */
export function repairDiskspace(
  store: ObjectStore,
  found: readonly UsageDifference[],
  { force, ...only }: ReconcileOnly & { force: boolean },
): Promise<UsageDifference[]> {
  const name = `client: reconcile-resources-pithos, time: ${new Date().toISOString()}`
  return store.db.transaction((tx) =>
    repairUsage(tx, DISKSPACE, found, { force, name, component: 'pithos', compare: () => compareDiskspace(tx, store, only) }),
  )
}

/** Commissions of requests under way are younger. */
const UNDER_WAY_SECONDS = 60

export interface ReconciledCommissions {
  pending: bigint[]
  accepted: bigint[]
  rejected: bigint[]
  /** Not pending any more when they were to be resolved. */
  failed: bigint[]
}

/** What became of commissions that the quota service waits for: those on record here took place, the others did not. */
export function reconcileCommissions(store: ObjectStore, { fix }: { fix: boolean }): Promise<ReconciledCommissions> {
  return store.db.transaction(async (tx) => {
    const pending = await pendingCommissions(tx, 'pithos', { olderThanSeconds: UNDER_WAY_SECONDS })
    if (!fix) return { pending, accepted: [], rejected: [], failed: [] }
    const recorded = (await commissionSerials(tx)).map(({ serial }) => serial)
    const accept = pending.filter((serial) => recorded.includes(serial))
    const reject = pending.filter((serial) => !recorded.includes(serial))
    const { accepted, rejected, unknown } = await resolveCommissions(tx, { accept, reject, component: 'pithos' })
    const awaited = new Set(await pendingCommissions(tx, 'pithos'))
    await forgetSerials(
      tx,
      recorded.filter((serial) => !awaited.has(serial)),
    )
    return { pending, accepted, rejected, failed: unknown }
  })
}
