import { argument, option, repeated } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { issueToken } from '../tokens/tokens.ts'
import { lockPerson } from '../users/lifecycle.ts'
import { defineCommand, findPerson, noteCommand } from './define.ts'

const DAY_MS = 86_400_000

function readDays(word: string): number {
  if (!/^[1-9]\d{0,4}$/.test(word)) throw new Fault('badRequest', `'${word}' is no number of days`)
  return Number(word)
}

export const tokenAdd = defineCommand({
  name: 'token-add',
  summary: 'Make an API token of an active person and print it, once',
  description: 'The token stands alone on a line of standard output, for scripts. It is not stored and cannot be shown again.',
  input: {
    user: argument('id, e-mail address or uuid'),
    name: option('what the token is for', { default: 'snf-manage' }),
    scope: repeated('what it is good for, such as compute, all:read or object-store/backups; without, for everything', {
      placeholder: 'scope',
    }),
    expiresIn: option('days until it ends; without, it does not', { read: readDays, placeholder: 'days' }),
  },
  async run({ identity, terminal }, { user, name, scope, expiresIn }) {
    const { id } = await findPerson(identity.db, user)
    const token = await identity.db.transaction(async (tx) => {
      const owner = await lockPerson(tx, id)
      if (!owner.isActive) throw new Fault('conflict', `${owner.email} is not active`)
      const expiresAt = expiresIn === undefined ? null : new Date(Date.now() + expiresIn * DAY_MS)
      const issued = await issueToken(tx, owner, { name, expiresAt, scopes: scope })
      await noteCommand(tx, 'token-add', `user:${owner.uuid}`, { token: issued.id, name, scopes: issued.scopes })
      return issued
    })
    terminal.line(token.secret)
  },
})
