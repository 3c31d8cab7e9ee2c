// What a command says and asks. Tables and records come as text, JSON or CSV by the same call; what is not data goes to
// standard error, so that standard output can be piped on.
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type Cell, formatRecord, formatTable, type OutputFormat, type TableOptions } from './format.ts'

export interface Terminal {
  line(text: string): void
  /** To standard error. */
  error(text: string): void
  /** Rows under headings; `fields` are the keys of a row, in order, which are also the headings. */
  table(rows: readonly Record<string, Cell>[], options: TableOptions): void
  /** One thing: a line per field. */
  record(fields: Record<string, Cell>, options?: { format?: OutputFormat }): void
  /** The form of tables and records that is asked for. */
  format: OutputFormat
  /** Asks and answers what was typed, without blanks around it; undefined when nobody answers. */
  ask(question: string): Promise<string | undefined>
  /** Everything that is piped in. */
  readAll(): Promise<string>
  /** Asks; only y and yes mean yes. When nobody answers it is no. */
  confirm(question: string): Promise<boolean>
  /** Goes on only when it is confirmed, or forced: otherwise nothing is done and the command ends with the refusal. */
  insist(question: string, options: { force: boolean; refusal?: string }): Promise<void>
  /** Says what is being done and how it went; a failure is told and remembered for the exit status, and the command goes on. */
  attempt(what: string, work: () => Promise<unknown>): Promise<void>
  /** How many attempts failed. */
  readonly failures: number
  /** Nothing more is asked. */
  close(): void
}

/** The person at the terminal does not want it after all. */
export class Aborted extends Error {
  constructor(message = 'Aborted.') {
    super(message)
    this.name = 'Aborted'
  }
}

/** As much of a stream as a terminal writes to. */
export interface Sink {
  write(text: string): unknown
}

export function openTerminal(streams: { input: Readable; output: Sink; errors: Sink }): Terminal {
  const { input, output, errors } = streams
  let failures = 0
  // One reader for all questions: another one would lose what was typed ahead.
  let reading: { lines: AsyncIterator<string>; close(): void } | undefined
  const line = (text: string) => void output.write(`${text}\n`)
  const error = (text: string) => void errors.write(`${text}\n`)

  function read() {
    const lines = createInterface({ input, terminal: false })
    return { lines: lines[Symbol.asyncIterator](), close: () => lines.close() }
  }

  const terminal: Terminal = {
    line,
    error,
    format: 'pretty',
    get failures() {
      return failures
    },
    table(rows, options) {
      for (const text of formatTable(rows, { format: terminal.format, ...options })) line(text)
    },
    record(fields, { format = terminal.format } = {}) {
      for (const text of formatRecord(fields, format)) line(text)
    },
    async ask(question) {
      errors.write(question)
      reading ??= read()
      const { value, done } = await reading.lines.next()
      return done ? undefined : value.trim()
    },
    async readAll() {
      return (await input.setEncoding('utf8').toArray()).join('')
    },
    async confirm(question) {
      return /^y(es)?$/i.test((await terminal.ask(`${question} [Y/N] `)) ?? '')
    },
    async insist(question, { force, refusal }) {
      if (!force && !(await terminal.confirm(question))) throw new Aborted(refusal)
    },
    async attempt(what, work) {
      try {
        await work()
        error(`${what}: done`)
      } catch (failure) {
        failures += 1
        error(`${what}: failed: ${failure instanceof Error ? failure.message : String(failure)}`)
      }
    },
    close() {
      reading?.close()
      reading = undefined
    },
  }
  return terminal
}
