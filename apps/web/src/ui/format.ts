// Numbers and times as people read them.

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Bytes in binary units, with at most two digits behind the point. */
export function formatBytes(bytes: number | bigint): string {
  let size = Number(bytes)
  let unit = 0
  while (Math.abs(size) >= 1024 && unit < UNITS.length - 1) {
    size /= 1024
    unit += 1
  }
  if (unit === 0) return size === 1 ? '1 byte' : `${size} bytes`
  return `${Number(size.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0))} ${UNITS[unit]}`
}

/** Limits at or above this are no limits. Engines without exact integers read 2^63 − 1 as 2^63. */
const UNLIMITED = 2n ** 63n - 1n
export const isUnlimited = (limit: bigint) => limit >= UNLIMITED

const BYTES = ['cyclades.ram', 'cyclades.total_ram', 'cyclades.disk', 'pithos.diskspace']

/** An amount of a resource in its own unit. */
export function formatAmount(resource: string, amount: bigint): string {
  if (isUnlimited(amount)) return 'unlimited'
  return BYTES.includes(resource) ? formatBytes(amount) : amount.toLocaleString()
}

const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long', timeZone: 'UTC' })

/** The image API writes `YYYY-MM-DD HH:MM:SS` in UTC, the others ISO 8601. */
export function readTime(text: string): Date {
  return new Date(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : text)
}

export const formatTime = (time: Date) => dateAndTime.format(time)
export const formatExactTime = (time: Date) => exact.format(time)

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

/** "5 minutes ago", "in 30 days". */
export function formatDistance(time: Date, now = new Date()): string {
  const seconds = (time.getTime() - now.getTime()) / 1000
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit)
  }
  return 'just now'
}

/** "2 servers", "1 server". */
export const count = (amount: number, one: string, many = `${one}s`) => `${amount.toLocaleString()} ${amount === 1 ? one : many}`
