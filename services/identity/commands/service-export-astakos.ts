import { writeJson } from '@synnefo/lib/json'
import { exportDocument } from '../registry/document.ts'
import { defineCommand } from './define.ts'

export const serviceExportAstakos = defineCommand({
  name: 'service-export-astakos',
  summary: 'Print the definitions of the identity services of this host as JSON',
  input: {},
  async run({ identity, terminal }) {
    terminal.line(writeJson(exportDocument('astakos', `${identity.baseUrl()}/astakos`), 4))
  },
})
