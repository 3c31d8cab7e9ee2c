// The ledger for those who ask over HTTP and have no transaction of their own: requests that arrive together are
// settled in one, in the order in which they came. So a hundred people of one project wait for one flush to disk and
// not for each other, and each still gets an answer and a serial of his own, after the commit.
import { type Db, openGroupCommit } from '@synnefo/lib/sql'
import {
  type Answer,
  type CommissionRequest,
  type Order,
  type Resolution,
  type Resolved,
  resolvedIn,
  serialIn,
  settleOrders,
} from './commissions.ts'

export interface Ledger {
  /** As `issueCommission`, in a transaction shared with others. */
  issue(request: CommissionRequest): Promise<bigint>
  /** As `resolveCommissions`, in a transaction shared with others. */
  resolve(resolution: Resolution): Promise<Resolved>
}

export function openLedger(db: Db): Ledger {
  const settle = openGroupCommit<Order, Answer>({ db, work: settleOrders })
  return {
    issue: async (request) => serialIn(await settle({ issue: request })),
    resolve: async (resolution) => resolvedIn(await settle({ resolve: resolution })),
  }
}
