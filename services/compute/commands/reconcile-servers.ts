import { randomBytes } from 'node:crypto'
import { BackendUnavailable } from '@synnefo/engine-hypervisor'
import { flag, outputFormat } from '@synnefo/lib/commands'
import { instanceName, serverIdOf } from '../compute.ts'
import { nextStep } from '../servers/next-step.ts'
import { RUN_SERVERS } from '../servers/power.ts'
import { finishRemoval } from '../servers/settle.ts'
import { serversOnBackend } from '../store/servers.ts'
import { defineCommand } from './define.ts'

/** The same comparison that `compute.run-servers` works from, as a report; what it never concludes by itself is fixed on demand. */
export const reconcileServers = defineCommand({
  name: 'reconcile-servers',
  summary: 'Compare servers with what is on their backends',
  description:
    'Servers that wait for something, or that went on or off by themselves, are dealt with by the cloud all the time; --fix-unsynced makes it look at once. What nobody decides without you: servers that have no machine (stale), and machines that have no server (orphans).',
  input: {
    fixUnsynced: flag('look at all servers now'),
    fixStale: flag('mark servers without a machine as deleted'),
    fixOrphans: flag('remove machines without a server'),
    fixAll: flag('all of these'),
    outputFormat,
  },
  async run({ compute, terminal }, { fixUnsynced, fixStale, fixOrphans, fixAll, outputFormat: format }) {
    const found: { backend: string; server: string; problem: string; details: string }[] = []
    for (const [backend, hypervisor] of compute.hypervisors) {
      const servers = await serversOnBackend(compute.db, backend)
      const actual = await hypervisor.list().catch((error) => {
        if (!(error instanceof BackendUnavailable)) throw error
        found.push({ backend, server: '-', problem: 'unavailable', details: error.message })
        return undefined
      })
      if (!actual) continue
      const known = new Set(servers.map(({ id }) => id))
      for (const server of servers) {
        const name = instanceName(compute, server.id)
        const step = nextStep(server, actual.get(name))
        if (step.do === 'nothing' || step.do === 'progress') continue
        if (step.do === 'missing') {
          found.push({ backend, server: name, problem: 'stale', details: `the server is ${server.operstate} and has no machine` })
          if (fixStale || fixAll) await terminal.attempt(`Marking ${name} as deleted`, () => finishRemoval(compute, server))
        } else {
          found.push({
            backend,
            server: name,
            problem: 'unsynced',
            details: `${server.operstate}, ${server.task ?? 'no task'}: next step is ${step.do}`,
          })
        }
      }
      for (const name of actual.keys()) {
        const id = serverIdOf(compute, name)
        if (id === undefined || known.has(id)) continue
        found.push({ backend, server: name, problem: 'orphan', details: 'the machine has no server' })
        if (fixOrphans || fixAll) {
          await terminal.attempt(`Removing machine ${name}`, () =>
            hypervisor.remove(name, `${name}-orphan-${randomBytes(4).toString('hex')}`),
          )
        }
      }
    }
    if (fixUnsynced || fixAll) compute.db.wake(RUN_SERVERS)
    terminal.table(found, { fields: ['backend', 'server', 'problem', 'details'], format })
  },
})
