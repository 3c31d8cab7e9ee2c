import { argument, flag } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { sql } from '@synnefo/lib/sql'
import { deleteOAuthClient, listOAuthClients } from '../store/oauth2-clients.ts'
import { defineCommand, noteCommand } from './define.ts'

export const oauth2ClientRemove = defineCommand({
  name: 'oauth2-client-remove',
  summary: 'Forget a program that asks people who they are, with its URLs, codes and tokens',
  input: {
    client: argument('id or identifier'),
    force: flag('do not ask first', { short: 'f' }),
  },
  async run({ identity, terminal }, { client: word, force }) {
    const byId = /^\d{1,18}$/.test(word) ? sql`c.id = ${word}::bigint OR c.identifier = ${word}` : sql`c.identifier = ${word}`
    // An identifier of digits may look like the id of another: the id comes first, as in all commands.
    const found = await listOAuthClients(identity.db, byId)
    const client = found.find(({ id }) => String(id) === word) ?? found[0]
    if (!client) throw new Fault('itemNotFound', `Unknown OAuth 2.0 client '${word}'`)
    await terminal.insist(`Are you sure you want to remove the client ${client.identifier}?`, { force })
    await identity.db.transaction(async (tx) => {
      await deleteOAuthClient(tx, client.id)
      await noteCommand(tx, 'oauth2-client-remove', `oauth2-client:${client.identifier}`)
    })
    terminal.error(`Removed the OAuth 2.0 client ${client.identifier}`)
  },
})
