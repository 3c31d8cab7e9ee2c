import { createHash } from 'node:crypto'

/** Of everything that the original says about something: tells whether it is what was brought before. */
export function digestOf(facts: unknown): Buffer {
  const text = JSON.stringify(facts, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  return createHash('sha256').update(text).digest()
}
