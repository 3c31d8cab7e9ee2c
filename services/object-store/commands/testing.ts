// For the tests of commands.
import { openSimulated, type Queue } from '@synnefo/engine-queue'
import type { Command } from '@synnefo/lib/commands'
import { type Ran, runLine } from '@synnefo/lib/testing'
import type { TestCloud } from '../testing.ts'
import { type ObjectStoreCommandContext, objectStoreCommands } from './index.ts'

export type { Ran }

export interface CommandLine {
  (line: string, typed?: string): Promise<Ran>
  /** The rows of a table, or the record, that a command writes. */
  json(line: string): Promise<Record<string, string>[]>
}

/** Answers what runs a command line. */
export function commandLine(
  { store, identity }: Pick<TestCloud, 'store' | 'identity'>,
  {
    program = 'snf-manage',
    commands = objectStoreCommands,
    queue = openSimulated(),
  }: { program?: string; commands?: readonly Command<ObjectStoreCommandContext>[]; queue?: Queue } = {},
): CommandLine {
  const context = { objectStore: store, identity, queue }
  const run = (line: string, typed = '') => runLine({ program, commands, context, line, typed })
  async function json(line: string) {
    const { out, err } = await run(`${line} --output-format json`)
    if (out === '') throw new Error(`${line} wrote no table: ${err}`)
    return JSON.parse(out) as Record<string, string>[]
  }
  return Object.assign(run, { json })
}
