// For the tests of commands: whatever changes something leaves a record.
import { type Ran, runLine } from '@synnefo/lib/testing'
import type { Identity } from '../identity.ts'
import { openWitness, type Witness } from '../open-test-witness.ts'
import { identityCommands } from './index.ts'

export type { Ran }

/** Answers what runs a command line, and fails when that changed something without a record. */
export function commandLine(identity: Identity): (line: string, typed?: string) => Promise<Ran> {
  let witness: Promise<Witness> | undefined
  return async (line, typed = '') => {
    witness ??= openWitness(identity.db)
    const before = await (await witness).look()
    const ran = await runLine({ commands: identityCommands, context: { identity }, line, typed })
    const silent = await (await witness).unrecorded(before)
    if (silent) throw new Error(`${line} changed ${silent}, and nothing is on record about it`)
    return ran
  }
}
