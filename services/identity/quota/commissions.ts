// The two-phase ledger. A commission is issued in the transaction that records what is intended, and accepted or
// rejected there or in the one that records what became of it. Issuing checks the limits; resolving cannot fail.
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import * as store from '../store/commissions.ts'
import { lockHoldings } from '../store/holdings.ts'
import { type Book, type CommissionRequest, keyed, openBook, type Provision, type Resolution, type Resolved } from './decide.ts'

export type { CommissionRequest, Holder, Provision, Resolution, Resolved } from './decide.ts'

/** One thing that is asked of the ledger. */
export type Order = { issue: CommissionRequest } | { resolve: Resolution }

/** A serial, or what became of each of the serials. */
export type Answer = { serial: bigint } | { resolved: Resolved }

/**
 * Does what is asked, in this order, all of it in the caller's transaction. Everything is locked first, commissions
 * before holdings and each in one order for all, so that transactions wait for each other and never in a circle.
 */
export async function settleOrders(tx: Tx, orders: readonly Order[]): Promise<PromiseSettledResult<Answer>[]> {
  const serials = orders.flatMap((order) =>
    'resolve' in order ? [...(order.resolve.accept ?? []), ...(order.resolve.reject ?? [])] : [],
  )
  const commissions = serials.length === 0 ? [] : await store.lockCommissions(tx, [...new Set(serials)])
  const provisions = orders.flatMap((order) => ('issue' in order ? order.issue.provisions : []))
  const holdings = await lockHoldings(
    tx,
    provisions.map(keyed),
    commissions.flatMap(({ holdingIds }) => holdingIds),
  )
  const book = openBook(holdings, commissions)
  const decisions = orders.map((order) => decide(book, order))
  const changes = book.changes()
  if (changes.opened.length + changes.closed.length === 0) return decisions.map(({ answer }) => answer([]))
  const opened = await store.writeLedger(tx, changes)
  return decisions.map(({ answer }) => answer(opened))
}

/** What is answered to the order once its serial is known. */
interface Decision {
  answer(opened: readonly bigint[]): PromiseSettledResult<Answer>
}

function decide(book: Book, order: Order): Decision {
  try {
    if ('issue' in order) {
      const place = book.issue(order.issue)
      return { answer: (opened) => ({ status: 'fulfilled', value: { serial: opened[place - 1]! } }) }
    }
    const resolved = book.resolve(order.resolve)
    return { answer: () => ({ status: 'fulfilled', value: { resolved } }) }
  } catch (reason) {
    return { answer: () => ({ status: 'rejected', reason }) }
  }
}

/** Records of the ledger, locked until commit. */
export interface LockedLedger {
  /** As `issueCommission`, decided at once against what was issued here before. Throws and changes nothing. */
  issue(request: CommissionRequest): void
  /** Writes what was issued. */
  write(): Promise<void>
}

/**
 * For a service that decides about many of its own things in one transaction, one after the other, and has each refused
 * or granted before it looks at the next. The records are all that commissions issued here can be about.
 */
export async function lockLedger(
  tx: Tx,
  records: readonly Pick<Provision, 'holder' | 'source' | 'resource'>[],
): Promise<LockedLedger> {
  const book = openBook(await lockHoldings(tx, records.map(keyed)), [])
  return {
    issue: (request) => void book.issue(request),
    async write() {
      const changes = book.changes()
      if (changes.opened.length > 0) await store.writeLedger(tx, changes)
    },
  }
}

async function settleOne(tx: Tx, order: Order): Promise<Answer> {
  const [outcome] = await settleOrders(tx, [order])
  if (outcome!.status === 'rejected') throw outcome!.reason
  return outcome!.value
}

/**
 * Reserves quantities and answers the serial to resolve later. All or nothing: throws `overLimit`, or `itemNotFound`
 * for a holding that does not exist, with `data` that names the provision.
 */
export async function issueCommission(tx: Tx, request: CommissionRequest): Promise<bigint> {
  return serialIn(await settleOne(tx, { issue: request }))
}

/** What was reserved is used from now on. Throws `itemNotFound` when the commission is not pending. */
export async function acceptCommission(tx: Tx, serial: bigint, component?: string): Promise<void> {
  mustBeResolved(await resolveCommissions(tx, { accept: [serial], ...(component === undefined ? {} : { component }) }))
}

/** What was reserved is free again. Throws `itemNotFound` when the commission is not pending. */
export async function rejectCommission(tx: Tx, serial: bigint, component?: string): Promise<void> {
  mustBeResolved(await resolveCommissions(tx, { reject: [serial], ...(component === undefined ? {} : { component }) }))
}

/** Resolves what can be resolved and tells what could not. */
export async function resolveCommissions(tx: Tx, resolution: Resolution): Promise<Resolved> {
  return resolvedIn(await settleOne(tx, { resolve: resolution }))
}

function mustBeResolved({ unknown: [serial] }: Resolved): void {
  if (serial !== undefined) throw new Fault('itemNotFound', `serial ${serial} does not exist`)
}

export function serialIn(answer: Answer): bigint {
  if (!('serial' in answer)) throw new Error('a commission was issued and has no serial')
  return answer.serial
}

export function resolvedIn(answer: Answer): Resolved {
  if (!('resolved' in answer)) throw new Error('commissions were resolved and nothing became of them')
  return answer.resolved
}

/** Serials of the component's pending commissions, oldest first; only of those that were issued so long ago. */
export async function pendingCommissions(
  db: Queryable,
  component: string,
  { olderThanSeconds = 0 }: { olderThanSeconds?: number } = {},
): Promise<bigint[]> {
  const rows = await store.pendingSerials(db, component, olderThanSeconds)
  return rows.map(({ serial }) => serial)
}

export interface PendingCommission {
  serial: bigint
  component: string
  name: string
  issuedAt: Date
  provisions: Provision[]
}

/** One pending commission (of the component, when one is named), or undefined. */
export async function describeCommission(
  db: Queryable,
  serial: bigint,
  component?: string,
): Promise<PendingCommission | undefined> {
  const commission = await store.findCommission(db, serial)
  if (!commission || (component !== undefined && commission.component !== component)) return undefined
  const provisions = (await store.provisionsOf(db, serial)).map(
    ({ holder, source, resource, quantity }) => ({ holder, source: source || null, resource, quantity }) as Provision,
  )
  return { ...commission, provisions }
}
