// For the tests of commands: they are run as an operator types them.
import { Readable, Writable } from 'node:stream'
import { openTerminal, runCommand } from '@synnefo/lib/commands'
import type { Identity } from '../identity.ts'
import { openWitness, type Witness } from '../open-test-witness.ts'
import { identityCommands } from './index.ts'

export interface Ran {
  status: number
  out: string
  err: string
}

/** Answers what runs a command line, and fails when that changed something without a record; words with blanks stand in quotes, and what is typed comes from standard input. */
export function commandLine(identity: Identity): (line: string, typed?: string) => Promise<Ran> {
  let witness: Promise<Witness> | undefined
  return async (line, typed = '') => {
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
    const context = async () => ({ identity })
    witness ??= openWitness(identity.db)
    const before = await (await witness).look()
    const status = await runCommand({ program: 'snf-manage', commands: identityCommands, words, terminal, context })
    const silent = await (await witness).unrecorded(before)
    if (silent) throw new Error(`${words[0]} changed ${silent}, and nothing is on record about it`)
    return { status, ...written }
  }
}
