import { argument } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { componentUrls } from '../registry/catalog.ts'
import { findComponent, showComponentToken } from '../registry/components.ts'
import { listServices } from '../store/services.ts'
import { defineCommand } from './define.ts'

export const componentShow = defineCommand({
  name: 'component-show',
  summary: 'Show a component with its token and its services',
  input: { component: argument('id or name') },
  async run({ identity, terminal }, { component: word }) {
    const component = await findComponent(identity.db, word)
    const { baseUrl, uiUrl } = componentUrls(component, identity.baseUrl())
    terminal.record({
      id: component.id,
      name: component.name,
      'base url': baseUrl,
      'ui url': uiUrl,
      token: showComponentToken(identity, component),
      'token created': component.tokenCreatedAt,
      'token expires': component.tokenExpiresAt,
    })
    const services = await listServices(identity.db, sql`c.id = ${component.id}`)
    const rows = services.map(({ id, name, type }) => ({ id, name, type }))
    terminal.table(rows, { fields: ['id', 'name', 'type'], title: 'Registered services' })
  },
})
