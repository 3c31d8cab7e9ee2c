import { argument } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { sql } from '@synnefo/lib/sql'
import { listServices } from '../store/services.ts'
import { defineCommand } from './define.ts'

export const serviceShow = defineCommand({
  name: 'service-show',
  summary: 'Show a service with its endpoints, as clients see them in the catalogue',
  input: { service: argument('id or name') },
  async run({ identity, terminal }, { service: word }) {
    const byId = /^\d{1,18}$/.test(word) ? await listServices(identity.db, sql`s.id = ${BigInt(word)}`) : []
    const [service] = byId.length > 0 ? byId : await listServices(identity.db, sql`s.name = ${word}`)
    if (!service) throw new Fault('itemNotFound', `There is no service with id or name '${word}'`)
    const { id, name, component, type } = service
    terminal.record({ id, name, component, type })
    const entry = (await identity.catalog.list()).find((each) => each.name === name)
    const rows = (entry?.endpoints ?? []).flatMap((endpoint, index) =>
      Object.entries(endpoint).map(([key, value]) => ({ endpoint: index + 1, key, value })),
    )
    terminal.table(rows, { fields: ['endpoint', 'key', 'value'], title: 'Endpoints' })
  },
})
