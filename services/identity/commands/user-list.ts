import { defineListing, flag, repeated } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { listPeople, type PersonSummary } from '../store/people-list.ts'
import { defineCommand } from './define.ts'

const listing = defineListing<PersonSummary>(
  {
    id: { help: 'internal number', cell: ({ id }) => id, shown: true },
    displayname: { help: 'e-mail address', cell: ({ email }) => email, shown: true },
    realname: { help: 'first and last name', cell: ({ firstName, lastName }) => `${firstName} ${lastName}`.trim(), shown: true },
    uuid: { help: 'id in all APIs', cell: ({ uuid }) => uuid, shown: true },
    active: { help: 'may sign in and use the APIs', cell: ({ isActive }) => isActive, shown: true },
    admin: { help: 'administers the cloud', cell: ({ isAdmin }) => isAdmin, shown: true },
    verified: { help: 'the address is known to be theirs', cell: ({ emailVerified }) => emailVerified },
    moderated: { help: 'somebody, or a rule, has decided about the account', cell: ({ moderated }) => moderated },
    providers: { help: 'ways to sign in', cell: ({ providers }) => providers.join(',') },
    activation_sent: { help: 'when the last verification mail was written', cell: ({ activationSentAt }) => activationSentAt },
    groups: { help: 'groups', cell: ({ groups }) => groups },
    last_login_details: { help: 'last login by way to sign in', cell: ({ lastLogins }) => lastLogins },
    last_login: { help: 'last login', cell: ({ lastLoginAt }) => lastLoginAt },
  },
  {
    id: { help: 'internal number', column: sql`u.id`, type: 'number' },
    uuid: { help: 'id in all APIs', column: sql`u.uuid`, type: 'text' },
    email: { help: 'e-mail address', column: sql`u.email`, type: 'text' },
    username: { help: 'e-mail address', column: sql`u.email`, type: 'text' },
    first_name: { help: 'first name', column: sql`u.first_name`, type: 'text' },
    last_name: { help: 'last name', column: sql`u.last_name`, type: 'text' },
    affiliation: { help: 'affiliation', column: sql`u.affiliation`, type: 'text' },
    is_active: { help: 'may sign in', column: sql`u.is_active`, type: 'boolean' },
    is_superuser: { help: 'administrative flag', column: sql`u.is_superuser`, type: 'boolean' },
    is_rejected: { help: 'was not let in', column: sql`u.is_rejected`, type: 'boolean' },
    email_verified: { help: 'the address is verified', column: sql`u.email_verified`, type: 'boolean' },
    moderated: { help: 'decided about', column: sql`u.moderated`, type: 'boolean' },
    accepted_policy: { help: 'rule by which the account was accepted', column: sql`u.accepted_policy`, type: 'text' },
    date_joined: { help: 'when the account was made', column: sql`u.joined_at`, type: 'date' },
    last_login: { help: 'last login', column: sql`u.last_login_at`, type: 'date' },
  },
)

export const userList = defineCommand({
  name: 'user-list',
  summary: 'List people',
  input: {
    ...listing.input,
    authProviders: flag('show the ways to sign in too'),
    group: repeated('only members of this group, or of any of several', { placeholder: 'name' }),
    active: flag('only those who may sign in'),
    pendingModeration: flag('only those who wait for a moderator'),
    pendingVerification: flag('only those whose address is not verified'),
    displayMails: flag('show e-mail addresses too', { aliases: ['displayname'] }),
  },
  async run({ identity, terminal }, input) {
    const shown = [...(input.authProviders ? ['providers'] : []), ...(input.displayMails ? ['displayname'] : [])]
    await listing.show(terminal, input, (condition) => listPeople(identity.db, { condition, ...input }), shown)
  },
})
