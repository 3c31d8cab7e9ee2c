// The one JSON codec. Limits and sizes are 64-bit integers (2^63 − 1 is a legal limit), which plain JSON.parse
// would round: an integer beyond 2^53 is read as bigint, and a bigint is written as an integer.

declare global {
  interface JSON {
    rawJSON(text: string): unknown
  }
}

const INTEGER = /^-?\d+$/

/** Parses JSON. Integers outside ±(2^53 − 1) become bigint; everything else is as with JSON.parse. */
export function parseJson(text: string): unknown {
  // A text without a run of 16 digits cannot hold such an integer, and the reviver costs several times the parse.
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  return JSON.parse(text, exactInteger as (this: unknown, key: string, value: unknown) => unknown)
}

function exactInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && INTEGER.test(source) ? BigInt(source) : value
}

/** Writes JSON; bigint becomes an integer of any size. */
export function writeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? JSON.rawJSON(item.toString()) : item), indent)
}
