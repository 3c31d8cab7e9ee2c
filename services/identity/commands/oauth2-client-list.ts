import { defineListing, flag } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { listOAuthClients, type OAuthClientRow } from '../store/oauth2-clients.ts'
import { defineCommand } from './define.ts'

const listing = defineListing<OAuthClientRow>(
  {
    id: { help: 'internal number', cell: ({ id }) => id, shown: true },
    identifier: { help: 'name by which it introduces itself', cell: ({ identifier }) => identifier, shown: true },
    type: { help: 'confidential or public', cell: ({ type }) => type, shown: true },
    is_trusted: { help: 'people are not asked whether they agree', cell: ({ isTrusted }) => isTrusted, shown: true },
    redirect_urls: { help: 'where it may send people back to', cell: ({ redirectUrls }) => redirectUrls.join(', ') },
  },
  {
    id: { help: 'internal number', column: sql`c.id`, type: 'number' },
    identifier: { help: 'name by which it introduces itself', column: sql`c.identifier`, type: 'text' },
    type: { help: 'confidential or public', column: sql`c.type`, type: 'text' },
    is_trusted: { help: 'people are not asked', column: sql`c.is_trusted`, type: 'boolean' },
  },
)

export const oauth2ClientList = defineCommand({
  name: 'oauth2-client-list',
  summary: 'List the programs that may ask people who they are',
  input: {
    ...listing.input,
    confidential: flag('only confidential ones'),
    public: flag('only public ones'),
    trusted: flag('only trusted ones'),
  },
  async run({ identity, terminal }, input) {
    const kinds = sql`
      (NOT ${input.confidential}::boolean OR c.type = 'confidential') AND (NOT ${input.public}::boolean OR c.type = 'public')
      AND (NOT ${input.trusted}::boolean OR c.is_trusted)`
    await listing.show(terminal, input, (condition) => listOAuthClients(identity.db, sql`(${condition}) AND ${kinds}`))
  },
})
