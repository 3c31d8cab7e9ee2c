import { peopleDirectory } from '@synnefo/identity'
import { defineScopedListing, flag } from '@synnefo/lib/commands'
import { type Sql, sql } from '@synnefo/lib/sql'
import { flavorName } from '../flavors/flavors.ts'
import { type ServerView, viewServers } from '../servers/view.ts'
import { type FlavorRow, flavorsById } from '../store/flavors.ts'
import { allServers, type ServerRow } from '../store/servers.ts'
import { statusOf } from '../wire/server-states.ts'
import { defineCommand } from './define.ts'

interface Line extends ServerView {
  flavor: FlavorRow
}

const addressOf = ({ ports }: Line, version: 4 | 6) =>
  ports.flatMap(({ ips }) => ips.filter((ip) => ip.version === version).map(({ address }) => address))

/** That of a building server says how far it is. */
function stateOf(server: ServerRow): string {
  const status = statusOf(server)
  return status === 'BUILD' ? `BUILD(${server.buildPercent}%)` : status
}

const listing = defineScopedListing<Line>(
  {
    id: { help: 'id', cell: ({ server }) => server.id, shown: true },
    name: { help: 'label', cell: ({ server }) => server.name, shown: true },
    'user.uuid': { help: 'owner', cell: ({ server }) => server.userId, shown: true },
    state: { help: 'state, with the progress of a build', cell: ({ server }) => stateOf(server), shown: true },
    flavor: { help: 'flavor', cell: ({ flavor }) => flavorName(flavor), shown: true },
    'image.id': { help: 'image it was made of', cell: ({ server }) => server.imageId, shown: true },
    backend: { help: 'where it runs', cell: ({ server }) => server.backend, shown: true },
    task: { help: 'what it waits for', cell: ({ server }) => server.task },
    project: { help: 'project that pays', cell: ({ server }) => server.project },
    ipv4: { help: 'IPv4 addresses', cell: (line) => addressOf(line, 4) },
    ipv6: { help: 'IPv6 addresses', cell: (line) => addressOf(line, 6) },
    created: { help: 'when it was made', cell: ({ server }) => server.createdAt },
    deleted: { help: 'whether it is gone', cell: ({ server }) => server.deleted },
    suspended: { help: 'whether an administrator suspended it', cell: ({ server }) => server.suspended },
  },
  {
    id: { help: 'id', column: sql`s.id`, type: 'number' },
    name: { help: 'label', column: sql`s.name`, type: 'text' },
    'user.uuid': { help: 'owner', column: sql`s.user_id::text`, type: 'text' },
    operstate: { help: 'state as it is kept', column: sql`s.operstate`, type: 'text' },
    'image.id': { help: 'image', column: sql`s.image_id`, type: 'text' },
    backend: { help: 'where it runs', column: sql`b.name`, type: 'text' },
    project: { help: 'project that pays', column: sql`s.project::text`, type: 'text' },
    created: { help: 'when it was made', column: sql`s.created_at`, type: 'date' },
    deleted: { help: 'whether it is gone', column: sql`s.deleted`, type: 'boolean' },
    suspended: { help: 'whether it is suspended', column: sql`s.suspended`, type: 'boolean' },
  },
  {
    owner: { column: sql`s.user_id`, uuid: ({ server }) => server.userId },
    project: { column: sql`s.project` },
    deleted: { column: sql`s.deleted` },
  },
)

export const serverList = defineCommand({
  name: 'server-list',
  summary: 'List servers',
  input: {
    ...listing.input,
    suspended: flag('only suspended ones'),
    build: flag('only those that are being built'),
  },
  async run({ compute, terminal }, { suspended, build, ...input }) {
    async function find(condition: Sql): Promise<Line[]> {
      const conditions: Sql[] = [condition]
      if (suspended) conditions.push(sql`s.suspended`)
      if (build) conditions.push(sql`s.operstate = 'BUILD'`)
      const rows = await allServers(compute.db, conditions)
      const flavors = new Map(
        (await flavorsById(compute.db, [...new Set(rows.map(({ flavorId }) => flavorId))])).map((flavor) => [flavor.id, flavor]),
      )
      return (await viewServers(compute.db, rows)).map((view) => ({ ...view, flavor: flavors.get(view.server.flavorId)! }))
    }
    await listing.show(terminal, input, find, { people: peopleDirectory(compute.identity) })
  },
})
