/** ISO 8601 with a zone or without, which is UTC; leading zeros may be missing. */
const ISO_DATE =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{1,2}(?::?\d{2})?)?)?$/i

export function parseIsoDate(text: string): Date | undefined {
  const parts = ISO_DATE.exec(text.trim())
  if (!parts) return undefined
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => (part === undefined ? undefined : Number(part))) as [number, number, number, number?, number?, number?]
  const millis = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3))
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, millis))
  // 30 February is no date, and neither is 25 o'clock.
  const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
  if (!same || minute > 59 || second > 59) return undefined
  return new Date(date.getTime() - zoneMinutes(parts[8]) * 60_000)
}

function zoneMinutes(zone: string | undefined): number {
  const parts = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone ?? '')
  if (!parts) return 0
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3] ?? 0))
}
