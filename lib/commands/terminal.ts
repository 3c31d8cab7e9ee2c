// What a command says and asks. Tables and records come as text, JSON or CSV by the same call.
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { writeJson } from '../json/index.ts'

export type Cell = string | number | bigint | boolean | Date | null | undefined | readonly string[]

export type OutputFormat = 'pretty' | 'json' | 'csv'

export interface Terminal {
  line(text: string): void
  /** To standard error. */
  error(text: string): void
  /** Rows under headings; `fields` are the keys of a row, in order, which are also the headings. */
  table(
    rows: readonly Record<string, Cell>[],
    options: { fields: readonly string[]; format?: OutputFormat; headings?: boolean },
  ): void
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
    table(rows, { fields, format = 'pretty', headings = true }) {
      if (format === 'json')
        return line(
          writeJson(
            rows.map((row) => Object.fromEntries(fields.map((field) => [field, plain(row[field])]))),
            2,
          ),
        )
      const lines = [...(headings ? [[...fields]] : []), ...rows.map((row) => fields.map((field) => shown(row[field])))]
      if (format === 'csv') {
        for (const cells of lines) line(cells.map(csvCell).join(','))
        return
      }
      const widths = fields.map((_, column) => Math.max(0, ...lines.map((cells) => cells[column]!.length)))
      const aligned = lines.map((cells) =>
        cells
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd(),
      )
      if (headings) aligned.splice(1, 0, '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2)))
      for (const text of aligned) line(text)
    },
    record(fields, { format = 'pretty' } = {}) {
      if (format === 'json')
        return line(writeJson(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)])), 2))
      const width = Math.max(...Object.keys(fields).map((name) => name.length))
      for (const [name, value] of Object.entries(fields)) {
        line(format === 'csv' ? `${csvCell(name)},${csvCell(shown(value))}` : `${name.padEnd(width)} : ${shown(value)}`.trimEnd())
      }
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

function shown(value: Cell): string {
  if (value === null || value === undefined) return '-'
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.join(', ')
  return String(value)
}

function plain(value: Cell): unknown {
  return value instanceof Date ? value.toISOString() : (value ?? null)
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
