import { flag, option } from '@synnefo/lib/commands'
import { flavorName } from '../flavors/flavors.ts'
import { viewServers } from '../servers/view.ts'
import { flavorsById } from '../store/flavors.ts'
import { allServers } from '../store/servers.ts'
import { statusOf } from '../wire/server-states.ts'
import { defineCommand, output } from './define.ts'

export const serverList = defineCommand({
  name: 'server-list',
  summary: 'List servers',
  input: {
    user: option("only this person's (uuid)", { placeholder: 'uuid', short: 'u' }),
    deleted: flag('deleted ones too', { short: 'd' }),
    ...output,
  },
  async run({ compute, terminal }, { user, deleted, outputFormat, noHeaders }) {
    const rows = await allServers(compute.db, { deleted, ...(user ? { userId: user } : {}) })
    const flavors = new Map(
      (await flavorsById(compute.db, [...new Set(rows.map(({ flavorId }) => flavorId))])).map((flavor) => [flavor.id, flavor]),
    )
    const views = await viewServers(compute.db, rows)
    const lines = views.map(({ server, ports }) => ({
      id: server.id,
      name: server.name,
      owner: server.userId,
      flavor: flavorName(flavors.get(server.flavorId)!),
      image: server.imageId,
      status: statusOf(server),
      task: server.task,
      address: ports.flatMap(({ ips }) => ips.map(({ address }) => address)).join(', '),
      backend: server.backend,
    }))
    const fields = ['id', 'name', 'owner', 'flavor', 'image', 'status', 'task', 'address', 'backend']
    terminal.table(lines, { fields, format: outputFormat, headings: !noHeaders })
  },
})
