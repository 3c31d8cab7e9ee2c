import { readFile } from 'node:fs/promises'
import { option } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { parseJson } from '@synnefo/lib/json'
import { importDocument } from '../registry/document.ts'
import { defineCommand, noteCommand } from './define.ts'

export const serviceImport = defineCommand({
  name: 'service-import',
  summary: 'Register services and resources from a definition document, or bring them up to date',
  description:
    'All of it is registered or, when something is refused, nothing. Limits and flags of known resources stay as they are.',
  input: { json: option('file with the definitions; - is standard input', { placeholder: 'file' }) },
  async run({ identity, terminal }, { json: file }) {
    if (file === undefined) throw new Fault('badRequest', 'Please give the definitions with --json FILE')
    const document = parse(file === '-' ? await terminal.readAll() : await readText(file))
    const { done, warnings } = await identity.db.transaction(async (tx) => {
      const report = await importDocument(identity, tx, document)
      await noteCommand(tx, 'service-import', 'registry', { done: report.done })
      return report
    })
    for (const text of warnings) terminal.error(`Warning: ${text}`)
    for (const text of done) terminal.error(text)
  },
})

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new Fault('badRequest', `The file '${file}' cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

function parse(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    throw new Fault('badRequest', `The definitions are not valid JSON: ${(error as Error).message}`, { cause: error })
  }
}
