import { defineListing } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { type AuthPolicySummary, listAuthPolicies } from '../store/auth-policies.ts'
import { defineCommand } from './define.ts'

const listing = defineListing<AuthPolicySummary>(
  {
    id: { help: 'internal number', cell: ({ id }) => id, shown: true },
    name: { help: 'name', cell: ({ name }) => name, shown: true },
    provider: { help: 'way to sign in that it is about', cell: ({ provider }) => provider, shown: true },
    exclusive: { help: 'whether it holds for every other one instead', cell: ({ isExclusive }) => isExclusive, shown: true },
    groups: { help: 'groups that have it', cell: ({ groups }) => groups.join(', '), shown: true },
    users: { help: 'people who have it', cell: ({ users }) => users.join(', '), shown: true },
    priority: { help: 'the higher one wins', cell: ({ priority }) => priority },
    active: { help: 'whether it holds', cell: ({ isActive }) => isActive },
  },
  {
    id: { help: 'internal number', column: sql`p.id`, type: 'number' },
    name: { help: 'name', column: sql`p.name`, type: 'text' },
    provider: { help: 'way to sign in', column: sql`p.provider`, type: 'text' },
    exclusive: { help: 'whether it holds for every other one instead', column: sql`p.is_exclusive`, type: 'boolean' },
    priority: { help: 'the higher one wins', column: sql`p.priority`, type: 'number' },
    active: { help: 'whether it holds', column: sql`p.is_active`, type: 'boolean' },
  },
)

export const authpolicyList = defineCommand({
  name: 'authpolicy-list',
  summary: 'List profiles of what may be done with ways to sign in',
  input: listing.input,
  async run({ identity, terminal }, input) {
    await listing.show(terminal, input, (condition) => listAuthPolicies(identity.db, condition))
  },
})
