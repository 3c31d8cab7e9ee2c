import { defineListing, option } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { listSessionsOfPeople, type SessionOfPerson } from '../store/sessions.ts'
import { browserOf } from '../wire/browsers.ts'
import { defineCommand, findPerson } from './define.ts'

const listing = defineListing<SessionOfPerson>(
  {
    id: { help: 'its number', cell: ({ id }) => id, shown: true },
    user: { help: 'uuid of the person', cell: ({ uuid }) => uuid, shown: true },
    email: { help: 'address of the person', cell: ({ email }) => email },
    address: { help: 'network address it began at', cell: ({ address }) => address, shown: true },
    browser: { help: 'program and system', cell: ({ userAgent }) => browserOf(userAgent), shown: true },
    method: { help: 'how the person signed in', cell: ({ method }) => method, shown: true },
    created: { help: 'when it began', cell: ({ createdAt }) => createdAt },
    last_seen: { help: 'when it was used, to some minutes', cell: ({ lastSeenAt }) => lastSeenAt, shown: true },
    expires: { help: 'when it ends', cell: ({ expiresAt }) => expiresAt },
  },
  {
    id: { help: 'its number', column: sql`s.id`, type: 'number' },
    user: { help: 'uuid of the person', column: sql`u.uuid`, type: 'text' },
    address: { help: 'network address it began at', column: sql`s.address`, type: 'text' },
    method: { help: 'how the person signed in', column: sql`s.method`, type: 'text' },
    created: { help: 'when it began', column: sql`s.created_at`, type: 'date' },
    last_seen: { help: 'when it was used', column: sql`s.last_seen_at`, type: 'date' },
  },
)

export const sessionList = defineCommand({
  name: 'session-list',
  summary: 'List where people are signed in',
  input: { ...listing.input, user: option('only of this person: id, e-mail address or uuid', { placeholder: 'user' }) },
  async run({ identity, terminal }, input) {
    const { user } = input
    const person = user === undefined ? undefined : await findPerson(identity.db, user)
    const isTheirs = person ? sql`s.user_id = ${person.id}` : sql`true`
    const idleHours = identity.settings.ASTAKOS_SESSION_IDLE_HOURS
    await listing.show(terminal, input, (condition) =>
      listSessionsOfPeople(identity.db, sql`(${condition}) AND ${isTheirs}`, idleHours),
    )
  },
})
