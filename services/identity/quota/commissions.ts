// The two-phase ledger. A commission is issued in the transaction that records what is intended, and accepted or
// rejected there or in the one that records what became of it. Issuing checks the limits; resolving cannot fail.
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import * as store from '../store/commissions.ts'
import { type HoldingRow, lockHoldings } from '../store/holdings.ts'
import { change, type Shortage, type Step, shortage } from './arithmetic.ts'

export type Holder = `user:${string}` | `project:${string}`

export interface Provision {
  holder: Holder
  /** The project that a person uses; null for the project's own record. */
  source: `project:${string}` | null
  resource: string
  /** Positive takes, negative gives back. */
  quantity: bigint
}

export interface CommissionRequest {
  provisions: readonly Provision[]
  /** What it is for, to whoever has to look into a pending one. */
  name?: string
  /** Takes beyond limits. Nothing can be given back that is not held, forced or not. */
  force?: boolean
  /** Issue and accept in one: the commission is never pending. */
  autoAccept?: boolean
  /** Whose commission it is: only this component sees and resolves it over HTTP. */
  component?: string
}

/**
 * Reserves quantities and answers the serial to resolve later. All or nothing: throws `overLimit`, or `itemNotFound`
 * for a holding that does not exist, with `data` that names the provision.
 */
export async function issueCommission(tx: Tx, request: CommissionRequest): Promise<bigint> {
  const { name = '', force = false, autoAccept = false, component = 'astakos' } = request
  const provisions = summed(request.provisions)
  const held = new Map<string, HoldingRow>()
  for (const holding of await lockHoldings(tx, provisions.map(keyed))) held.set(keyOf(holding), holding)
  const issued = provisions.map((provision) => {
    const holding = held.get(keyOf(keyed(provision)))
    if (!holding) throw noHolding(provision)
    const short = shortage(holding, provision.quantity, force)
    if (short) throw overLimit(provision, short)
    return { id: holding.id, quantity: provision.quantity, ...change('issue', provision.quantity) }
  })
  if (!autoAccept) return store.insertCommission(tx, { component, name, provisions: issued })
  const serial = await store.nextSerial(tx)
  const accepted = issued.map(({ id, quantity }) => ({ id, quantity, min: quantity, max: quantity, reason: 'ACCEPT:auto' }))
  await store.moveAndLog(tx, { serial, name, issuedAt: new Date() }, accepted)
  return serial
}

/** What was reserved is used from now on. Throws `itemNotFound` when the commission is not pending. */
export const acceptCommission = (tx: Tx, serial: bigint, component?: string) => resolve(tx, 'accept', serial, component)

/** What was reserved is free again. Throws `itemNotFound` when the commission is not pending. */
export const rejectCommission = (tx: Tx, serial: bigint, component?: string) => resolve(tx, 'reject', serial, component)

async function resolve(tx: Tx, step: Step, serial: bigint, component: string | undefined): Promise<void> {
  const commission = await store.takeCommission(tx, serial, component)
  if (!commission) throw new Fault('itemNotFound', `serial ${serial} does not exist`)
  const provisions = commission.holdingIds.map((id, at) => {
    const quantity = commission.quantities[at]!
    return { id, quantity, ...change(step, quantity), reason: `${step.toUpperCase()}:${commission.name}` }
  })
  const moved = await store.moveAndLog(tx, commission, provisions)
  if (moved !== provisions.length) throw new Error(`commission ${serial} names ${provisions.length} holdings and ${moved} exist`)
}

/** Serials of the component's pending commissions, oldest first. */
export async function pendingCommissions(db: Queryable, component: string): Promise<bigint[]> {
  const rows = await store.pendingSerials(db, component)
  return rows.map(({ serial }) => serial)
}

export interface PendingCommission {
  serial: bigint
  name: string
  issuedAt: Date
  provisions: Provision[]
}

/** One pending commission of the component, or undefined. */
export async function describeCommission(
  db: Queryable,
  serial: bigint,
  component: string,
): Promise<PendingCommission | undefined> {
  const commission = await store.findCommission(db, serial, component)
  if (!commission) return undefined
  const provisions = (await store.provisionsOf(db, serial)).map(
    ({ holder, source, resource, quantity }) => ({ holder, source: source || null, resource, quantity }) as Provision,
  )
  return { serial, name: commission.name, issuedAt: commission.issuedAt, provisions }
}

const keyed = ({ holder, source, resource }: Provision) => ({ holder, source: source ?? '', resource })
const keyOf = ({ holder, source, resource }: { holder: string; source: string; resource: string }) =>
  `${holder}\n${source}\n${resource}`

/** Provisions of the same record count together; what comes to nothing is left out. */
function summed(provisions: readonly Provision[]): Provision[] {
  const sums = new Map<string, Provision>()
  for (const provision of provisions) {
    const key = keyOf(keyed(provision))
    sums.set(key, { ...provision, quantity: provision.quantity + (sums.get(key)?.quantity ?? 0n) })
  }
  return [...sums.values()].filter(({ quantity }) => quantity !== 0n)
}

function noHolding(provision: Provision): Fault {
  const { holder, source, resource } = provision
  const message = `There is no such holding ${holder} of ${resource}${source ? ` in ${source}` : ''}.`
  return new Fault('itemNotFound', message, { data: { name: 'NoHoldingError', provision: { ...provision } } })
}

function overLimit(provision: Provision, { name, limit, usage }: Shortage): Fault {
  const { holder, source, resource, quantity } = provision
  const refused =
    name === 'NoCapacityError'
      ? `${holder} has not enough capacity of ${resource}.`
      : `${holder} attempts to release more ${resource} than it contains.`
  const details = `resource: ${resource}, limit: ${limit}, usage: ${usage}, requested: ${quantity}, project: ${(source ?? holder).replace('project:', '')}`
  return new Fault('overLimit', refused, { details, data: { name, limit, usage, provision: { ...provision } } })
}
