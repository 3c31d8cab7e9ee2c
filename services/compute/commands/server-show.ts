import { BackendUnavailable } from '@synnefo/engine-hypervisor'
import { argument, outputFormat } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { type Compute, instanceName } from '../compute.ts'
import { flavorName } from '../flavors/flavors.ts'
import { viewServers } from '../servers/view.ts'
import { flavorById } from '../store/flavors.ts'
import { type ServerRow, serverById } from '../store/servers.ts'
import { statusOf } from '../wire/server-states.ts'
import { defineCommand, readServerId } from './define.ts'

export const serverShow = defineCommand({
  name: 'server-show',
  summary: 'Show a server, as it should be and as it is on its backend',
  input: { server: argument('id, or name such as snf-42', { read: readServerId }), outputFormat },
  async run({ compute, terminal }, { server: id, outputFormat: format }) {
    const server = await serverById(compute.db, id)
    if (!server) throw new Fault('itemNotFound', `Server ${id} does not exist.`)
    const [view] = await viewServers(compute.db, [server])
    const flavor = await flavorById(compute.db, server.flavorId)
    const { ports, volumeIds, metadata, diagnostic } = view!
    terminal.record(
      {
        id,
        name: server.name,
        owner: server.userId,
        project: server.project,
        status: statusOf(server),
        operstate: server.operstate,
        task: server.task,
        intent: server.intent,
        flavor: flavor && flavorName(flavor),
        image: server.imageId,
        backend: server.backend,
        'on backend': await seenOnBackend(compute, server),
        addresses: ports.flatMap(({ ips }) => ips.map(({ address }) => address)),
        ports: ports.map((port) => `${port.id} (${port.mac})`),
        volumes: volumeIds.map(String),
        keys: server.keyNames,
        metadata: Object.entries(metadata).map(([key, value]) => `${key}=${value}`),
        diagnostic: diagnostic && `${diagnostic.level}: ${diagnostic.message}`,
        created: server.createdAt,
        updated: server.updatedAt,
      },
      { format },
    )
  },
})

async function seenOnBackend(compute: Compute, server: ServerRow): Promise<string> {
  try {
    const facts = (await compute.hypervisors.get(server.backend)?.list())?.get(instanceName(compute, server.id))
    if (!facts) return 'not there'
    return [facts.power ?? 'being made', facts.stoppedBecause, facts.pausedBecause].filter(Boolean).join(', ')
  } catch (error) {
    if (error instanceof BackendUnavailable) return 'the backend does not answer'
    throw error
  }
}
