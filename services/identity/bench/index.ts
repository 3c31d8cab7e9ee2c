// Measures the identity service of a running cloud over HTTP, with few people and with many.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { silentLog } from '@synnefo/lib/log'
import { openDatabase } from '@synnefo/lib/sql'
import type { LoadKind, LoadOrder, LoadResult } from './load.ts'
import { rowsPerPage } from './pages.ts'
import { type Population, seedPopulation } from './seed.ts'

export interface BenchOptions {
  /** Such as http://127.0.0.1:8080 */
  url: string
  databaseUrl: string
  /** Seconds of processor time that the cloud and its database have taken. */
  cpuSeconds: () => number
  tell: (line: string) => void
}

export interface BenchRow {
  name: string
  value: number
  unit: string
  goal?: number
  /** Which side of the goal is good; at most when nothing is said. */
  atLeast?: boolean
}

const FEW: Population = { people: 10, projects: 1 }
const MANY: Population = { people: 10_000, projects: 1_000 }

interface Load {
  kind: LoadKind
  name: string
  atOnce: number
  seconds: number
  goal?: number
  goalPerCpuSecond?: number
}

const LOADS: readonly Load[] = [
  { kind: 'validate', name: 'token validations', atOnce: 32, seconds: 6, goalPerCpuSecond: 5_000 },
  { kind: 'password', name: 'password token issues', atOnce: 32, seconds: 4 },
  { kind: 'spread', name: 'commissions spread over people', atOnce: 64, seconds: 8, goal: 1_500 },
  { kind: 'project', name: 'commissions inside one project', atOnce: 64, seconds: 8, goal: 600 },
  { kind: 'sign-in', name: 'sign-ins by web password', atOnce: 4, seconds: 3 },
]

export async function benchIdentity({ url, databaseUrl, cpuSeconds, tell }: BenchOptions): Promise<BenchRow[]> {
  const db = openDatabase({ url: databaseUrl, log: silentLog, name: 'bench', poolSize: 1 })
  const stages = []
  try {
    for (const population of [FEW, MANY]) {
      tell(`making ${population.people} people and ${population.projects} projects`)
      await seedPopulation(db, population)
      const loads = new Map<LoadKind, LoadResult & { cpu: number }>()
      for (const { kind, name, atOnce, seconds } of LOADS) {
        tell(`${name}, with ${population.people} people`)
        const order: LoadOrder = { kind, origin: url, people: population.people, atOnce, seconds }
        await makeLoad({ ...order, seconds: 1 }) // whatever has to be compiled or connected is, now
        const before = cpuSeconds()
        const result = await makeLoad(order)
        loads.set(kind, { ...result, cpu: cpuSeconds() - before })
      }
      stages.push({ people: population.people, loads, pages: await rowsPerPage(db) })
    }
  } finally {
    await db.close()
  }
  const [few, many] = stages as [(typeof stages)[0], (typeof stages)[0]]
  return [
    ...LOADS.flatMap((load) => loadRows(load, few.loads.get(load.kind)!, many.loads.get(load.kind)!)),
    ...pageRows(few, many),
  ]
}

function loadRows({ name, goal, goalPerCpuSecond }: Load, few: LoadResult & { cpu: number }, many: LoadResult & { cpu: number }) {
  const rate = many.done / many.seconds
  const costOf = ({ cpu, done }: { cpu: number; done: number }) => cpu / done
  const rows: BenchRow[] = [
    { name, value: rate, unit: '/s', ...(goal === undefined ? {} : { goal, atLeast: true }) },
    {
      name: `${name}, per CPU second of the server`,
      value: 1 / costOf(many),
      unit: '',
      ...(goalPerCpuSecond === undefined ? {} : { goal: goalPerCpuSecond, atLeast: true }),
    },
    { name: `${name}: p50`, value: many.p50, unit: 'ms' },
    { name: `${name}: p99`, value: many.p99, unit: 'ms' },
    {
      name: `${name}: cost with ${MANY.people} people, of that with ${FEW.people}`,
      value: costOf(many) / costOf(few),
      unit: 'times',
    },
  ]
  const failed = few.failed + many.failed
  if (failed > 0) rows.push({ name: `${name}: FAILED (${many.failure ?? few.failure})`, value: failed, unit: '' })
  return rows
}

function pageRows(few: { pages: Record<string, number> }, many: { pages: Record<string, number> }): BenchRow[] {
  return Object.entries(many.pages).flatMap(([name, rows]) => [
    { name: `${name}: rows read with ${FEW.people} people`, value: few.pages[name]!, unit: '' },
    { name: `${name}: rows read with ${MANY.people} people`, value: rows, unit: '' },
  ])
}

/** In a process of its own. */
async function makeLoad(order: LoadOrder): Promise<LoadResult> {
  const program = fileURLToPath(new URL('load.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(order)])
  return JSON.parse(stdout) as LoadResult
}
