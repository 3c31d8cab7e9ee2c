// Background work. A task has no input: it looks at what should be and at what is, and takes steps. It runs
// periodically, and sooner when somebody wakes it; what it is woken with carries no truth. So the path after a crash
// is the path of every day, a lost wake-up costs one period, and any number of processes may run the same tasks.
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../log/index.ts'
import { type Db, WAKES } from '../sql/index.ts'

export interface Task<Context> {
  /** `service.verb-noun`, such as compute.power-servers. */
  name: string
  /** The period, such as 60s, 5m or 1h. */
  every: `${number}${'s' | 'm' | 'h'}`
  /** Answers what it did, as counts; a run that counts anything under `again` is run once more at once. */
  run(context: Context & { db: Db; log: Log }): Promise<Record<string, number> | undefined>
}

export function defineTask<Context>(task: Task<Context>): Task<Context> {
  return task
}

export interface TaskRunner {
  /** Runs everything once, then periodically and when woken. */
  start(): Promise<void>
  /** Waits for runs under way, at most `graceMillis`. */
  stop(graceMillis?: number): Promise<void>
  /** Runs one task to its end, now, and answers what it did. */
  runOnce(name: string): Promise<Record<string, number> | undefined>
  /** For tests: runs all tasks until none reports work. */
  settle(): Promise<void>
}

const UNIT_MILLIS = { s: 1_000, m: 60_000, h: 3_600_000 }

export function periodMillis(every: Task<unknown>['every']): number {
  return Number.parseFloat(every) * UNIT_MILLIS[every.at(-1) as keyof typeof UNIT_MILLIS]
}

interface Turn {
  timer?: NodeJS.Timeout
  running?: Promise<void>
  /** Woken while running: what woke it may have come after the look. */
  again: boolean
}

export function openTasks<Context>(db: Db, log: Log, tasks: readonly Task<Context>[], context: Context): TaskRunner {
  const turns = new Map<string, Turn>(tasks.map(({ name }) => [name, { again: false }]))
  let stopListening: (() => Promise<void>) | undefined
  let started = false

  async function runOnce(name: string) {
    const task = tasks.find((candidate) => candidate.name === name)
    if (!task) throw new Error(`there is no task ${name}; tasks are ${tasks.map((each) => each.name).join(', ')}`)
    return task.run({ ...context, db, log: log.child({ task: name }) })
  }

  function runSoon(name: string) {
    const turn = turns.get(name)
    const task = tasks.find((candidate) => candidate.name === name)
    if (!turn || !task || !started) return // woken for a task of another process
    if (turn.running) {
      turn.again = true
      return
    }
    clearTimeout(turn.timer)
    turn.running = rounds(task, turn).finally(() => {
      delete turn.running
      // Spread, so that many processes do not look at the same moment.
      if (started) turn.timer = setTimeout(runSoon, periodMillis(task.every) * (0.9 + Math.random() * 0.2), name).unref()
    })
  }

  async function rounds({ name }: Task<Context>, turn: Turn) {
    do {
      turn.again = false
      const began = performance.now()
      try {
        const report = await runOnce(name)
        if (report && didWork(report)) log.info({ task: name, millis: Math.round(performance.now() - began), ...report }, 'task')
        if (report?.['again']) turn.again = true
      } catch (error) {
        log.warn({ task: name, error }, 'task failed; it runs again when woken or at its next period')
      }
    } while (turn.again && started)
  }

  return {
    runOnce,
    start: async () => {
      started = true
      const wakeAll = () => {
        for (const { name } of tasks) runSoon(name)
      }
      stopListening = await db.listen(WAKES, runSoon, wakeAll)
      wakeAll()
    },
    stop: async (graceMillis = 10_000) => {
      started = false
      await stopListening?.()
      for (const turn of turns.values()) clearTimeout(turn.timer)
      const running = [...turns.values()].flatMap((turn) => turn.running ?? [])
      await Promise.race([Promise.all(running), delay(graceMillis, undefined, { ref: false })])
    },
    settle: async () => {
      for (let round = 0; round < 200; round += 1) {
        let work = false
        for (const { name } of tasks) {
          const report = await runOnce(name)
          if (report && didWork(report)) work = true
        }
        if (!work) return
      }
      throw new Error('tasks still report work after 200 rounds')
    },
  }
}

function didWork(report: Record<string, number>): boolean {
  return Object.values(report).some((count) => count > 0)
}
