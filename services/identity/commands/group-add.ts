import { argument } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { ensureGroup, groupExists } from '../store/groups.ts'
import { defineCommand, noteCommand } from './define.ts'

export const groupAdd = defineCommand({
  name: 'group-add',
  summary: 'Make a group of people; one that is there stays as it is',
  input: { name: argument('name of the group') },
  async run({ identity, terminal }, { name }) {
    if (!/^[^\p{Cc}]{1,80}$/u.test(name.trim())) throw new Fault('badRequest', 'The name of a group has 1 to 80 characters')
    const isNew = await identity.db.transaction(async (tx) => {
      if (await groupExists(tx, name.trim())) return false
      await ensureGroup(tx, name.trim())
      await noteCommand(tx, 'group-add', `group:${name.trim()}`)
      return true
    })
    terminal.error(isNew ? `Created group ${name.trim()}` : `Group ${name.trim()} exists already`)
  },
})
