import { commandsFor, UsageError } from '@synnefo/lib/commands'
import type { Compute } from '../compute.ts'

export const defineCommand = commandsFor<{ compute: Compute }>()

/** A number, or the name of a server such as snf-42. */
export function readServerId(word: string): bigint {
  const digits = word.replace(/^[a-z0-9]+-/, '')
  if (!/^\d{1,18}$/.test(digits)) throw new UsageError(`'${word}' is no id of a server, such as 42 or snf-42`)
  return BigInt(digits)
}
