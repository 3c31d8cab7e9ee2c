import { exportDocument } from '@synnefo/identity'
import { writeJson } from '@synnefo/lib/json'
import { defineCommand } from './define.ts'

export const serviceExportPithos = defineCommand({
  name: 'service-export-pithos',
  summary: 'Print the definition of the object store of this host as JSON, for service-import',
  input: {},
  async run({ identity, terminal }) {
    terminal.line(writeJson(exportDocument('pithos', `${identity.baseUrl()}/pithos`), 4))
  },
})
