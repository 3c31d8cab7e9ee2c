// For the tests of commands: they are run as an operator types them.
import { Readable, Writable } from 'node:stream'
import { type Command, openTerminal, runCommand } from '../commands/index.ts'

export interface Ran {
  status: number
  out: string
  err: string
}

export interface TypedLine<Context> {
  program?: string
  commands: readonly Command<Context>[]
  context: Context
  /** In a line, words with blanks stand in quotes. */
  line: string | readonly string[]
  /** What comes from standard input. */
  typed?: string
}

/** Runs a command line and answers what it wrote. */
export async function runLine<Context>(typedLine: TypedLine<Context>): Promise<Ran> {
  const { program = 'snf-manage', commands, context, line, typed = '' } = typedLine
  const words =
    typeof line !== 'string' ? line : [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!)
  const written = { out: '', err: '' }
  const sink = (to: keyof typeof written) =>
    new Writable({
      write: (chunk, _encoding, done) => {
        written[to] += chunk
        done()
      },
    })
  const terminal = openTerminal({ input: Readable.from([typed]), output: sink('out'), errors: sink('err') })
  const status = await runCommand({ program, commands, words, terminal, context: async () => context })
  return { status, ...written }
}
