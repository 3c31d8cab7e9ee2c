// Whether the ledger counts what there is. A service says what it has, by person and by project; where the ledger says
// something else, the difference is told and can be made good. What a pending commission is about is left alone: its
// service will say what became of it.
import type { Tx } from '@synnefo/lib/sql'
import { lockHoldings } from '../store/holdings.ts'
import type { HeldRow } from '../store/quota-lists.ts'
import { issueCommission, type Provision } from './commissions.ts'

export interface UsageRecord {
  holder: Provision['holder']
  source: Provision['source']
}

export interface UsageDifference extends UsageRecord {
  /** What there is. */
  actual: bigint
  /** What the ledger says. */
  held: bigint
}

export interface UsageReport {
  differences: UsageDifference[]
  /** Records that the ledger does not have although something is there to be counted. */
  unknown: UsageRecord[]
  /** Records that pending commissions are about. */
  pending: UsageRecord[]
}

const keyOf = ({ holder, source }: { holder: string; source: string | null }) => `${holder} ${source ?? ''}`

/** Compares what there is with what is held; a record that is missing in `actual` has nothing. */
export function compareUsage(actual: readonly (UsageRecord & { quantity: bigint })[], held: readonly HeldRow[]): UsageReport {
  const left = new Map(actual.map((each) => [keyOf(each), each]))
  const report: UsageReport = { differences: [], unknown: [], pending: [] }
  for (const { holder, source, usageMin, usageMax } of held) {
    const record = { holder, source: source || null } as UsageRecord
    const quantity = left.get(keyOf(record))?.quantity ?? 0n
    left.delete(keyOf(record))
    if (usageMin !== usageMax) report.pending.push(record)
    else if (usageMax !== quantity) report.differences.push({ ...record, actual: quantity, held: usageMax })
  }
  report.unknown = [...left.values()].filter(({ quantity }) => quantity !== 0n).map(({ holder, source }) => ({ holder, source }))
  return report
}

/**
 * Makes the differences good in one commission, accepted at once. `compare` looks again once the records are locked, so
 * that what changed since is not undone. Answers what was changed.
 */
export async function repairUsage(
  tx: Tx,
  resource: string,
  found: readonly UsageRecord[],
  {
    force,
    compare,
    name = 'RECONCILE',
    component = 'astakos',
  }: { force: boolean; compare: () => Promise<UsageReport>; name?: string; component?: string },
): Promise<UsageDifference[]> {
  await lockHoldings(
    tx,
    found.map(({ holder, source }) => ({ holder, source: source ?? '', resource })),
  )
  const wanted = new Set(found.map(keyOf))
  const differences = (await compare()).differences.filter((difference) => wanted.has(keyOf(difference)))
  if (differences.length === 0) return []
  const provisions = differences.map(({ holder, source, actual, held }) => ({
    holder,
    source,
    resource,
    quantity: actual - held,
  }))
  await issueCommission(tx, { provisions, name, component, force, autoAccept: true })
  return differences
}
