import { flag, many, option, UsageError } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { sql } from '@synnefo/lib/sql'
import { endOtherSessions, endSessionOf } from '../sessions/sessions.ts'
import { listSessionsOfPeople } from '../store/sessions.ts'
import { defineCommand, findPerson, noteCommand } from './define.ts'

const readId = (word: string) => {
  if (!/^\d{1,18}$/.test(word)) throw new UsageError(`'${word}' is no number of a session`)
  return BigInt(word)
}

export const sessionRemove = defineCommand({
  name: 'session-remove',
  summary: 'End browser sessions, at once and everywhere',
  input: {
    ids: { ...many('numbers, as session-list shows them', { read: readId }), optional: true },
    user: option('all of this person: id, e-mail address or uuid', { placeholder: 'user' }),
    force: flag('do not ask first', { short: 'f' }),
  },
  async run({ identity, terminal }, { ids = [], user, force }) {
    if ((ids.length === 0) === (user === undefined)) throw new UsageError('Name either sessions or a --user')
    if (user !== undefined) {
      const person = await findPerson(identity.db, user)
      await terminal.insist(`Are you sure you want to end all sessions of ${person.email}?`, { force })
      await identity.db.transaction(async (tx) => {
        await endOtherSessions(identity, tx, person)
        await noteCommand(tx, 'session-remove', `user:${person.uuid}`)
      })
      terminal.error(`Ended all sessions of ${person.email}`)
      return
    }
    await terminal.insist(`Are you sure you want to end ${ids.length} sessions?`, { force })
    for (const id of ids) {
      await terminal.attempt(`Ending session ${id}`, async () => {
        const [session] = await listSessionsOfPeople(identity.db, sql`s.id = ${id}`, 0)
        if (!session) throw new Fault('itemNotFound', `There is no session ${id}`)
        await identity.db.transaction(async (tx) => {
          await endSessionOf(identity, tx, { id: session.userId, uuid: session.uuid }, id)
          await noteCommand(tx, 'session-remove', `session:${id}`, { user: session.uuid })
        })
      })
    }
  },
})
