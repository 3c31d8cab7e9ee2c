// Options that every command takes, before or after its name.

import { UsageError } from './define.ts'
import { FORMATS, type OutputFormat } from './format.ts'

export interface Common {
  /** 0 to 3: from 2 on, what services log is shown too. */
  verbosity: number
  traceback: boolean
  outputFormat: OutputFormat
}

export interface CommonOption {
  spelling: string
  help: string
  /** A command with this name in its input has the option already. */
  unless?: string
}

export const COMMON_OPTIONS: readonly CommonOption[] = [
  { spelling: '--output-format <format>', help: 'pretty, csv or json', unless: 'outputFormat' },
  { spelling: '-v, --verbosity <level>', help: 'from 0 to 3: how much is told of what happens' },
  { spelling: '--traceback', help: 'show where an error comes from' },
  { spelling: '--settings <module>', help: 'accepted from older scripts, and ignored' },
  { spelling: '--pythonpath <folder>', help: 'accepted from older scripts, and ignored' },
]

export function readCommon(options: Record<string, unknown>): Common {
  return {
    verbosity: readVerbosity((options['verbosity'] as string | undefined) ?? '1'),
    traceback: options['traceback'] === true,
    outputFormat: readFormat((options['outputFormat'] as string | undefined) ?? 'pretty'),
  }
}

function readVerbosity(word: string): number {
  if (!/^[0-3]$/.test(word)) throw new UsageError(`option --verbosity: '${word}' is none of 0, 1, 2, 3`)
  return Number(word)
}

export function readFormat(word: string): OutputFormat {
  const format = FORMATS.find((each) => each === word)
  if (!format) throw new UsageError(`option --output-format: '${word}' is none of ${FORMATS.join(', ')}`)
  return format
}

const TAKE_A_WORD = COMMON_OPTIONS.filter(({ spelling }) => spelling.includes('<')).flatMap(
  ({ spelling }) => spelling.match(/-[-\w]+/g) ?? [],
)

/** The same words with the command first: common options before it go behind it. */
export function commandFirst(words: readonly string[]): string[] {
  let at = 0
  while (at < words.length && words[at]!.startsWith('-')) at += TAKE_A_WORD.includes(words[at]!) ? 2 : 1
  if (at >= words.length) return [...words]
  return [words[at]!, ...words.slice(0, at), ...words.slice(at + 1)]
}
