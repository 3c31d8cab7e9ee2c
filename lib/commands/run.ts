import { CommanderError, Option, Command as Parser } from 'commander'
import { Fault } from '../fault/index.ts'
import { type Command, type Parameter, UsageError } from './define.ts'
import type { Terminal } from './terminal.ts'

export interface RunOptions<Context> {
  /** What people call the program, such as snf-manage. */
  program: string
  commands: readonly Command<Context>[]
  words: readonly string[]
  terminal: Terminal
  /** Opened only when a command really runs, so that help needs no database. */
  context: () => Promise<Context>
}

/** Runs the command that the words name and answers the exit status: 0 done, 1 failed, 2 wrong usage. */
export async function runCommand<Context>({ program, commands, words, terminal, context }: RunOptions<Context>): Promise<number> {
  const parser = new Parser(program)
  parser
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.line(text.trimEnd()), writeErr: (text) => terminal.error(text.trimEnd()) })
  parser.showSuggestionAfterError().helpCommand('help [command]', 'show what a command does')
  for (const command of [...commands].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const own = parser.command(command.name).summary(command.summary)
    if (command.group) own.helpGroup(command.group)
    own.description([command.summary, command.description].filter(Boolean).join('\n\n'))
    for (const [name, parameter] of Object.entries(command.input)) declare(own, name, parameter)
    own.action(async () => command.run({ ...(await context()), terminal }, readInput(own, command)))
  }
  if (words.length === 0) {
    terminal.line(parser.helpInformation().trimEnd())
    return 0
  }
  try {
    await parser.parseAsync([...words], { from: 'user' })
    return terminal.failures > 0 ? 1 : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // its text is out already
    if (error instanceof UsageError) {
      terminal.error(`${program}: ${error.message}`)
      return 2
    }
    if (error instanceof Fault) {
      terminal.error([`CommandError: ${error.message}`, error.details].filter(Boolean).join('\n'))
      return 1
    }
    throw error
  }
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
  const value = parameter.kind === 'flag' ? '' : ` <${parameter.placeholder ?? word}>`
  const short = parameter.short ? `-${parameter.short}, ` : ''
  const spellings = [new Option(`${short}--${word}${value}`, parameter.help)]
  for (const alias of parameter.aliases ?? []) spellings.push(new Option(`--${alias}${value}`).hideHelp())
  for (const spelling of spellings) {
    own.addOption(
      parameter.many ? spelling.argParser((given: string, before?: string[]) => [...(before ?? []), given]) : spelling,
    )
  }
}

function readInput<Context>(own: Parser, command: Command<Context>): Record<string, unknown> {
  const options = own.opts<Record<string, unknown>>()
  const words = [...own.processedArgs]
  const input: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(command.input)) {
    if (parameter.kind === 'argument') {
      const given = words.shift() as string | string[] | undefined
      input[name] = Array.isArray(given)
        ? given.map(parameter.read)
        : given === undefined
          ? parameter.default
          : parameter.read(given)
      continue
    }
    const given = [name, ...(parameter.aliases ?? []).map(camelled)]
      .map((spelling) => valueGiven(options, spelling))
      .find((value) => value !== undefined)
    if (given === undefined) input[name] = parameter.default
    else if (parameter.kind === 'flag') input[name] = true
    else input[name] = parameter.many ? (given as string[]).map(parameter.read) : parameter.read(String(given))
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
