import { defineScopedListing, flag, option } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { listQuotas, type QuotaListRow } from '../store/quota-lists.ts'
import { peopleDirectory } from '../users/directory.ts'
import { parseQuantity, showQuantity, type UnitStyle } from '../wire/quantities.ts'
import { defineCommand, readUnitStyle } from './define.ts'

interface Shown extends QuotaListRow {
  style: UnitStyle
}

const quantity = { type: 'number', read: parseQuantity } as const

const listing = defineScopedListing<Shown>(
  {
    displayname: { help: 'e-mail address', cell: ({ email }) => email },
    holder: { help: 'uuid of the person', cell: ({ user }) => user, shown: true },
    source: { help: 'uuid of the project', cell: ({ source }) => source, shown: true },
    resource: { help: 'what is counted', cell: ({ resource }) => resource, shown: true },
    limit: { help: 'what may be used', cell: ({ limit, unit, style }) => showQuantity(limit, unit, style), shown: true },
    usage: { help: 'what is used', cell: ({ usage, unit, style }) => showQuantity(usage, unit, style), shown: true },
  },
  {
    user: { help: 'uuid of the person', column: sql`u.uuid`, type: 'text' },
    source: { help: 'uuid of the project', column: sql`substr(h.source, 9)`, type: 'text' },
    resource: { help: 'what is counted', column: sql`h.resource`, type: 'text' },
    limit: { help: 'what may be used, perhaps with a unit, or inf', column: sql`h."limit"`, ...quantity },
    usage: { help: 'what is used, perhaps with a unit', column: sql`h.usage_max`, ...quantity },
  },
  { owner: { column: sql`u.uuid`, uuid: ({ user }) => user }, project: { column: sql`substr(h.source, 9)` } },
)

export const quotaList = defineCommand({
  name: 'quota-list',
  summary: 'List what people may use and use, in each project',
  input: {
    ...listing.input,
    overlimit: flag('only what is used beyond its limit'),
    displayMails: flag('show e-mail addresses too', { aliases: ['displayname'] }),
    unitStyle: option('how bytes are written', { default: 'mb' as UnitStyle, read: readUnitStyle, placeholder: 'style' }),
    withCustom: option('has no effect any more', { hidden: true }),
  },
  async run({ identity, terminal }, input) {
    const { overlimit, displayMails, unitStyle: style } = input
    await listing.show(
      terminal,
      { ...input, displayMails: false }, // this list has a column of its own for them
      async (condition) => (await listQuotas(identity.db, { condition, overLimit: overlimit })).map((row) => ({ ...row, style })),
      { people: peopleDirectory(identity), alsoShown: displayMails ? ['displayname'] : [] },
    )
  },
})
