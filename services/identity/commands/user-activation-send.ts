import { many } from '@synnefo/lib/commands'
import { sendVerification } from '../users/lifecycle.ts'
import { defineCommand, findPeople, noteCommand } from './define.ts'

export const userActivationSend = defineCommand({
  name: 'user-activation-send',
  summary: 'Mail the link that verifies an address again; the one mailed before ends',
  input: { users: many('ids, uuids or e-mail addresses', { placeholder: 'user' }) },
  async run({ identity, terminal }, { users }) {
    for (const word of users) {
      await terminal.attempt(`Sending the verification mail to ${word}`, async () => {
        // Of several registrations of one address the newest counts, as for the person himself.
        const [user] = await findPeople(identity.db, word)
        await identity.db.transaction(async (tx) => {
          await sendVerification(identity, tx, user!.id)
          await noteCommand(tx, 'user-activation-send', `user:${user!.uuid}`)
        })
      })
    }
  },
})
