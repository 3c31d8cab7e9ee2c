// Moments as people write them, in their own time, and as the cloud takes them: in seconds since 1970.

const two = (value: number) => String(value).padStart(2, '0')
const dateOf = (seconds: number | undefined) => (seconds === undefined ? new Date() : new Date(seconds * 1_000))

export function localDay(seconds?: number): string {
  const date = dateOf(seconds)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

export function localTime(seconds?: number): string {
  const date = dateOf(seconds)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
}

/** Undefined while what is written is no moment. Seconds may be left out. */
export function momentOf(day: string, time: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || !/^\d\d:\d\d(:\d\d)?$/.test(time)) return undefined
  const milliseconds = new Date(`${day}T${time}`).getTime()
  return Number.isNaN(milliseconds) || milliseconds < 0 ? undefined : milliseconds / 1_000
}
