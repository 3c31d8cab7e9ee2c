import { flag, option } from '@synnefo/lib/commands'
import type { Queryable } from '@synnefo/lib/sql'
import { PENDING_APP } from '../projects/pending-charge.ts'
import { compareUsage, repairUsage, type UsageRecord } from '../quota/reconcile.ts'
import { countPending } from '../store/applications.ts'
import { heldOf } from '../store/quota-lists.ts'
import { defineCommand, noteCommand } from './define.ts'

const FIELDS = ['Type', 'Holder', 'Source', 'Resource', 'Astakos', 'Quotaholder']

interface Only {
  user: string | undefined
  project: string | undefined
}

export const reconcileResourcesAstakos = defineCommand({
  name: 'reconcile-resources-astakos',
  summary: 'Compare what the ledger counts of project applications with those that wait',
  input: {
    user: option("only this person's", { placeholder: 'uuid' }),
    project: option('only in this project', { placeholder: 'uuid' }),
    fix: flag('count what there is'),
    force: flag('with --fix, set limits aside'),
  },
  async run({ identity, terminal }, { user, project, fix, force }) {
    const { db } = identity
    const { differences, unknown, pending } = await compare(db, { user, project })
    for (const record of unknown) terminal.error(`No holdings for ${named(record)}.`)
    for (const record of pending) terminal.error(`Pending commission for ${named(record)}.`)
    if (differences.length === 0) {
      if (unknown.length + pending.length === 0) terminal.error('Everything in sync.')
      return
    }
    const rows = differences.map(({ holder, source, actual, held }) => ({
      Type: typeOf(holder),
      Holder: idOf(holder),
      Source: source && idOf(source),
      Resource: PENDING_APP,
      Astakos: actual,
      Quotaholder: held,
    }))
    terminal.table(rows, { fields: FIELDS })
    if (!fix) return
    const changed = await db.transaction(async (tx) => {
      const done = await repairUsage(tx, PENDING_APP, differences, { force, compare: () => compare(tx, { user, project }) })
      await noteCommand(tx, 'reconcile-resources-astakos', `resource:${PENDING_APP}`, { changed: done.length, force })
      return done
    })
    terminal.error(`Changed ${changed.length} records.`)
  },
})

/** An application counts for who applied, in the person's own project. */
async function compare(db: Queryable, { user, project }: Only) {
  const waiting = (await countPending(db)).filter(({ applicant }) =>
    [user, project].every((id) => (id ?? applicant) === applicant),
  )
  const actual = waiting.flatMap(({ applicant, count }) => [
    { holder: `user:${applicant}` as const, source: `project:${applicant}` as const, quantity: count },
    { holder: `project:${applicant}` as const, source: null, quantity: count },
  ])
  return compareUsage(actual, await heldOf(db, PENDING_APP, { user, project }))
}

const typeOf = (holder: string) => holder.slice(0, holder.indexOf(':'))
const idOf = (holder: string) => holder.slice(holder.indexOf(':') + 1)

const named = ({ holder, source }: UsageRecord) =>
  `${typeOf(holder)} ${idOf(holder)}${source ? ` in project ${idOf(source)}` : ''}, resource ${PENDING_APP}`
