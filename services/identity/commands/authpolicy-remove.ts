import { argument, flag } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { deleteAuthPolicy, lockAuthPolicy } from '../store/auth-policies.ts'
import { defineCommand, noteCommand } from './define.ts'

export const authpolicyRemove = defineCommand({
  name: 'authpolicy-remove',
  summary: 'Remove a profile of what may be done with a way to sign in',
  input: { name: argument('name of the profile'), force: flag('do not ask first', { short: 'f' }) },
  async run({ identity, terminal }, { name, force }) {
    await terminal.insist(`Are you sure you want to remove profile '${name}'?`, { force })
    await identity.db.transaction(async (tx) => {
      if (!(await lockAuthPolicy(tx, name))) throw new Fault('itemNotFound', `There is no profile named '${name}'`)
      await deleteAuthPolicy(tx, name)
      await noteCommand(tx, 'authpolicy-remove', `authpolicy:${name}`)
    })
    terminal.error('Profile removed')
  },
})
