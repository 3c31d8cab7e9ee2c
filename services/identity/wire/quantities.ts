// Quantities as people write and read them: "4", "2GiB", "inf". The base is 1024.

const INFINITE = 9_223_372_036_854_775_807n
const UNITS = ['b', 'kb', 'mb', 'gb', 'tb', 'pb'] as const

export const UNIT_STYLES = [...UNITS, 'auto', 'none'] as const
export type UnitStyle = (typeof UNIT_STYLES)[number]

/** The quantity that the text says, or undefined when it says none. */
export function parseQuantity(text: string): bigint | undefined {
  const word = text.trim().toLowerCase()
  if (word === 'inf' || word === 'infinite') return INFINITE
  const parts = /^(\d{1,19})(?:\.(\d{1,9}))?\s*(bytes|b|[kmgtp](?:i?b)?)?$/.exec(word)
  if (!parts) return undefined
  const [, whole, fraction = '', unit = ''] = parts
  const power = unit === '' || unit === 'b' || unit === 'bytes' ? 0 : 'kmgtp'.indexOf(unit[0]!) + 1
  const scale = 1024n ** BigInt(power)
  const quantity = BigInt(whole!) * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length)
  return quantity <= INFINITE ? quantity : undefined
}

/** The quantity in the style that is asked for. Only bytes are scaled. */
export function showQuantity(quantity: bigint, unit: 'bytes' | null, style: UnitStyle): string {
  if (style === 'none') return String(quantity)
  if (quantity === INFINITE) return 'inf'
  if (unit !== 'bytes' || style === 'b') return String(quantity)
  const power = style === 'auto' ? largestUnit(quantity) : UNITS.indexOf(style)
  if (power === 0) return `${quantity} B`
  const value = Number(quantity) / 1024 ** power
  const decimals = value < 1 ? 3 : value < 10 ? 2 : 1
  return `${value.toFixed(decimals)} ${UNITS[power]!.toUpperCase()}`
}

function largestUnit(quantity: bigint): number {
  let power = 0
  for (let left = quantity; left >= 1024n && power < UNITS.length - 1; left /= 1024n) power += 1
  return power
}
