// How `snf-manage` has always written tables: right-aligned text, CSV, or JSON whose values are texts.
import { writeJson } from '../json/index.ts'

export type Cell = string | number | bigint | boolean | Date | null | undefined | readonly string[]

export const FORMATS = ['pretty', 'csv', 'json'] as const
export type OutputFormat = (typeof FORMATS)[number]

export interface TableOptions {
  /** Keys of a row, in order; they are also the headings. */
  fields: readonly string[]
  format?: OutputFormat
  headings?: boolean
  /** Centred above the headings. */
  title?: string
}

export function formatTable(rows: readonly Record<string, Cell>[], options: TableOptions): string[] {
  const { fields, format = 'pretty', headings = true, title } = options
  if (format === 'json') return [asJson(rows.map((row) => fields.map((field) => [field, row[field]])))]
  const lines = [...(headings ? [[...fields]] : []), ...rows.map((row) => fields.map((field) => visible(shown(row[field]))))]
  if (format === 'csv') return lines.map((cells) => cells.map(csvCell).join(','))
  const widths = fields.map((_, column) => Math.max(0, ...lines.map((cells) => cells[column]!.length)))
  const dashes = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))
  const aligned = lines.map((cells) => cells.map((cell, column) => cell.padStart(widths[column]!)).join('  '))
  if (headings) aligned.splice(1, 0, dashes)
  return title === undefined ? aligned : [dashes, centred(title, dashes.length), dashes, ...aligned]
}

/** One thing: a line per field. */
export function formatRecord(fields: Record<string, Cell>, format: OutputFormat = 'pretty'): string[] {
  const entries = Object.entries(fields)
  if (format === 'json') return [asJson([entries])]
  if (format === 'csv') {
    return [entries.map(([name]) => csvCell(name)), entries.map(([, value]) => csvCell(visible(shown(value))))].map((cells) =>
      cells.join(','),
    )
  }
  const width = Math.max(0, ...entries.map(([name]) => name.length))
  return entries.map(([name, value]) => `${name.padEnd(width)}: ${visible(shown(value))}`.trimEnd())
}

const asJson = (rows: [string, Cell][][]) =>
  writeJson(
    rows.map((row) => Object.fromEntries(row.map(([name, value]) => [name, shown(value)]))),
    4,
  )

function shown(value: Cell): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.join(', ')
  return String(value)
}

/** What a name contains must not move the cursor of whoever reads the table. */
export const visible = (text: string) =>
  text.replace(/\p{Cc}/gu, (sign) => `\\x${sign.codePointAt(0)!.toString(16).padStart(2, '0')}`)

const centred = (text: string, width: number) => `${' '.repeat(Math.max(0, Math.floor((width - text.length) / 2)))}${text}`

const csvCell = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
