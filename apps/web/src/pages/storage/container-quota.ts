// The limit of a container as a person writes it: an amount and a unit, or nothing.

export const UNITS = ['MiB', 'GiB', 'TiB'] as const
export type Unit = (typeof UNITS)[number]

export interface QuotaDraft {
  amount: string
  unit: Unit
}

const BYTES: Record<Unit, number> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

/** The largest unit in which it is a short number; 0 is no limit. */
export function draftOfQuota(bytes: number): QuotaDraft {
  if (bytes === 0) return { amount: '', unit: 'GiB' }
  const unit = UNITS.toReversed().find((each) => bytes % (BYTES[each] / 4) === 0 && bytes >= BYTES[each]) ?? 'MiB'
  return { amount: String(bytes / BYTES[unit]), unit }
}

const LARGEST = 2 ** 50

export function quotaProblem({ amount, unit }: QuotaDraft): string | undefined {
  if (amount.trim() === '') return undefined
  const bytes = Number(amount.trim()) * BYTES[unit]
  return /^\d+(\.\d+)?$/.test(amount.trim()) && bytes >= 1 && bytes <= LARGEST ? undefined : 'A number above 0, or nothing'
}

export const bytesOf = ({ amount, unit }: QuotaDraft): number =>
  amount.trim() === '' ? 0 : Math.round(Number(amount.trim()) * BYTES[unit])
