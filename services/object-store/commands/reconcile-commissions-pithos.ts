import { flag } from '@synnefo/lib/commands'
import { reconcileCommissions } from '../upkeep/reconcile.ts'
import { defineCommand, noteCommand } from './define.ts'

export const reconcileCommissionsPithos = defineCommand({
  name: 'reconcile-commissions-pithos',
  summary: 'Show commissions of the object store that the quota service still waits for, and resolve them',
  description:
    'The object store has its commissions accepted in the transaction that records the change, so only an installation that was taken over, or another program, can leave some. Those that are on record here are accepted, the others rejected. Commissions younger than a minute are left alone.',
  input: { fix: flag('resolve them') },
  async run({ objectStore, terminal }, { fix }) {
    const { pending, accepted, rejected, failed } = await reconcileCommissions(objectStore, { fix })
    if (pending.length === 0) return terminal.error('No unresolved commissions were found.')
    terminal.error(`Unresolved commissions: ${pending.join(', ')}`)
    if (!fix) return
    await noteCommand(objectStore.db, 'reconcile-commissions', 'commissions', { accepted, rejected, failed })
    terminal.error(`Accepted commissions: ${accepted.join(', ') || 'none'}`)
    terminal.error(`Rejected commissions: ${rejected.join(', ') || 'none'}`)
    if (failed.length > 0) terminal.error(['Failed commissions:', ...failed].join('\n'))
  },
})
