// Keeps the programs of a plan running. Whatever ends is started again, after a pause that grows. Programs of a
// supervisor that was killed run on and are taken over by the next one.
import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { identify, isRunning, type ProcessIdentity } from '../host/process-identity.ts'
import { backoff } from './backoff.ts'
import { openLogFile, rotateWhenLarge } from './log-files.ts'
import { type Plan, type Program, type ProgramState, readJson, type SupervisorState, writeJson } from './plan.ts'

const ROTATE_EVERY_MS = 10_000
/** How often a process that is not our child is looked at; the kernel tells about children. */
const LOOK_EVERY_MS = 500

export interface Supervisor {
  /** Ends every program, last started first. */
  stop(): Promise<void>
}

interface Running {
  identity: ProcessIdentity
  ended: Promise<string>
}

export async function supervise(plan: Plan, log: (line: string) => void): Promise<Supervisor> {
  const stopping = new AbortController()
  const running = new Map<string, Running>()
  const programs = plan.programs.map((program): ProgramState => ({ name: program.name, restarts: 0 }))
  const state: SupervisorState = { supervisor: identify(process.pid)!, version: plan.version, programs }
  const logFile = (name: string) => `${plan.logFolder}/${name}.log`

  const left = await takeOver(plan, readJson<SupervisorState>(plan.stateFile), log)
  const keeping = plan.programs.map((program, index) => keep(program, programs[index]!))
  writeJson(plan.stateFile, state)
  const rotating = setInterval(() => {
    for (const name of ['supervisor', ...plan.programs.map((program) => program.name)]) rotateWhenLarge(logFile(name))
  }, ROTATE_EVERY_MS)

  async function keep(program: Program, entry: ProgramState): Promise<void> {
    const pauseAfter = backoff()
    while (!stopping.signal.aborted) {
      const startedMs = performance.now()
      const current = left.get(program.name) ?? start(program, openLogFile(logFile(program.name)))
      left.delete(program.name)
      running.set(program.name, current)
      entry.process = current.identity
      writeJson(plan.stateFile, state)
      entry.lastEnd = await current.ended
      running.delete(program.name)
      entry.process = undefined
      if (stopping.signal.aborted) break
      const pauseMs = pauseAfter(performance.now() - startedMs)
      log(`${program.name} ended (${entry.lastEnd}); next start in ${pauseMs} ms`)
      writeJson(plan.stateFile, state)
      await sleep(pauseMs, stopping.signal)
      entry.restarts += 1
    }
  }

  return {
    async stop() {
      stopping.abort()
      for (const program of plan.programs.toReversed()) {
        const current = running.get(program.name)
        if (current) await end(program, current, log)
      }
      await Promise.all(keeping)
      clearInterval(rotating)
    },
  }
}

function start(program: Program, logFile: number): Running {
  const [file, ...words] = program.command
  // A session of its own: what a terminal sends to its foreground does not reach it.
  const child = spawn(file!, words, {
    cwd: '/',
    detached: true,
    env: program.environment,
    stdio: ['ignore', logFile, logFile],
  })
  closeSync(logFile)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  return { identity: identity ?? { pid: child.pid ?? 0, bootId: '', startTicks: '' }, ended }
}

/** What an earlier supervisor left running: kept when the plan is the same, ended in good order when it is another one. */
async function takeOver(plan: Plan, earlier: SupervisorState | undefined, log: (line: string) => void) {
  if (earlier?.version !== plan.version) {
    if (earlier) await endPrograms(plan.programs, earlier, log)
    return new Map<string, Running>()
  }
  return new Map(leftBy(earlier).map(({ name, running }) => [name, running]))
}

/** Ends, last started first, what a supervisor that is gone left running. */
export async function endPrograms(
  programs: readonly Program[],
  left: SupervisorState,
  log: (line: string) => void,
): Promise<void> {
  for (const { name, running } of leftBy(left).toReversed()) {
    const program = programs.find((candidate) => candidate.name === name)
    await end(program ?? { name, stopSignal: 'SIGTERM', stopSeconds: 20 }, running, log)
  }
}

function leftBy({ programs }: SupervisorState): { name: string; running: Running }[] {
  return programs.flatMap(({ name, process }) =>
    process && isRunning(process) ? [{ name, running: { identity: process, ended: endOf(process) } }] : [],
  )
}

async function endOf(process: ProcessIdentity): Promise<string> {
  while (isRunning(process)) await sleep(LOOK_EVERY_MS)
  return 'ended'
}

async function end(
  program: Pick<Program, 'name' | 'stopSignal' | 'stopSeconds'>,
  { identity, ended }: Running,
  log: (line: string) => void,
): Promise<void> {
  signal(identity, program.stopSignal)
  const patience = new AbortController()
  const late = sleep(program.stopSeconds * 1000, patience.signal).then(() => {
    if (patience.signal.aborted) return
    log(`${program.name} did not end within ${program.stopSeconds} s and is killed`)
    signal(identity, 'SIGKILL')
  })
  await ended
  patience.abort()
  await late
}

function signal(target: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    if (isRunning(target)) process.kill(target.pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Answers early when `signal` says so. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
