import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { argument } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { addTerms } from '../terms/terms.ts'
import { defineCommand, noteCommand } from './define.ts'

export const termAdd = defineCommand({
  name: 'term-add',
  summary: 'Register a file as the newest terms of service: everybody has to sign them',
  description:
    "The file is HTML, stays where it is, and must be readable for the cloud's own user. Until a person has signed, the APIs answer 401 Pending approval terms.",
  input: { file: argument('path of the file') },
  async run({ identity, terminal }, { file }) {
    const location = resolve(file)
    await readFile(location, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new Fault('badRequest', `${location} cannot be read (${error.code})`, { cause: error })
    })
    const { id } = await identity.db.transaction(async (tx) => {
      const terms = await addTerms(identity, tx, location)
      await noteCommand(tx, 'term-add', `terms:${terms.id}`, { location })
      return terms
    })
    terminal.line(`Created term id ${id}`)
  },
})
