import { flag, option, outputFormat, UsageError, visible } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { openOriginalPeople } from '../import/open.ts'
import { importPeople } from '../import/people.ts'
import { defineCommand } from './define.ts'

export const astakosImport = defineCommand({
  name: 'astakos-import',
  summary: 'Bring people over from an installation of the original',
  description:
    'With the ids, addresses, names, passwords, tokens, ways to sign in, groups, permissions, states and times that they have there, and the limits of the project that each has of his own. Run it as often as needed, and before pithos-import: it brings who is new or changed since. Nobody gets a mail. What could not be brought is listed, and the exit status is 1 then. See docs/moving-from-the-original.md.',
  input: {
    database: option('address of its database, or a file that holds it, such as its settings', { placeholder: 'url' }),
    user: option('only this person', { placeholder: 'uuid' }),
    dryRun: flag('tell who would come, and change nothing'),
    outputFormat,
  },
  async run({ identity, terminal }, { database, user, dryRun }) {
    if (database === undefined) throw new UsageError('option --database is required')
    const { original, shape } = await openOriginalPeople(database)
    try {
      const report = await importPeople({ identity, original, shape, only: user, dry: dryRun })
      const rows = report.problems.map(({ what, problem }) => ({ What: visible(what), Problem: visible(problem) }))
      if (rows.length > 0 || terminal.format === 'json') terminal.table(rows, { fields: ['What', 'Problem'] })
      terminal.error(`${dryRun ? 'To bring' : 'Brought'}: ${report.people} people. Unchanged: ${report.unchanged}.`)
      if (report.unverified > 0) terminal.error(`Left out: ${report.unverified} registrations of addresses that nobody verified.`)
      if (dryRun) terminal.error('Nothing was changed.')
      if (rows.length > 0) throw new Fault('conflict', `${rows.length} problems were found.`)
    } finally {
      await original.close()
    }
  },
})
