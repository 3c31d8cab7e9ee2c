import { fixSuperusers } from '../users/superusers.ts'
import { defineCommand, noteCommand } from './define.ts'

export const fixSuperusersCommand = defineCommand({
  name: 'fix-superusers',
  summary: 'Give full accounts to superusers that database tools made',
  input: {},
  async run({ identity, terminal }) {
    const fixed = await identity.db.transaction(async (tx) => {
      const users = await fixSuperusers(identity, tx)
      for (const { uuid } of users) await noteCommand(tx, 'fix-superusers', `user:${uuid}`)
      return users
    })
    for (const { email } of fixed) terminal.error(`Fixed superuser ${email}`)
    terminal.error(fixed.length === 0 ? 'No superusers to fix.' : `Fixed ${fixed.length} superusers.`)
  },
})
