import { defineListing } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { listServices, type ServiceRow } from '../store/services.ts'
import { defineCommand } from './define.ts'

const listing = defineListing<ServiceRow>(
  {
    id: { help: 'internal number', cell: ({ id }) => id, shown: true },
    name: { help: 'name', cell: ({ name }) => name, shown: true },
    component: { help: 'component', cell: ({ component }) => component, shown: true },
    type: { help: 'type by which clients find it', cell: ({ type }) => type, shown: true },
  },
  {
    id: { help: 'internal number', column: sql`s.id`, type: 'number' },
    name: { help: 'name', column: sql`s.name`, type: 'text' },
    type: { help: 'type', column: sql`s.type`, type: 'text' },
    component: { help: 'component', column: sql`c.name`, type: 'text' },
  },
)

export const serviceList = defineCommand({
  name: 'service-list',
  summary: 'List services',
  input: listing.input,
  async run({ identity, terminal }, input) {
    await listing.show(terminal, input, (condition) => listServices(identity.db, condition))
  },
})
