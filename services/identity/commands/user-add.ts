import { argument, flag, option, repeated } from '@synnefo/lib/commands'
import { ensureGroup, joinGroup } from '../store/groups.ts'
import { updateUser } from '../store/users.ts'
import { makeAdmin } from '../users/administrators.ts'
import { createUser } from '../users/create.ts'
import { hashPassword } from '../users/password-hash.ts'
import { checkNewPassword, generatePassword } from '../users/passwords.ts'
import { defineCommand, noteCommand } from './define.ts'

export const userAdd = defineCommand({
  name: 'user-add',
  summary: 'Make an account',
  description:
    'The account is neither verified nor active yet: snf-manage user-modify <id> --verify, and --accept where accounts are moderated. Unverified registrations of the same address are removed.',
  input: {
    email: argument('e-mail address'),
    firstName: argument('first name'),
    lastName: argument('last name'),
    password: option('password; by default one is made up and shown'),
    uuid: option('the id that the person has in an installation that is taken over; by default a new one'),
    admin: flag('make an administrator'),
    group: repeated('join this group; made when there is none of this name', { short: 'g', placeholder: 'name' }),
    permission: repeated('give this permission', { short: 'p', placeholder: 'name' }),
  },
  async run({ identity, terminal }, { email, firstName, lastName, password, uuid, admin, group, permission }) {
    const chosen = password ?? generatePassword()
    checkNewPassword(identity, chosen)
    const passwordHash = await hashPassword(chosen)
    const user = await identity.db.transaction(async (tx) => {
      const made = await createUser(identity, tx, { uuid, email, firstName, lastName, passwordHash })
      for (const name of group) {
        await ensureGroup(tx, name)
        await joinGroup(tx, made.id, name)
      }
      if (admin) await makeAdmin(identity, tx, made)
      if (permission.length > 0) await updateUser(tx, made.id, { permissions: [...new Set(permission)] })
      await noteCommand(tx, 'user-add', `user:${made.uuid}`, { group, admin })
      return made
    })
    terminal.line(`User created successfully with UUID: ${user.uuid}`)
    if (password === undefined) terminal.line(`Password: ${chosen}`)
  },
})
