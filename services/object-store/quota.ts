// What accounts use is kept by the identity service, in the transaction that changes it.
import { issueCommission, lockLedger, type Provision } from '@synnefo/identity'
import type { Tx } from '@synnefo/lib/sql'
import type { ObjectStore } from './open.ts'

export const DISKSPACE = 'pithos.diskspace'

export interface Charge {
  account: string
  project: string
  /** Negative gives back. */
  bytes: bigint
}

/** What of a change is charged: the bytes of what is current, and of history where the cloud does not give it for free. */
export function chargedBytes(
  { settings }: Pick<ObjectStore, 'settings'>,
  { bytes, historyBytes }: { bytes: bigint; historyBytes: bigint },
): bigint {
  return settings.PITHOS_BACKEND_FREE_VERSIONING ? bytes : bytes + historyBytes
}

/** Charges the owner of the place, whoever writes. Throws `overLimit`, unless it is forced. Called last: the records it locks are hot. */
export async function charge(
  tx: Tx,
  name: string,
  charges: readonly Charge[],
  { force = false }: { force?: boolean } = {},
): Promise<void> {
  const provisions = provisionsOf(charges)
  if (provisions.length > 0) await issueCommission(tx, { name, provisions, force, autoAccept: true, component: COMPONENT })
}

/** The records of these, for one who charges many times in a transaction. */
export async function openCharges(tx: Tx, records: readonly Omit<Charge, 'bytes'>[]) {
  const ledger =
    records.length > 0 ? await lockLedger(tx, provisionsOf(records.map((each) => ({ ...each, bytes: 1n })))) : undefined
  return {
    /** As `charge`: what is refused changes nothing. */
    charge(name: string, charges: readonly Charge[]): void {
      const provisions = provisionsOf(charges)
      if (provisions.length > 0) ledger!.issue({ name, provisions, autoAccept: true, component: COMPONENT })
    },
    write: async () => ledger?.write(),
  }
}

export type Charges = Awaited<ReturnType<typeof openCharges>>

const COMPONENT = 'pithos'

function provisionsOf(charges: readonly Charge[]): Provision[] {
  return charges
    .filter(({ bytes }) => bytes !== 0n)
    .flatMap(({ account, project, bytes }) => [
      { holder: `user:${account}`, source: `project:${project}`, resource: DISKSPACE, quantity: bytes },
      { holder: `project:${project}`, source: null, resource: DISKSPACE, quantity: bytes },
    ])
}
