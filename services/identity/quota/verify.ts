// Whether the ledger says what the projects grant, and making it so.
import type { Db } from '@synnefo/lib/sql'
import { syncLimits } from '../store/holdings.ts'
import { deleteHoldings, type LimitDifference, limitDifferences } from '../store/quota-lists.ts'

export type { LimitDifference } from '../store/quota-lists.ts'

/** Where they disagree; records that no project explains are told when `unexpected` is set. */
export const findLimitDifferences = (db: Db, options: { unexpected: boolean }): Promise<LimitDifference[]> =>
  limitDifferences(db, options)

const PROJECTS_AT_ONCE = 200
const HOLDINGS_AT_ONCE = 1000

export interface Repaired {
  /** Projects whose limits were written again. */
  projects: number
  deleted: number
  /** Unexplained records that stay, because commissions about them are pending. */
  kept: LimitDifference[]
}

/** Writes the granted limits and removes the records that no project explains, some at a time: usage goes on being counted meanwhile. */
export async function repairLimits(db: Db, differences: readonly LimitDifference[]): Promise<Repaired> {
  const projects = [...new Set(differences.flatMap(({ projectId }) => (projectId === null ? [] : [projectId])))]
  for (const some of slices(projects, PROJECTS_AT_ONCE)) await db.transaction((tx) => syncLimits(tx, some))
  const unexplained = differences.filter(({ projectId }) => projectId === null)
  const gone = new Set<string>()
  for (const some of slices(unexplained, HOLDINGS_AT_ONCE)) {
    const deleted = await db.transaction((tx) => deleteHoldings(tx, some))
    for (const holding of deleted) gone.add(nameOf(holding))
  }
  return {
    projects: projects.length,
    deleted: gone.size,
    kept: unexplained.filter((difference) => !gone.has(nameOf(difference))),
  }
}

const nameOf = ({ holder, source, resource }: { holder: string; source: string; resource: string }) =>
  `${holder} ${source} ${resource}`

function* slices<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size)
}
