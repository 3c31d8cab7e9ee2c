import { defineListing, option } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { listResources, type ResourceRow } from '../store/resources.ts'
import { showQuantity, type UnitStyle } from '../wire/quantities.ts'
import { defineCommand, readUnitStyle } from './define.ts'

interface ShownResource extends ResourceRow {
  style: UnitStyle
}

const listing = defineListing<ShownResource>(
  {
    id: { help: 'internal number', cell: ({ id }) => id, shown: true },
    name: { help: 'name', cell: ({ name }) => name, shown: true },
    system_default: {
      help: "limit in a person's own project",
      cell: ({ systemDefault, unit, style }) => showQuantity(systemDefault, unit, style),
      shown: true,
    },
    project_default: {
      help: 'limit in other projects',
      cell: ({ projectDefault, unit, style }) => showQuantity(projectDefault, unit, style),
      shown: true,
    },
    api_visible: { help: 'shown by the API', cell: ({ apiVisible }) => apiVisible, shown: true },
    ui_visible: { help: 'shown on pages', cell: ({ uiVisible }) => uiVisible, shown: true },
    service_type: { help: 'type of the service that counts it', cell: ({ serviceType }) => serviceType },
    service_origin: { help: 'service that counts it', cell: ({ serviceOrigin }) => serviceOrigin },
    unit: { help: 'unit', cell: ({ unit }) => unit },
    description: { help: 'description', cell: ({ description }) => description },
  },
  {
    id: { help: 'internal number', column: sql`id`, type: 'number' },
    name: { help: 'name', column: sql`name`, type: 'text' },
    service_type: { help: 'type of the service', column: sql`service_type`, type: 'text' },
    service_origin: { help: 'service', column: sql`service_origin`, type: 'text' },
    unit: { help: 'unit', column: sql`unit`, type: 'text' },
    api_visible: { help: 'shown by the API', column: sql`api_visible`, type: 'boolean' },
    ui_visible: { help: 'shown on pages', column: sql`ui_visible`, type: 'boolean' },
  },
)

export const resourceList = defineCommand({
  name: 'resource-list',
  summary: 'List the resources that are counted, with their default limits',
  input: {
    ...listing.input,
    unitStyle: option('how bytes are written', { default: 'mb' as UnitStyle, read: readUnitStyle, placeholder: 'style' }),
  },
  async run({ identity, terminal }, input) {
    await listing.show(terminal, input, async (condition) =>
      (await listResources(identity.db, condition)).map((resource) => ({ ...resource, style: input.unitStyle })),
    )
  },
})
