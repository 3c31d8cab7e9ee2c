import { heldOf, type UsageRecord } from '@synnefo/identity'
import { flag, option } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { DISKSPACE } from '../quota.ts'
import { findAccount } from '../store/accounts.ts'
import { compareDiskspace, repairDiskspace } from '../upkeep/reconcile.ts'
import { defineCommand, noteCommand } from './define.ts'

const FIELDS = ['Type', 'Holder', 'Source', 'Resource', 'Database', 'Quotaholder']

export const reconcileResourcesPithos = defineCommand({
  name: 'reconcile-resources-pithos',
  summary: 'Compare what the quota service counts of the object store with what is there',
  input: {
    user: option("only this person's", { placeholder: 'uuid' }),
    project: option('only in this project', { placeholder: 'uuid' }),
    fix: flag('make the quota service count what is there'),
    force: flag('with --fix, set limits aside'),
  },
  async run({ objectStore, terminal }, { user, project, fix, force }) {
    const { db } = objectStore
    if (user !== undefined && !(await findAccount(db, user)))
      return terminal.error(`User '${user}' does not exist in the database.`)
    const held = await heldOf(db, DISKSPACE, { project })
    if (user !== undefined && !held.some(({ holder }) => holder === `user:${user}`))
      return terminal.error(`User '${user}' does not exist in the quota service.`)
    if (project !== undefined && !held.some(({ holder }) => holder === `project:${project}`))
      return terminal.error(`Project '${project}' does not exist in the quota service.`)

    const { differences, unknown, pending } = await compareDiskspace(db, objectStore, { user, project })
    for (const record of unknown) terminal.error(`No holdings for ${named(record)}.`)
    for (const record of pending) terminal.error(`Pending commission for ${named(record)}.`)
    if (pending.length > 0) terminal.error('Run reconcile-commissions-pithos to resolve pending commissions.')
    if (differences.length === 0) {
      if (unknown.length + pending.length === 0) terminal.error('Everything in sync.')
      return
    }
    const rows = differences.map(({ holder, source, actual, held: counted }) => ({
      Type: typeOf(holder),
      Holder: idOf(holder),
      Source: source === null ? '' : idOf(source),
      Resource: DISKSPACE,
      Database: actual,
      Quotaholder: counted,
    }))
    terminal.table(rows, { fields: FIELDS })
    if (!fix) return
    try {
      const changed = await repairDiskspace(objectStore, differences, { force, user, project })
      await noteCommand(db, 'reconcile-resources', `resource:${DISKSPACE}`, { changed: changed.length, force })
      terminal.error(`Fixed ${changed.length} records.`)
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'overLimit') throw error
      throw new Fault(
        'overLimit',
        `A limit is in the way, so nothing was changed: ${error.message} Use --force to set limits aside.`,
      )
    }
  },
})

const typeOf = (holder: string) => holder.slice(0, holder.indexOf(':'))
const idOf = (holder: string) => holder.slice(holder.indexOf(':') + 1)

const named = ({ holder, source }: UsageRecord) =>
  `${typeOf(holder)} ${idOf(holder)}${source ? ` in project ${idOf(source)}` : ''}, resource ${DISKSPACE}`
