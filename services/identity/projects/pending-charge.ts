// A pending application takes one `astakos.pending_app` from its applicant, in the applicant's system project.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { issueCommission, type Provision } from '../quota/commissions.ts'

export const PENDING_APP = 'astakos.pending_app'

function provisions(applicant: string, quantity: bigint): Provision[] {
  return [
    { holder: `user:${applicant}`, source: `project:${applicant}`, resource: PENDING_APP, quantity },
    { holder: `project:${applicant}`, source: null, resource: PENDING_APP, quantity },
  ]
}

/** Throws `conflict` when the person has as many pending applications as he may have; `force` goes beyond. */
export async function chargePending(tx: Tx, applicant: string, name: string, force: boolean): Promise<void> {
  try {
    await issueCommission(tx, { provisions: provisions(applicant, 1n), name, force, autoAccept: true })
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'overLimit') throw error
    const text = 'You have as many pending project applications as you may have. Wait for a decision, or cancel one.'
    throw new Fault('conflict', text, { cause: error })
  }
}

/**
 * An application must be decidable also when the ledger lost its charge: then the difference is logged, and
 * `reconcile-resources-astakos` finds it.
 */
export async function releasePending({ log }: Identity, tx: Tx, applicant: string, name: string): Promise<void> {
  try {
    await issueCommission(tx, { provisions: provisions(applicant, -1n), name, autoAccept: true })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    log.warn({ applicant, name, error }, 'a decided application had not been charged')
  }
}
