import { many, UsageError } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { writeJson } from '@synnefo/lib/json'
import { exportDocument } from '../registry/document.ts'
import { STANDARD_COMPONENTS } from '../registry/standard-services.ts'
import { defineCommand, readUrl } from './define.ts'

const NAMES = STANDARD_COMPONENTS.map(({ name }) => name).join(', ')

export const serviceExport = defineCommand({
  name: 'snf-service-export',
  summary: 'Print what a standard component offers below a base URL, for service-import',
  description: `Usage: snf-service-export <component> <base_url>, where the component is one of ${NAMES}.`,
  standalone: true,
  input: { words: { ...many('component and base URL', { placeholder: 'component base_url' }), optional: true, default: [] } },
  async run({ terminal }, { words }) {
    const [component, baseUrl] = words
    if (words.length !== 2) throw new UsageError(`usage: snf-service-export <component> <base_url>, component one of ${NAMES}`)
    const url = readUrl(baseUrl!)
    const document = url === null ? undefined : exportDocument(component!, url)
    if (!document) throw new Fault('badRequest', `Component '${component}' is not recognized: one of ${NAMES}`)
    terminal.line(writeJson(document, 4))
  },
})
