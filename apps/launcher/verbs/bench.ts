import { availableParallelism, totalmem } from 'node:os'
import type { Figure } from '../bench/measure-up.ts'
import type { Verb } from '../main.ts'
import { Refusal } from '../refusal.ts'

type Measure = (tell: (line: string) => void) => Promise<Figure[]>

const measures: Record<string, () => Promise<Measure>> = {
  up: async () => (await import('../bench/measure-up.ts')).measureUp,
  identity: async () => (await import('../bench/measure-identity.ts')).measureIdentity,
  object: async () => (await import('../bench/measure-object.ts')).measureObject,
}

export const verb: Verb = {
  usage:
    'up|identity|object [--json]\n\n  up        how soon a cloud serves and boots its first guest, and what it takes when idle\n  identity  tokens, commissions and sign-ins, with 10 and with 10,000 people\n  object    uploads, downloads and listings of the object store\n\nMeasured on a cloud of its own, which is removed afterwards.',
  options: { json: { type: 'boolean' } },
  words: true,
  async run({ json }, [name = '']) {
    const load = measures[name]
    if (!load) throw new Refusal(`there is no measurement "${name}"`, `one of: ${Object.keys(measures).join(', ')}`)
    const measure = await load()
    const figures = await measure((line) => console.error(`synnefo: ${line}`))
    const machine = { processors: availableParallelism(), memoryBytes: totalmem() }
    console.log(json ? JSON.stringify({ bench: name, machine, figures }, null, 2) : table(figures))
    return 0
  },
}

function table(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length))
  const rows = figures.map(({ name, value, unit, goal, atLeast }) => {
    const amount = `${rounded(value)} ${unit}`.trim().padStart(14)
    return `${name.padEnd(width)} ${amount}${goal === undefined ? '' : `   (goal: ${atLeast ? 'at least' : 'at most'} ${goal})`}`
  })
  return rows.join('\n')
}

/** Three digits say all that a busy machine can. */
const rounded = (value: number) => (value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3))))
