// What a supervisor is to keep running, and what it writes down about it. Both are files below the home, so that
// every command finds them, and a supervisor that was killed is followed by one that knows its processes.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { ProcessIdentity } from '../host/process-identity.ts'

export interface Program {
  /** As shown to people, and the name of its log file. */
  name: string
  command: readonly string[]
  environment: Readonly<Record<string, string>>
  /** Ends the program in good order. */
  stopSignal: NodeJS.Signals
  /** It is killed when it has not ended by then. */
  stopSeconds: number
}

export interface Plan {
  /** Equal plans have equal versions: what runs is up to date when its version is that of the plan wanted now. */
  version: string
  /** Started in this order, stopped in the opposite one. */
  programs: readonly Program[]
  logFolder: string
  stateFile: string
  lockFile: string
}

export interface ProgramState {
  name: string
  /** undefined while it waits for its next start. */
  process?: ProcessIdentity
  /** Starts after the first one, since the supervisor started. */
  restarts: number
  /** How it ended last, such as "exit code 1" or "SIGKILL". */
  lastEnd?: string
}

export interface SupervisorState {
  supervisor: ProcessIdentity
  version: string
  programs: ProgramState[]
}

/** Replaces the file in one step, so that readers see the old or the new one. */
export function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value, null, 2), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}
