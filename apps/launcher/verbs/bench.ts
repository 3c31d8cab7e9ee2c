import { availableParallelism, totalmem } from 'node:os'
import { Interrupted } from '../bench/interruption.ts'
import type { Figure } from '../bench/measure-up.ts'
import type { Verb } from '../main.ts'
import { Refusal } from '../refusal.ts'

/** Options of the measurement of the object store. */
const OBJECT_OPTIONS = {
  url: { type: 'string' },
  token: { type: 'string' },
  account: { type: 'string' },
  rows: { type: 'string' },
  seconds: { type: 'string' },
  size: { type: 'string' },
  objects: { type: 'string' },
  most: { type: 'string' },
  uploads: { type: 'string' },
  'upload-size': { type: 'string' },
} as const

export type BenchWords = { [Name in keyof typeof OBJECT_OPTIONS]?: string | undefined }

type Measure = (tell: (line: string) => void, words: BenchWords) => Promise<Figure[]>

const measures: Record<string, () => Promise<Measure>> = {
  up: async () => (await import('../bench/measure-up.ts')).measureUp,
  identity: async () => (await import('../bench/measure-identity.ts')).measureIdentity,
  object: async () => (await import('../bench/measure-object.ts')).measureObject,
}

export const verb: Verb = {
  usage: `up|identity|object [--json]

  up        how soon a cloud serves and boots its first guest, and what it takes when idle
  identity  tokens, commissions and sign-ins, with 10 and with 10,000 people
  object    uploads, downloads and listings of the object store

Measured on a cloud of its own, which is removed afterwards. All of "object" takes a quarter of an hour, needs 40 GiB
of disk, and can be told:

  --rows large,small     of: large, copy, small, list, growth, writers, hashes, restore, memory
  --seconds 5            length of one measurement
  --size 64M             of large objects
  --objects 1000,100000  in the containers that are listed
  --most 1000000         in the largest one (growth)
  --uploads 32, --upload-size 1G   at once (memory); the size also of a file sent by its hashes
  --url URL --token TOKEN [--account ACCOUNT]   another store that speaks the Swift v1 API, such as
                         http://swift.example.org:8080/v1/AUTH_test: rows large, copy, small and list`,
  options: { json: { type: 'boolean' }, ...OBJECT_OPTIONS },
  words: true,
  async run({ json, ...words }, [name = '']) {
    const load = measures[name]
    if (!load) throw new Refusal(`there is no measurement "${name}"`, `one of: ${Object.keys(measures).join(', ')}`)
    const [strange] = Object.keys(words)
    if (strange !== undefined && name !== 'object') throw new Refusal(`--${strange} is for ./synnefo bench object`)
    const measure = await load()
    const tell = (line: string) => console.error(`synnefo: ${line}`)
    const figures = await measure(tell, words as BenchWords).catch((error) => {
      if (!(error instanceof Interrupted)) throw error
      tell(`${error.message}; the cloud of the measurement is removed`)
      process.exit(error.exitCode) // what was given up may still be waiting for something
    })
    const machine = { processors: availableParallelism(), memoryBytes: totalmem() }
    console.log(json ? JSON.stringify({ bench: name, machine, figures }, null, 2) : table(figures))
    return 0
  },
}

function table(figures: readonly Figure[]): string {
  const headings = [...new Set(figures.flatMap(({ columns = {} }) => Object.keys(columns)))]
  const rows = figures.map(({ name, value, unit, goal, atLeast, columns = {} }) => [
    name,
    rounded(value),
    unit,
    ...headings.map((heading) => cell(columns[heading])),
    goal === undefined ? '' : `(goal: ${atLeast ? 'at least' : 'at most'} ${goal})`,
  ])
  const all = headings.length > 0 ? [['', '', '', ...headings, ''], ...rows] : rows
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const isText = (column: number) =>
    column === 0 || column === 2 || headings[column - 3] === 'per' || column === widths.length - 1
  return all
    .map((row) => row.map((text, column) => (isText(column) ? text.padEnd(widths[column]!) : text.padStart(widths[column]!))))
    .map((row) => row.join('  ').trimEnd())
    .join('\n')
}

const cell = (value: number | string | undefined) => (typeof value === 'number' ? rounded(value) : (value ?? ''))

/** Three digits say all that a busy machine can. */
const rounded = (value: number) => (value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3))))
