// Runs the command that the words name, under the conventions that every command of the operator keeps: help, common
// options, and what becomes of errors. Exit status 0 is done, 1 refused or failed, 2 options that cannot be read.
import { CommanderError, Option, Command as Parser } from 'commander'
import { Fault } from '../fault/index.ts'
import { COMMON_OPTIONS, type Common, commandFirst, readCommon } from './common.ts'
import { type Command, type InputSpec, type Parameter, UsageError } from './define.ts'
import { Aborted, type Terminal } from './terminal.ts'

export interface RunOptions<Context> {
  /** What people call the program, such as snf-manage. */
  program: string
  version?: string
  commands: readonly Command<Context>[]
  words: readonly string[]
  terminal: Terminal
  /** Opened only when a command really runs, so that help needs no database. */
  context: (invocation: Invocation) => Promise<Context>
}

/** What is being run, for whoever opens the context. */
export interface Invocation extends Common {
  command: string
}

export async function runCommand<Context>(options: RunOptions<Context>): Promise<number> {
  const { program, commands, terminal } = options
  const words = commandFirst(options.words)
  const [first] = words
  const known = (name: string) => commands.some((command) => command.name === name)
  try {
    const wanted = first === 'help' ? words[1] : first
    if (wanted !== undefined && !wanted.startsWith('-') && wanted !== 'help' && !known(wanted)) {
      terminal.error(`Unknown command: '${wanted}'\nType '${program} help' for usage.`)
      return 1
    }
    const parser = parserOf(options)
    if (first === undefined) {
      terminal.line(parser.helpInformation().trimEnd())
      return 0
    }
    const command = commands.find(({ name }) => name === first)
    await parser.parseAsync(command ? joinTuples(command, words) : words, { from: 'user' })
    return terminal.failures > 0 ? 1 : 0
  } catch (error) {
    return told(error, program, terminal, words.includes('--traceback'))
  } finally {
    terminal.close()
  }
}

function parserOf<Context>({ program, version, commands, terminal, context }: RunOptions<Context>): Parser {
  const parser = new Parser(program)
  parser.exitOverride().configureOutput({
    writeOut: (text) => terminal.line(text.trimEnd()),
    writeErr: (text) => terminal.error(text.trimEnd()),
  })
  parser.usage('<command> [options] [arguments]').helpCommand('help [command]', 'show what a command does')
  if (version !== undefined) parser.version(version, '--version', 'show the version')
  for (const command of [...commands].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const own = parser.command(command.name, { hidden: command.hidden ?? false }).summary(command.summary)
    if (command.group) own.helpGroup(command.group)
    own.description([command.summary, command.description].filter(Boolean).join('\n\n'))
    for (const [name, parameter] of Object.entries(command.input)) declare(own, name, parameter)
    for (const { spelling, help, unless } of COMMON_OPTIONS) if (!(unless && unless in command.input)) own.option(spelling, help)
    if (version !== undefined) own.version(version, '--version', 'show the version')
    own.configureOutput({ outputError: (text, write) => write(refusedWords(text, program, own)) })
    own.allowExcessArguments().action(async () => {
      const taken = Object.values(command.input).filter(({ kind }) => kind === 'argument')
      if (own.args.length > taken.length && !taken.at(-1)?.many) throw tooMany(command, own.args[taken.length]!)
      const common = readCommon(own.opts())
      const input = readInput(own, command)
      terminal.format = (input['outputFormat'] as typeof terminal.format | undefined) ?? common.outputFormat
      const opened = command.standalone ? ({} as Context) : await context({ command: command.name, ...common })
      await command.run({ ...opened, terminal }, input)
    })
  }
  return parser
}

const tooMany = ({ input }: { input: object }, word: string) =>
  new Fault(
    'badRequest',
    'listFields' in input ? 'List commands do not accept any argument' : `there is no argument to take the word '${word}'`,
  )

/** A missing argument is a refusal of the command; what cannot be parsed comes with the usage. */
function refusedWords(text: string, program: string, own: Parser): string {
  const message = text.trim().replace(/^error: /, '')
  if (message.startsWith('missing required argument')) return `CommandError: ${message}`
  return `Usage: ${program} ${own.name()} ${own.usage()}\n\nerror: ${message}`
}

/** Says what went wrong, briefly unless a trace is asked for; answers the exit status. */
function told(error: unknown, program: string, terminal: Terminal, traceback: boolean): number {
  // Its text is out already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : error.code === 'commander.missingArgument' ? 1 : 2
  if (traceback && error instanceof Error && error.stack) terminal.error(error.stack)
  if (error instanceof UsageError) {
    terminal.error(`${program}: ${error.message}`)
    return 2
  }
  if (error instanceof Aborted) {
    terminal.error(error.message)
    return 1
  }
  if (error instanceof Fault) {
    terminal.error([`CommandError: ${error.message}`, error.details].filter(Boolean).join('\n'))
    return 1
  }
  throw error
}

/** `expiresIn` is written `--expires-in`. */
function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function declare(own: Parser, name: string, parameter: Parameter<unknown>) {
  const word = dashed(name)
  if (parameter.kind === 'argument') {
    const dots = parameter.many ? '...' : ''
    own.argument(parameter.optional ? `[${word}${dots}]` : `<${word}${dots}>`, parameter.help)
    return
  }
  const placeholder = parameter.words?.join(' ') ?? parameter.placeholder ?? word
  const value = parameter.kind === 'flag' ? '' : ` <${placeholder}>`
  const short = parameter.short ? `-${parameter.short}, ` : ''
  const spellings = [new Option(`${short}--${word}${value}`, parameter.help)]
  if (parameter.hidden) spellings[0]!.hideHelp()
  for (const alias of parameter.aliases ?? []) spellings.push(new Option(`--${alias}${value}`).hideHelp())
  for (const spelling of spellings) {
    own.addOption(
      parameter.many ? spelling.argParser((given: string, before?: string[]) => [...(before ?? []), given]) : spelling,
    )
  }
}

/** No word of a command line holds it. */
const BETWEEN = '\0'

/** Options that take several words get them as one: the parser knows only one, or all that follow. */
function joinTuples({ input }: { input: InputSpec }, words: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const [name, { words: parts, short, aliases = [] }] of Object.entries(input)) {
    if (!parts) continue
    for (const spelling of [name, ...aliases].map(dashed)) counts.set(`--${spelling}`, parts.length)
    if (short) counts.set(`-${short}`, parts.length)
  }
  const joined: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!
    const count = counts.get(word)
    joined.push(word)
    if (count === undefined) continue
    const parts = words.slice(at + 1, at + 1 + count)
    if (parts.length < count) throw new UsageError(`option ${word} takes ${count} words`)
    joined.push(parts.join(BETWEEN))
    at += count
  }
  return joined
}

function readInput<Context>(own: Parser, command: Command<Context>): Record<string, unknown> {
  const options = own.opts<Record<string, unknown>>()
  const words = [...own.processedArgs]
  const input: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(command.input)) {
    if (parameter.kind === 'argument') {
      const given = words.shift() as string | string[] | undefined
      input[name] = Array.isArray(given)
        ? given.map((word) => parameter.read(word))
        : given === undefined
          ? parameter.default
          : parameter.read(given)
      continue
    }
    const given = [name, ...(parameter.aliases ?? []).map(camelled)]
      .map((spelling) => valueGiven(options, spelling))
      .find((value) => value !== undefined)
    const read = (value: string) => parameter.read(value, ...(parameter.words ? [value.split(BETWEEN)] : []))
    if (given === undefined) input[name] = parameter.default
    else if (parameter.kind === 'flag') input[name] = true
    else input[name] = parameter.many ? (given as string[]).map(read) : read(String(given))
  }
  return input
}

function camelled(word: string): string {
  return word.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Commander keeps `--no-headers` as `headers: false`. */
function valueGiven(options: Record<string, unknown>, spelling: string): unknown {
  if (!/^no[A-Z]/.test(spelling)) return options[spelling]
  const positive = spelling.charAt(2).toLowerCase() + spelling.slice(3)
  return options[positive] === false ? true : undefined
}
