// For the tests of commands: they are run as an operator types them.
import { Readable, Writable } from 'node:stream'
import { openSimulated, type Queue } from '@synnefo/engine-queue'
import { type Command, openTerminal, runCommand } from '@synnefo/lib/commands'
import type { TestCloud } from '../testing.ts'
import { type ObjectStoreCommandContext, objectStoreCommands } from './index.ts'

export interface Ran {
  status: number
  out: string
  err: string
}

export interface CommandLine {
  (line: string, typed?: string): Promise<Ran>
  /** The rows of a table, or the record, that a command writes. */
  json(line: string): Promise<Record<string, string>[]>
}

/** Answers what runs a command line; words with blanks stand in quotes, and what is typed comes from standard input. */
export function commandLine(
  { store, identity }: Pick<TestCloud, 'store' | 'identity'>,
  {
    program = 'snf-manage',
    commands = objectStoreCommands,
    queue = openSimulated(),
  }: { program?: string; commands?: readonly Command<ObjectStoreCommandContext>[]; queue?: Queue } = {},
): CommandLine {
  async function run(line: string, typed = ''): Promise<Ran> {
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!)
    const written = { out: '', err: '' }
    const sink = (to: keyof typeof written) =>
      new Writable({
        write: (chunk, _encoding, done) => {
          written[to] += chunk
          done()
        },
      })
    const terminal = openTerminal({ input: Readable.from([typed]), output: sink('out'), errors: sink('err') })
    const context = async () => ({ objectStore: store, identity, queue })
    const status = await runCommand({ program, commands, words, terminal, context })
    return { status, ...written }
  }
  async function json(line: string) {
    const { out, err } = await run(`${line} --output-format json`)
    if (out === '') throw new Error(`${line} wrote no table: ${err}`)
    return JSON.parse(out) as Record<string, string>[]
  }
  return Object.assign(run, { json })
}
