import { flag, option, type Terminal } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { type Actor, programActor } from '../projects/actor.ts'
import { decideApplication } from '../projects/applications/decide.ts'
import { endExpired, findExpired } from '../projects/expire.ts'
import { changeProject } from '../projects/transitions.ts'
import { overallStatus, PROJECT_ACTIONS } from '../wire/project-states.ts'
import { defineCommand } from './define.ts'

const application = { placeholder: 'application' }
const project = { placeholder: 'uuid' }

export const projectControl = defineCommand({
  name: 'project-control',
  summary: 'Decide about applications and projects, and end those whose time has run out',
  description: 'Takes exactly one of the options, besides the message.',
  input: {
    approve: option('approve an application', application),
    deny: option('deny an application', application),
    suspend: option('put a project on hold', project),
    unsuspend: option('resume a project', project),
    terminate: option('end a project', project),
    reinstate: option('bring a project back', project),
    checkExpired: flag('show projects whose time has run out'),
    terminateExpired: flag('end them'),
    message: option('the reason', { short: 'm', default: '', placeholder: 'text' }),
  },
  async run({ identity, terminal }, { message, ...asked }) {
    const given = Object.entries(asked).filter(([, value]) => value !== undefined && value !== false)
    if (given.length === 0) throw new Fault('badRequest', 'No operation specified.')
    if (given.length > 1) throw new Fault('badRequest', 'Only one operation may be specified.')
    const actor = programActor('snf-manage')
    const work = (change: (tx: Tx) => Promise<void>) => identity.db.transaction(change)
    for (const action of ['approve', 'deny'] as const) {
      const id = asked[action]
      if (id !== undefined)
        await work((tx) => decideApplication(identity, tx, actor, { application: readId(id) }, action, message))
    }
    for (const action of PROJECT_ACTIONS) {
      const uuid = asked[action]
      if (uuid !== undefined) await work((tx) => changeProject(identity, tx, actor, uuid, action, message))
    }
    if (asked.checkExpired) await showExpired(identity, terminal)
    if (asked.terminateExpired) await endAllExpired(identity, terminal, actor, message || 'expired')
  },
})

function readId(word: string): bigint {
  if (!/^\d{1,18}$/.test(word)) throw new Fault('badRequest', `'${word}' is no number of an application`)
  return BigInt(word)
}

async function showExpired({ db }: Identity, terminal: Terminal): Promise<void> {
  const expired = await findExpired(db)
  if (expired.length === 0) return terminal.error('No expired projects.')
  const rows = expired.map(({ uuid, realname, state, lastApplication, endDate }) => ({
    Project: uuid,
    Name: realname,
    Status: overallStatus(state, lastApplication),
    'Expiration date': endDate,
  }))
  terminal.table(rows, { fields: ['Project', 'Name', 'Status', 'Expiration date'] })
}

async function endAllExpired(identity: Identity, terminal: Terminal, actor: Actor, message: string): Promise<void> {
  const now = new Date()
  const expired = await findExpired(identity.db, now)
  if (expired.length === 0) return terminal.error('No expired projects.')
  for (const { uuid, realname } of expired) {
    await terminal.attempt(`Terminating project ${realname} (${uuid})`, () => endExpired(identity, actor, uuid, now, message))
  }
}
