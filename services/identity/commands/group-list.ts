import { defineListing } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { type GroupSummary, listGroups } from '../store/groups.ts'
import { defineCommand } from './define.ts'

const listing = defineListing<GroupSummary>(
  {
    id: { help: 'internal number', cell: ({ id }) => id, shown: true },
    name: { help: 'name', cell: ({ name }) => name, shown: true },
    users_count: { help: 'members', cell: ({ members }) => members, shown: true },
  },
  {
    id: { help: 'internal number', column: sql`g.id`, type: 'number' },
    name: { help: 'name', column: sql`g.name`, type: 'text' },
  },
)

export const groupList = defineCommand({
  name: 'group-list',
  summary: 'List groups of people',
  input: listing.input,
  async run({ identity, terminal }, input) {
    await listing.show(terminal, input, (condition) => listGroups(identity.db, condition))
  },
})
