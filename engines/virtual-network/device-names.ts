import { createHash } from 'node:crypto'

/** Longest name Linux takes for a network device. */
const DEVICE_NAME_BYTES = 15

export function shortHash(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits)
}

/**
 * The device that stands for a network (its bridge) or a port (its tap): the name itself where Linux takes it, so
 * that operators find it at once; otherwise its beginning and a hash.
 */
export function deviceName(name: string): string {
  const reserved = name === 'lo' || name === 'outside' || name === 'all' || name === 'default'
  if (name.length <= DEVICE_NAME_BYTES && !reserved) return name
  return `${name.slice(0, 6)}-${shortHash(name, 8)}`
}
