import { defineListing, option } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { type CommissionRow, listCommissions } from '../store/commissions.ts'
import { defineCommand, readSeconds } from './define.ts'

const listing = defineListing<CommissionRow>(
  {
    serial: { help: 'its number', cell: ({ serial }) => serial, shown: true },
    name: { help: 'what it is for', cell: ({ name }) => name, shown: true },
    clientkey: { help: 'the component that issued it', cell: ({ component }) => component, shown: true },
    issue_time: { help: 'when it was issued', cell: ({ issuedAt }) => issuedAt, shown: true },
  },
  {
    serial: { help: 'its number', column: sql`c.serial`, type: 'number' },
    name: { help: 'what it is for', column: sql`c.name`, type: 'text' },
    clientkey: { help: 'the component that issued it', column: sql`c.component`, type: 'text' },
    issue_time: { help: 'when it was issued', column: sql`c.issued_at`, type: 'date' },
  },
)

export const commissionList = defineCommand({
  name: 'commission-list',
  summary: 'List pending commissions',
  input: {
    ...listing.input,
    overdue: option('only those that were issued that many seconds ago, or more', { read: readSeconds, placeholder: 'seconds' }),
  },
  async run({ identity, terminal }, input) {
    const { overdue } = input
    const isOverdue = overdue === undefined ? sql`true` : sql`c.issued_at <= now() - make_interval(secs => ${overdue})`
    await listing.show(terminal, input, (condition) => listCommissions(identity.db, sql`${condition} AND ${isOverdue}`))
  },
})
