import { setTimeout as wait } from 'node:timers/promises'
import { DeployFailed, type DeployJob, type ImageDeploy } from './interface.ts'
import { Properties } from './properties.ts'
import { tasksFor } from './tasks/index.ts'

export interface SimulatedDeploy extends ImageDeploy {
  /** What was asked for, in order, failed jobs included. */
  readonly jobs: readonly DeployJob[]
  /** The next job fails with this message. */
  failNext(message: string): void
}

/** Customises nothing, remembers everything; the tasks it reports are those that the properties of the image leave. */
export function openSimulated({ delayMilliseconds = 0 } = {}): SimulatedDeploy {
  const jobs: DeployJob[] = []
  let failure: string | undefined
  return {
    jobs,
    failNext(message) {
      failure = message
    },
    async deploy(job, { signal, onTask } = {}) {
      jobs.push(job)
      await wait(delayMilliseconds)
      signal?.throwIfAborted()
      const message = failure
      failure = undefined
      if (message !== undefined) throw new DeployFailed(message)
      const properties = new Properties(job.properties)
      const tasks = tasksFor(properties).map(({ name }) => name)
      for (const task of tasks) onTask?.(task)
      return { tasks, warnings: properties.warnings }
    },
  }
}
