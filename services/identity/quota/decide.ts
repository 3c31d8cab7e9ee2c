// What a group of commissions does to the holdings it is about, decided in memory, one after the other, in the order
// in which they came. Each is decided against what those before it left: so one transaction can serve many, and who
// is refused disturbs nobody.
import { Fault } from '@synnefo/lib/fault'
import type { LedgerChange, LogEntry, OpenedCommission, TakenCommission } from '../store/commissions.ts'
import type { HoldingKey, HoldingRow } from '../store/holdings.ts'
import { change, INFINITE, type Shortage, type Step, shortage } from './arithmetic.ts'

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

export interface Resolution {
  accept?: readonly bigint[]
  reject?: readonly bigint[]
  /** Only commissions of this component; those of others are as if they were not there. */
  component?: string
}

export interface Resolved {
  accepted: bigint[]
  rejected: bigint[]
  /** Asked to be both: neither was done. */
  contradictory: bigint[]
  /** Not pending. */
  unknown: bigint[]
}

/** The locked holdings and pending commissions, as they are and then as they will be. */
export interface Book {
  /** Reserves, and answers the place of the commission among those opened. Throws a Fault and changes nothing. */
  issue(request: CommissionRequest): number
  resolve(resolution: Resolution): Resolved
  /** What is to be written. */
  changes(): LedgerChange
}

export function openBook(holdings: readonly HoldingRow[], commissions: readonly TakenCommission[]): Book {
  const byKey = new Map(holdings.map((holding) => [keyOf(holding), { ...holding }]))
  const byId = new Map([...byKey.values()].map((holding) => [holding.id, holding]))
  const pending = new Map(commissions.map((commission) => [commission.serial, commission]))
  const moved = new Set<HoldingRow>()
  const opened: OpenedCommission[] = []
  const closed: bigint[] = []
  const log: LogEntry[] = []

  function move(holding: HoldingRow, step: Step, quantity: bigint) {
    const { min, max } = change(step, quantity)
    holding.usageMin += min
    holding.usageMax += max
    moved.add(holding)
  }

  function issue({ provisions, name = '', force = false, autoAccept = false, component = 'astakos' }: CommissionRequest) {
    const wanted = summed(provisions).map((provision) => {
      const holding = byKey.get(keyOf(keyed(provision)))
      if (!holding) throw noHolding(provision)
      const short = shortage(holding, provision.quantity, force)
      if (short) throw overLimit(provision, short)
      return { holding, quantity: provision.quantity }
    })
    const place = opened.push({
      component,
      name,
      pending: !autoAccept,
      holdingIds: wanted.map(({ holding }) => holding.id),
      quantities: wanted.map(({ quantity }) => quantity),
    })
    for (const { holding, quantity } of wanted) {
      move(holding, 'issue', quantity)
      if (!autoAccept) continue
      move(holding, 'accept', quantity)
      log.push(entry({ serial: null, opened: place }, holding, quantity, 'ACCEPT:auto'))
    }
    return place
  }

  function resolve({ accept = [], reject = [], component }: Resolution): Resolved {
    const both = new Set(accept).intersection(new Set(reject))
    const isPending = (serial: bigint) => {
      const commission = pending.get(serial)
      return commission !== undefined && (component === undefined || commission.component === component)
    }
    const wanted = [...new Set([...accept, ...reject])].filter((serial) => !both.has(serial))
    const unknown = wanted.filter((serial) => !isPending(serial))
    // Looked at before anything is changed: a holding that is gone is a broken ledger, and nothing may follow from it.
    for (const serial of wanted.filter(isPending)) checkHoldings(pending.get(serial)!)
    const settle = (step: 'accept' | 'reject', serials: readonly bigint[]) => {
      const done = [...new Set(serials)].filter((serial) => !both.has(serial) && isPending(serial))
      for (const serial of done) close(step, pending.get(serial)!)
      return done
    }
    return { accepted: settle('accept', accept), rejected: settle('reject', reject), contradictory: [...both], unknown }
  }

  function checkHoldings({ serial, holdingIds }: TakenCommission) {
    const missing = holdingIds.filter((id) => !byId.has(id))
    if (missing.length > 0) throw new Error(`commission ${serial} names holdings that do not exist: ${missing.join(', ')}`)
  }

  function close(step: 'accept' | 'reject', { serial, name, holdingIds, quantities }: TakenCommission) {
    pending.delete(serial)
    closed.push(serial)
    holdingIds.forEach((id, at) => {
      const holding = byId.get(id)!
      move(holding, step, quantities[at]!)
      log.push(entry({ serial, opened: null }, holding, quantities[at]!, `${step.toUpperCase()}:${name}`))
    })
  }

  return {
    issue,
    resolve,
    changes: () => ({ opened, closed, moved: [...moved], log }),
  }
}

function entry(
  commission: Pick<LogEntry, 'serial' | 'opened'>,
  { id, usageMin, usageMax }: HoldingRow,
  delta: bigint,
  reason: string,
): LogEntry {
  return { ...commission, holdingId: id, usageMin, usageMax, delta, reason }
}

export const keyed = ({ holder, source, resource }: Pick<Provision, 'holder' | 'source' | 'resource'>): HoldingKey => ({
  holder,
  source: source ?? '',
  resource,
})

const keyOf = ({ holder, source, resource }: HoldingKey) => `${holder}\n${source}\n${resource}`

/** Provisions of the same record count together; what comes to nothing is left out. */
function summed(provisions: readonly Provision[]): Provision[] {
  const sums = new Map<string, Provision>()
  for (const provision of provisions) {
    const key = keyOf(keyed(provision))
    sums.set(key, { ...provision, quantity: provision.quantity + (sums.get(key)?.quantity ?? 0n) })
  }
  const beyond = [...sums.values()].find(({ quantity }) => quantity > INFINITE || quantity < -INFINITE)
  if (beyond) throw outOfRange(beyond)
  return [...sums.values()].filter(({ quantity }) => quantity !== 0n)
}

function outOfRange({ holder, resource }: Provision): Fault {
  return new Fault('badRequest', `The quantity of ${resource} for ${holder} should be between -${INFINITE} and ${INFINITE}.`)
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
