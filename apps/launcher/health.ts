// Whether the processes do their work, asked from outside.
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { localHost, localUrl } from './address.ts'
import type { CloudPlan } from './cloud-plan.ts'

/** A host that does much else takes its time; what hangs stays silent. */
const PATIENCE_MS = 10_000

/** The names of the programs that do not answer now. */
export async function unhealthy(plan: CloudPlan): Promise<string[]> {
  const answers = await Promise.all(plan.programs.map(async ({ name }) => ((await isHealthy(name, plan)) ? undefined : name)))
  return answers.filter((name) => name !== undefined)
}

function isHealthy(name: string, plan: CloudPlan): boolean | Promise<boolean> {
  if (name === 'database') return databaseIsReady(plan.databaseFolder)
  if (name === 'node') return answers({ socketPath: plan.nodeSocket, path: '/health' })
  return answers({ host: localHost(plan.address.listen), port: plan.address.port, path: '/health' })
}

/** What the cloud says of itself besides whether it answers; undefined when it does not. */
export async function ownReport(plan: CloudPlan): Promise<{ damagedBlocks?: number } | undefined> {
  const url = `${localUrl(plan.address)}/health/ready`
  try {
    return (await (await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) })).json()) as { damagedBlocks?: number }
  } catch {
    return undefined
  }
}

/** PostgreSQL writes its state into the eighth line of its pid file. */
function databaseIsReady(folder: string | undefined): boolean {
  if (folder === undefined) return true
  try {
    return readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

function answers(target: { host?: string; port?: number; socketPath?: string; path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ ...target, timeout: PATIENCE_MS, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.end()
  })
}
