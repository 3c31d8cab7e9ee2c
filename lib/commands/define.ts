// Commands are data: name, summary, parameters and what to do. Help, completion and manual come from the same words.
import type { Terminal } from './terminal.ts'

export interface Parameter<T> {
  kind: 'argument' | 'option' | 'flag'
  /** `-n`, or nothing. */
  short?: string
  /** For arguments: may be left out. For options: must be given. */
  optional?: boolean
  /** Takes any number of values. */
  many?: boolean
  help: string
  /** Word for the value in help, such as `<user>`. */
  placeholder?: string
  /** Accepted and not shown in help. */
  hidden?: boolean
  /** Older spellings that still work, without dashes. */
  aliases?: readonly string[]
  default?: T
  /** Takes as many words as it has names here, such as `--limit RESOURCE MEMBER PROJECT`. */
  words?: readonly string[]
  /** Turns one word of the command line into a value, or the words of a tuple; throws UsageError with words for the operator. */
  read: (word: string, words?: string[]) => unknown
  /** Only for types. */
  readonly type?: T
}

export type InputSpec = Record<string, Parameter<unknown>>
export type InputOf<I extends InputSpec> = { [Name in keyof I]: I[Name] extends Parameter<infer T> ? T : never }

export interface Command<Context> {
  name: string
  summary: string
  /** Paragraphs below the summary in help. */
  description?: string
  /** Heading under which help lists it. */
  group?: string
  /** Works and is not listed: an older name. */
  hidden?: boolean
  /** Asks nothing of the cloud: it runs where there is none, and is handed the terminal only. */
  standalone?: boolean
  input: InputSpec
  run(context: Context & { terminal: Terminal }, input: Record<string, unknown>): Promise<void>
}

interface CommandOf<Context, I extends InputSpec> {
  name: string
  summary: string
  description?: string
  standalone?: boolean
  hidden?: boolean
  input: I
  run(context: Context & { terminal: Terminal }, input: InputOf<I>): Promise<void>
}

/** Answers `defineCommand` for commands that are handed this context: `const defineCommand = commandsFor<{ db: Db }>()`. */
export function commandsFor<Context>() {
  return <const I extends InputSpec>(command: CommandOf<Context, I>): Command<Context> => command as unknown as Command<Context>
}

/** The command line is wrong; the message says how. Exit status 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

type Read<T> = (word: string) => T

/** A positional value, such as a user's id. */
export function argument(help: string, options?: { placeholder?: string }): Parameter<string>
export function argument<T>(help: string, options: { read: Read<T>; placeholder?: string }): Parameter<T>
export function argument(help: string, options: { read?: Read<unknown>; placeholder?: string } = {}): Parameter<unknown> {
  return { kind: 'argument', help, read: asItIs, ...options }
}

/** A positional value that may be left out. */
export function optionalArgument(help: string, options: { placeholder?: string } = {}): Parameter<string | undefined> {
  return { kind: 'argument', help, read: asItIs, optional: true, ...options }
}

/** One positional value or more. */
export function many(help: string, options?: { placeholder?: string }): Parameter<string[]>
export function many<T>(help: string, options: { read: Read<T>; placeholder?: string }): Parameter<T[]>
export function many(help: string, options: { read?: Read<unknown>; placeholder?: string } = {}): Parameter<unknown> {
  return { kind: 'argument', help, read: asItIs, ...options, many: true }
}

interface OptionWords {
  short?: string
  hidden?: boolean
  placeholder?: string
  aliases?: readonly string[]
}

/** `--name VALUE`; undefined when it is not given, unless it has a default. */
export function option(help: string, options?: OptionWords): Parameter<string | undefined>
export function option<T>(help: string, options: OptionWords & { read: Read<T>; default: T }): Parameter<T>
export function option<T>(help: string, options: OptionWords & { read: Read<T> }): Parameter<T | undefined>
export function option(help: string, options: OptionWords & { default: string }): Parameter<string>
export function option(
  help: string,
  options: OptionWords & { read?: Read<unknown>; default?: unknown } = {},
): Parameter<unknown> {
  return { kind: 'option', help, read: asItIs, ...options }
}

/** `--name VALUE`, any number of times. */
export function repeated(help: string, options?: OptionWords): Parameter<string[]>
export function repeated<T>(help: string, options: OptionWords & { read: Read<T> }): Parameter<T[]>
export function repeated(help: string, options: OptionWords & { read?: Read<unknown> } = {}): Parameter<unknown> {
  return { kind: 'option', help, read: asItIs, default: [], ...options, many: true }
}

/** `--name A B C`, any number of times: an option that takes as many words as it has names for them. */
export function tuples<const W extends readonly string[]>(
  help: string,
  { words, ...options }: { words: W; short?: string; aliases?: readonly string[] },
): Parameter<{ [Index in keyof W]: string }[]> {
  return { kind: 'option', help, default: [], ...options, words, many: true, read: (_, given) => given }
}

const asItIs = (word: string) => word

/** `--name`, true when it is given. */
export function flag(help: string, options: Pick<OptionWords, 'short' | 'hidden' | 'aliases'> = {}): Parameter<boolean> {
  return { kind: 'flag', help, default: false, read: () => true, ...options }
}
