import { commandsFor, flag, type OutputFormat, option, UsageError } from '@synnefo/lib/commands'
import type { Compute } from '../compute.ts'

export const defineCommand = commandsFor<{ compute: Compute }>()

const FORMATS = ['pretty', 'json', 'csv']

/** What every list and record of a command can be asked for. */
export const output = {
  outputFormat: option('pretty, json or csv', {
    placeholder: 'format',
    default: 'pretty' as OutputFormat,
    read: (word: string) => {
      if (!FORMATS.includes(word)) throw new UsageError(`'${word}' is no output format: pretty, json or csv`)
      return word as OutputFormat
    },
  }),
  noHeaders: flag('leave out the headings', { short: 'H' }),
}

/** A number, or the name of a server such as snf-42. */
export function readServerId(word: string): bigint {
  const digits = word.replace(/^[a-z0-9]+-/, '')
  if (!/^\d{1,18}$/.test(digits)) throw new UsageError(`'${word}' is no id of a server, such as 42 or snf-42`)
  return BigInt(digits)
}
