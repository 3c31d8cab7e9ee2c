import { flag, option, outputFormat } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { findAccount } from '../store/accounts.ts'
import { fsck } from '../upkeep/fsck.ts'
import { defineCommand, noteCommand } from './define.ts'

export const pithosFsck = defineCommand({
  name: 'pithos-fsck',
  summary: 'Check that every version has its blocks and that figures count what is there',
  description:
    'Looks while people work. Exit status 1 when something is wrong. A damaged block is put into quarantine, where nobody reads it; uploading the same content again heals it.',
  input: {
    account: option('only what this account has', { placeholder: 'uuid' }),
    verifyData: flag('read every block and compare it with its name'),
    fix: flag('make statistics and references of blocks agree with what is there'),
    outputFormat,
  },
  async run({ objectStore, terminal }, { account, verifyData, fix }) {
    if (account !== undefined && !(await findAccount(objectStore.db, account)))
      throw new Fault('itemNotFound', `There is no account '${account}'`)
    const { problems, fixed, scrubbed } = await fsck(objectStore, { account, verifyData, fix })
    if (fixed.length > 0) await noteCommand(objectStore.db, 'fsck', account ? `account:${account}` : 'all', { fixed })
    const rows = problems.map(({ problem, what, neededBy }) => ({ Problem: problem, What: what, 'Needed by': neededBy }))
    if (rows.length > 0 || terminal.format === 'json') terminal.table(rows, { fields: ['Problem', 'What', 'Needed by'] })
    for (const what of fixed) terminal.error(`Fixed ${what}.`)
    if (verifyData) terminal.error(`Read ${scrubbed.verified} blocks.`)
    if (scrubbed.healed > 0) terminal.error(`${scrubbed.healed} damaged blocks are whole again.`)
    if (problems.length > 0) throw new Fault('conflict', `${problems.length} problems were found.`)
    terminal.error('No problems were found.')
  },
})
