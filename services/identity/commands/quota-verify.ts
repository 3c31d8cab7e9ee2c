import { flag, type Terminal } from '@synnefo/lib/commands'
import type { Identity } from '../identity.ts'
import { findLimitDifferences, repairLimits } from '../quota/verify.ts'
import { defineCommand, noteCommand } from './define.ts'

const FIELDS = ['Holder', 'Source', 'Resource', 'Astakos', 'Quotaholder']

const input = {
  fix: flag('write the limits that projects grant', { aliases: ['sync'] }),
  includeUnexpectedHoldings: flag('look at records that no project explains too; with --fix they are deleted'),
}

interface Wanted {
  fix: boolean
  includeUnexpectedHoldings: boolean
}

async function verify(identity: Identity, terminal: Terminal, { fix, includeUnexpectedHoldings }: Wanted): Promise<void> {
  const differences = await findLimitDifferences(identity.db, { unexpected: includeUnexpectedHoldings })
  if (differences.length === 0) return terminal.error('Everything in sync.')
  const rows = differences.map(({ holder, source, resource, granted, held }) => ({
    Holder: holder,
    Source: source || null,
    Resource: resource,
    Astakos: granted,
    Quotaholder: held,
  }))
  terminal.table(rows, { fields: FIELDS })
  if (!fix) return
  const { projects, deleted, kept } = await repairLimits(identity.db, differences)
  await identity.db.transaction((tx) => noteCommand(tx, 'quota-verify', 'quota', { projects, deleted }))
  terminal.error(`Wrote the limits of ${projects} projects and deleted ${deleted} records.`)
  for (const { holder, source, resource } of kept) {
    terminal.error(`Pending commission for ${[holder, source, resource].filter(Boolean).join(', ')}: the record stays.`)
  }
}

export const quotaVerify = defineCommand({
  name: 'quota-verify',
  summary: 'Compare the limits that projects grant with those of the ledger',
  input,
  run: ({ identity, terminal }, wanted) => verify(identity, terminal, wanted),
})

/** What guides for older releases say instead of `quota-verify --fix`. */
export const quota = defineCommand({
  name: 'quota',
  summary: 'Older name of quota-verify',
  hidden: true,
  input,
  run: ({ identity, terminal }, wanted) => verify(identity, terminal, wanted),
})
