// What a command says and asks. Tables and records come as text, JSON or CSV by the same call.
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { type Cell, formatRecord, formatTable, type OutputFormat, type TableOptions } from './format.ts'

export interface Terminal {
  line(text: string): void
  /** To standard error. */
  error(text: string): void
  /** Rows under headings; `fields` are the keys of a row, in order, which are also the headings. */
  table(rows: readonly Record<string, Cell>[], options: TableOptions): void
  /** One thing: a line per field. */
  record(fields: Record<string, Cell>, options?: { format?: OutputFormat }): void
  /** Asks; only y and yes mean yes. Without a person at the terminal the answer is no. */
  confirm(question: string): Promise<boolean>
  /** Says what is being done and how it went; a failure is told and remembered for the exit status, and the command goes on. */
  attempt(what: string, work: () => Promise<unknown>): Promise<void>
  /** How many attempts failed. */
  readonly failures: number
}

export function openTerminal(streams: { input: Readable & { isTTY?: boolean }; output: Writable; errors: Writable }): Terminal {
  const { input, output, errors } = streams
  let failures = 0
  const line = (text: string) => void output.write(`${text}\n`)
  const error = (text: string) => void errors.write(`${text}\n`)
  return {
    line,
    error,
    get failures() {
      return failures
    },
    table(rows, options) {
      for (const text of formatTable(rows, options)) line(text)
    },
    record(fields, { format } = {}) {
      for (const text of formatRecord(fields, format)) line(text)
    },
    async confirm(question) {
      if (!input.isTTY) return false
      const asking = createInterface({ input, output })
      const answer = await asking.question(`${question} [y/N] `)
      asking.close()
      return /^y(es)?$/i.test(answer.trim())
    },
    async attempt(what, work) {
      try {
        await work()
        line(`${what}: done`)
      } catch (failure) {
        failures += 1
        error(`${what}: failed: ${failure instanceof Error ? failure.message : String(failure)}`)
      }
    },
  }
}
