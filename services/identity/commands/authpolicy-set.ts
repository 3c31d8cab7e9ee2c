import { argument, repeated } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { assignAuthPolicy, lockAuthPolicy } from '../store/auth-policies.ts'
import { defineCommand, noteCommand } from './define.ts'

function readNumber(word: string): bigint {
  if (!/^\d{1,18}$/.test(word)) throw new Fault('badRequest', `'${word}' is no internal number`)
  return BigInt(word)
}

export const authpolicySet = defineCommand({
  name: 'authpolicy-set',
  summary: 'Say who has a profile of what may be done with a way to sign in',
  description: 'Those who are named have it from now on, and nobody else. Without any, nobody has it.',
  input: {
    name: argument('name of the profile'),
    user: repeated('a person who has it', { read: readNumber, placeholder: 'id' }),
    group: repeated('a group whose members have it', { read: readNumber, placeholder: 'id' }),
  },
  async run({ identity, terminal }, { name, user, group }) {
    const [users, groups] = [[...new Set(user)], [...new Set(group)]]
    await identity.db.transaction(async (tx) => {
      const profile = await lockAuthPolicy(tx, name)
      if (!profile) throw new Fault('itemNotFound', `There is no profile named '${name}'`)
      const assigned = await assignAuthPolicy(tx, profile.id, users, groups)
      if (assigned.users < users.length) throw new Fault('itemNotFound', 'One of the users does not exist')
      if (assigned.groups < groups.length) throw new Fault('itemNotFound', 'One of the groups does not exist')
      await noteCommand(tx, 'authpolicy-set', `authpolicy:${name}`, { users, groups })
    })
    terminal.error('Profile assigned')
  },
})
