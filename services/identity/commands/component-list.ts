import { defineListing } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { componentUrls } from '../registry/catalog.ts'
import { showComponentToken } from '../registry/components.ts'
import { type ComponentRow, listComponents } from '../store/components.ts'
import { defineCommand } from './define.ts'

interface ShownComponent {
  component: ComponentRow
  urls: ReturnType<typeof componentUrls>
  showToken: () => string
}

const listing = defineListing<ShownComponent>(
  {
    id: { help: 'internal number', cell: ({ component }) => component.id, shown: true },
    name: { help: 'name', cell: ({ component }) => component.name, shown: true },
    base_url: { help: 'where its services are', cell: ({ urls }) => urls.baseUrl, shown: true },
    ui_url: { help: 'where its pages are', cell: ({ urls }) => urls.uiUrl },
    token: { help: 'token with which it shows itself to the identity service', cell: ({ showToken }) => showToken() },
    token_created: { help: 'when the token was made', cell: ({ component }) => component.tokenCreatedAt },
  },
  {
    id: { help: 'internal number', column: sql`id`, type: 'number' },
    name: { help: 'name', column: sql`name`, type: 'text' },
    base_url: { help: 'address of its services, when it is registered', column: sql`base_url`, type: 'text' },
    ui_url: { help: 'address of its pages, when it is registered', column: sql`ui_url`, type: 'text' },
    token_created: { help: 'when the token was made', column: sql`token_created_at`, type: 'date' },
    token_expires: { help: 'when the token ends', column: sql`token_expires_at`, type: 'date' },
  },
)

export const componentList = defineCommand({
  name: 'component-list',
  summary: 'List components; with -o id,name,token also their tokens',
  input: listing.input,
  async run({ identity, terminal }, input) {
    await listing.show(terminal, input, async (condition) =>
      (await listComponents(identity.db, condition)).map((component) => ({
        component,
        urls: componentUrls(component, identity.baseUrl()),
        showToken: () => showComponentToken(identity, component),
      })),
    )
  },
})
