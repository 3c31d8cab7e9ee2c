// What accounts use is kept by the identity service, in the transaction that changes it.
import { issueCommission } from '@synnefo/identity'
import type { Tx } from '@synnefo/lib/sql'

export const DISKSPACE = 'pithos.diskspace'

export interface Charge {
  account: string
  project: string
  /** Negative gives back. */
  bytes: bigint
}

/** Charges the owner of the place, whoever writes. Throws `overLimit`. Called last: the records it locks are hot. */
export async function charge(tx: Tx, name: string, charges: readonly Charge[]): Promise<void> {
  const provisions = charges
    .filter(({ bytes }) => bytes !== 0n)
    .flatMap(({ account, project, bytes }) => [
      { holder: `user:${account}` as const, source: `project:${project}` as const, resource: DISKSPACE, quantity: bytes },
      { holder: `project:${project}` as const, source: null, resource: DISKSPACE, quantity: bytes },
    ])
  if (provisions.length > 0) await issueCommission(tx, { name, provisions, autoAccept: true, component: 'pithos' })
}
