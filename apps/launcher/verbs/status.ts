import { rememberedAddress, type Urls, urlsOf } from '../address.ts'
import { ownReport, unhealthy } from '../health.ts'
import { findHome } from '../host/folders.ts'
import { isRunning, parentOf } from '../host/process-identity.ts'
import { commandLine, descendants, withMemory } from '../host/process-memory.ts'
import type { Verb } from '../main.ts'
import { findRunning, type RunningCloud } from '../running.ts'

export interface Status {
  /** `degraded`: something ended or does not answer now. */
  state: 'running' | 'degraded' | 'stopped'
  home: string
  /** Where it answers, or will with the next `up`. */
  urls: Urls
  processes: { name: string; pid: number; pssBytes: number | null }[]
  /** What does not answer, how programs that were started again had ended, and whether blocks are damaged. */
  trouble: string[]
}

export const verb: Verb = {
  usage: '[--json]',
  options: { json: { type: 'boolean' } },
  async run({ json }) {
    const status = await readStatus()
    console.log(json ? JSON.stringify(status, null, 2) : describe(status))
    return 0
  },
}

export async function readStatus(): Promise<Status> {
  const home = findHome()
  const running = findRunning(home)
  if (!running) return { state: 'stopped', home: home.folder, urls: urlsOf(rememberedAddress(home)), processes: [], trouble: [] }
  const [silent, report] = await Promise.all([unhealthy(running.plan), ownReport(running.plan)])
  const damaged = report?.damagedBlocks ?? 0
  const trouble = [
    ...(running.supervised ? [] : ['the supervisor is gone: run ./synnefo up']),
    ...silent.map((name) => `${name} does not answer`),
    ...running.state.programs.flatMap(({ name, restarts, lastEnd }) =>
      restarts > 0 ? [`${name} was started again ${restarts === 1 ? 'once' : `${restarts} times`}, last after ${lastEnd}`] : [],
    ),
    ...(damaged > 0 ? [`blocks that are damaged or missing: ${damaged}; ./synnefo manage pithos-fsck tells who needs them`] : []),
  ]
  return {
    state: silent.length === 0 && running.supervised ? 'running' : 'degraded',
    home: home.folder,
    urls: urlsOf(running.plan.address),
    processes: processesOf(running),
    trouble,
  }
}

function processesOf({ state, supervised }: RunningCloud): Status['processes'] {
  const programs = state.programs.flatMap(({ name, process }) =>
    process && isRunning(process) ? [{ name, pid: process.pid }] : [],
  )
  const named = [...(supervised ? supervisorOf(state.supervisor.pid) : []), ...programs]
  const below = descendants(named.map(({ pid }) => pid)).map((pid) => ({ name: nameOf(pid), pid }))
  return withMemory([...named, ...below]) // sessions of the database come and go
}

/** With the shell that starts it again. */
function supervisorOf(pid: number): { name: string; pid: number }[] {
  const guard = parentOf(pid)
  const isOurs = guard !== undefined && commandLine(guard)[0] === '/bin/sh'
  return [{ name: 'supervisor', pid }, ...(isOurs ? [{ name: 'supervisor guard', pid: guard }] : [])]
}

/** PostgreSQL says what a process does ("postgres: checkpointer"); a session carries user and database instead. */
function nameOf(pid: number): string {
  const [program = 'unknown', ...words] = commandLine(pid)
  const duty = /^postgres: (.*)$/.exec([program, ...words].join(' '))?.[1]?.trim()
  if (duty !== undefined) return /^\S+ \S+ (\[local\]|\d)/.test(duty) ? 'database session' : `database ${duty}`
  return program.slice(program.lastIndexOf('/') + 1)
}

function describe({ state, home, urls, processes, trouble }: Status): string {
  const mebibytes = (bytes: number | null) => (bytes === null ? '?' : `${(bytes / 2 ** 20).toFixed(1)} MiB`)
  const total = processes.reduce((sum, { pssBytes: bytes }) => sum + (bytes ?? 0), 0)
  const rows = processes.map(
    ({ name, pid, pssBytes: bytes }) => `  ${name.padEnd(32)} ${String(pid).padStart(8)} ${mebibytes(bytes).padStart(11)}`,
  )
  return [
    `Synnefo is ${state}. Home: ${home}`,
    ...(state === 'stopped' ? [] : [`Web UI: ${urls.web}`]),
    ...rows,
    ...(rows.length > 0 ? [`  ${'together'.padEnd(32)} ${''.padStart(8)} ${mebibytes(total).padStart(11)}`] : []),
    ...trouble,
  ].join('\n')
}
