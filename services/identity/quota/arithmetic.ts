// The arithmetic of the ledger. What a holder uses lies between usageMin and usageMax: an import raises
// usageMax when it is issued and usageMin when it is accepted, a release lowers usageMin when it is issued
// and usageMax when it is accepted. So whatever becomes of the pending commissions, the truth lies in
// between, and resolving can never fail: only issuing has to look at limits.

/** "No limit", and the largest quantity there is. */
export const INFINITE = 9_223_372_036_854_775_807n

export interface Usage {
  limit: bigint
  usageMin: bigint
  usageMax: bigint
}

/** Why a provision cannot be issued, in the names that clients know. */
export interface Shortage {
  name: 'NoCapacityError' | 'NoQuantityError'
  limit: bigint
  usage: bigint
}

/** Why `quantity` cannot be issued against the holding now; undefined when it can. `force` sets limits aside, never the floor. */
export function shortage(holding: Usage, quantity: bigint, force: boolean): Shortage | undefined {
  if (quantity > 0n) {
    const ceiling = force ? INFINITE : holding.limit
    if (holding.usageMax + quantity > ceiling) {
      return { name: 'NoCapacityError', limit: holding.limit, usage: holding.usageMax }
    }
  } else if (holding.usageMin + quantity < 0n) {
    return { name: 'NoQuantityError', limit: 0n, usage: holding.usageMin }
  }
  return undefined
}

export type Step = 'issue' | 'accept' | 'reject'

/** What a step adds to usageMin and usageMax of a holding for a provision of `quantity`. */
export function change(step: Step, quantity: bigint): { min: bigint; max: bigint } {
  const imports = quantity > 0n
  switch (step) {
    case 'issue':
      return imports ? { min: 0n, max: quantity } : { min: quantity, max: 0n }
    case 'accept':
      return imports ? { min: quantity, max: 0n } : { min: 0n, max: quantity }
    case 'reject':
      return imports ? { min: 0n, max: -quantity } : { min: -quantity, max: 0n }
  }
}
