// The cloud of a home as its supervisor wrote it down, and what of it runs now.
import { setTimeout as delay } from 'node:timers/promises'
import { type CloudPlan, readPlan } from './cloud-plan.ts'
import type { Home } from './host/folders.ts'
import { isRunning } from './host/process-identity.ts'
import { readJson, type SupervisorState } from './supervisor/plan.ts'
import { endPrograms } from './supervisor/supervise.ts'

export interface RunningCloud {
  plan: CloudPlan
  state: SupervisorState
  /** False when the supervisor was killed: its programs run on, but nobody starts them again. */
  supervised: boolean
}

/** undefined when nothing of the cloud runs. */
export function findRunning(home: Home): RunningCloud | undefined {
  const plan = readPlan(home)
  const state = plan && readJson<SupervisorState>(plan.stateFile)
  if (!state) return undefined
  const supervised = isRunning(state.supervisor)
  const alive = supervised || state.programs.some(({ process }) => process && isRunning(process))
  return alive ? { plan, state, supervised } : undefined
}

/** Ends all programs in good order, and the supervisor. Machines run on. */
export async function stopRunning({ state, plan, supervised }: RunningCloud): Promise<void> {
  if (!supervised) return endPrograms(plan.programs, state, () => {})
  const { supervisor } = state
  const patienceMs = 10_000 + plan.programs.reduce((sum, { stopSeconds }) => sum + stopSeconds * 1000, 0)
  const deadline = performance.now() + patienceMs
  process.kill(supervisor.pid, 'SIGTERM')
  while (isRunning(supervisor)) {
    if (performance.now() > deadline)
      throw new Error(`the supervisor (process ${supervisor.pid}) does not end; see ./synnefo logs`)
    await delay(25)
  }
}
