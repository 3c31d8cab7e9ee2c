import { BackendUnavailable, type Hypervisor, type InstanceFacts, type InstanceSpec } from '@synnefo/engine-hypervisor'
import { defineTask, eachOf } from '@synnefo/lib/tasks'
import { nicSpecsOfServer } from '@synnefo/network'
import { diskSpecsOfServer } from '@synnefo/volume'
import { type Compute, instanceName } from '../compute.ts'
import { openBuild } from '../servers/builds.ts'
import { nextStep, type Step } from '../servers/next-step.ts'
import { RUN_SERVERS } from '../servers/power.ts'
import { announce, failBuild, failTask, finishBuild, finishPower, finishRemoval, noticePower } from '../servers/settle.ts'
import { type FlavorRow, flavorById } from '../store/flavors.ts'
import { type ServerRow, serversOnBackend, setBuildProgress } from '../store/servers.ts'
import { MIB } from '../units.ts'

/**
 * Makes machines what their servers should be. Looks at every backend and at its servers, takes one step per server,
 * reports. Any number of processes may run it: asking a backend twice under one intent is harmless, and an outcome is
 * recorded only while the server still waits for it.
 */
export const runServers = defineTask<{ compute: Compute }>({
  name: RUN_SERVERS,
  every: '30s',
  async run({ compute }) {
    const report = { asked: 0, progressed: 0, finished: 0, failed: 0, noticed: 0, missing: 0, unavailable: 0, errors: 0 }
    for (const [backend, hypervisor] of compute.hypervisors) {
      const lookedAt = new Date()
      let actual: Map<string, InstanceFacts>
      try {
        actual = await hypervisor.list()
      } catch (error) {
        if (!(error instanceof BackendUnavailable)) throw error
        report.unavailable += 1
        compute.log.warn({ backend, error }, 'a backend does not answer; its servers are left as they are')
        continue
      }
      await eachOf(await serversOnBackend(compute.db, backend), { atOnce: 4 }, async (server) => {
        // What was seen before the last task ended says nothing about the server as it is now.
        if (server.task === null && server.settledAt >= lookedAt) return
        const step = nextStep(server, actual.get(instanceName(compute, server.id)))
        try {
          const done = await take(compute, hypervisor, server, step)
          if (done) report[done] += 1
        } catch (error) {
          report.errors += 1 // no retry here: the next run starts from the facts again
          compute.log.warn({ server: server.id, step: step.do, error }, 'could not take the next step of a server')
        }
      })
    }
    return report
  },
})

type Counted = 'asked' | 'progressed' | 'finished' | 'failed' | 'noticed' | 'missing'

async function take(compute: Compute, hypervisor: Hypervisor, server: ServerRow, step: Step): Promise<Counted | undefined> {
  switch (step.do) {
    case 'nothing':
      return undefined
    case 'ask':
      await ask(compute, hypervisor, server)
      return 'asked'
    case 'progress':
      return (await showProgress(compute, server, step)) ? 'progressed' : undefined
    case 'finish':
      await (server.task === 'BUILD' ? finishBuild : finishPower)(compute, server, step.operstate)
      return 'finished'
    case 'finish-removal':
      await finishRemoval(compute, server)
      return 'finished'
    case 'fail':
      await (server.task === 'BUILD' ? failBuild : failTask)(compute, server, step.reason)
      return 'failed'
    case 'notice':
      await noticePower(compute, server, step.operstate, step.why)
      return 'noticed'
    case 'missing':
      compute.log.warn(
        { server: server.id, backend: server.backend },
        'a server is not on its backend: see snf-manage reconcile-servers',
      )
      return undefined
  }
}

async function ask(compute: Compute, hypervisor: Hypervisor, server: ServerRow): Promise<void> {
  const name = instanceName(compute, server.id)
  const intent = server.intent!
  if (server.task === 'BUILD') await hypervisor.create(await instanceSpec(compute, server, name), intent)
  if (server.task === 'START') await hypervisor.start(name, intent)
  if (server.task === 'STOP') await hypervisor.stop(name, compute.settings.SERVER_SHUTDOWN_SECONDS, intent)
  if (server.task === 'REBOOT') await hypervisor.reboot(name, { hard: server.taskOptions.hard ?? false }, intent)
  if (server.task === 'DESTROY') await hypervisor.remove(name, intent)
}

async function instanceSpec(compute: Compute, server: ServerRow, name: string): Promise<InstanceSpec> {
  const prefix = compute.settings.BACKEND_PREFIX_ID
  const flavor = (await flavorById(compute.db, server.flavorId)) as FlavorRow
  return {
    name,
    cpus: flavor.cpu,
    ramBytes: flavor.ramMib * Number(MIB),
    disks: await diskSpecsOfServer(compute.objectStore, server.id, prefix),
    nics: await nicSpecsOfServer(compute.db, server.id, prefix),
    customise: await openBuild(compute, server.id, name),
  }
}

function showProgress(
  compute: Compute,
  server: ServerRow,
  { percent, step }: { percent: number; step: string },
): Promise<boolean> {
  const whole = Math.max(0, Math.min(100, Math.floor(percent)))
  if (whole === server.buildPercent && step === server.buildStep) return Promise.resolve(false)
  return compute.db.transaction(async (tx) => {
    const changed = await setBuildProgress(tx, server.id, whole, step)
    if (changed) announce(tx, server)
    return changed
  })
}
