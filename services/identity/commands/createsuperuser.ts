import { flag, option } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { makeAdmin } from '../users/administrators.ts'
import { createUser } from '../users/create.ts'
import { admitUser } from '../users/lifecycle.ts'
import { hashPassword } from '../users/password-hash.ts'
import { checkNewPassword, generatePassword } from '../users/passwords.ts'
import { defineCommand, noteCommand } from './define.ts'

export const createsuperuser = defineCommand({
  name: 'createsuperuser',
  summary: 'Make an administrator whose account works at once',
  description: 'What is not given is asked for. Without --password one is made up and printed.',
  input: {
    email: option('e-mail address', { placeholder: 'address' }),
    username: option('accepted from older scripts: an e-mail address', { placeholder: 'address' }),
    firstName: option('first name', { placeholder: 'name' }),
    lastName: option('last name', { placeholder: 'name' }),
    password: option('password'),
    noinput: flag('ask for nothing', { aliases: ['no-input'] }),
  },
  async run({ identity, terminal }, { email, username, firstName, lastName, password: chosen, noinput }) {
    const ask = async (given: string | undefined, question: string, otherwise?: string) => {
      const answer = given ?? (noinput ? undefined : await terminal.ask(`${question}: `))
      const value = answer || otherwise
      if (value === undefined) throw new Fault('badRequest', `Please give the ${question.toLowerCase()}`)
      return value
    }
    const person = {
      email: await ask(email ?? username, 'E-mail address'),
      firstName: await ask(firstName, 'First name', 'Cloud'),
      lastName: await ask(lastName, 'Last name', 'Administrator'),
    }
    const password = chosen ?? generatePassword()
    checkNewPassword(identity, password)
    const passwordHash = await hashPassword(password)
    const uuid = await identity.db.transaction(async (tx) => {
      const user = await createUser(identity, tx, { ...person, passwordHash })
      await admitUser(identity, tx, user.id)
      await makeAdmin(identity, tx, user)
      await noteCommand(tx, 'createsuperuser', `user:${user.uuid}`)
      return user.uuid
    })
    terminal.line(`Superuser created successfully with UUID: ${uuid}`)
    if (chosen === undefined) terminal.line(`Password: ${password}`)
  },
})
