import { argument } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { sql } from '@synnefo/lib/sql'
import { type AuthPolicySummary, listAuthPolicies } from '../store/auth-policies.ts'
import { PROFILE_POLICIES } from '../wire/login-policies.ts'
import { defineCommand } from './define.ts'

export const authpolicyShow = defineCommand({
  name: 'authpolicy-show',
  summary: 'Show a profile of what may be done with a way to sign in',
  input: { name: argument('name of the profile') },
  async run({ identity, terminal }, { name }) {
    const [profile] = await listAuthPolicies(identity.db, sql`p.name = ${name}`)
    if (!profile) throw new Fault('itemNotFound', `There is no profile named '${name}'`)
    terminal.record({
      id: profile.id,
      'is active': profile.isActive,
      name: profile.name,
      'is exclusive': profile.isExclusive,
      policies: describePolicies(profile),
      groups: profile.groups.join(', '),
      users: profile.users.join(', '),
    })
  },
})

/** Those that it says something about. */
function describePolicies(profile: AuthPolicySummary): string {
  const said = PROFILE_POLICIES.filter((policy) => profile[policy] !== null)
  return said.map((policy) => `${policy}=${spell(profile[policy]!)}`).join(', ')
}

const spell = (value: boolean | number) => (typeof value === 'number' ? String(value) : value ? 'True' : 'False')
