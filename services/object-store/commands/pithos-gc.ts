import { flag, option, UsageError } from '@synnefo/lib/commands'
import { collect, wouldCollect } from '../upkeep/collect.ts'
import { defineCommand, noteCommand } from './define.ts'

export const pithosGc = defineCommand({
  name: 'pithos-gc',
  summary: 'Remove blocks and maps that nothing needs any more',
  description:
    'The cloud does so by itself (PITHOS_GC_HOURS). Blocks go in two steps, an hour apart, so that downloads under way end; with --grace 0 they go at once. A grace shorter than the longest upload is only right while nobody uploads.',
  input: {
    dryRun: flag('only count what would go'),
    grace: option('hours that unneeded blocks and maps stay; by default the setting PITHOS_GC_GRACE_HOURS', {
      read: readHours,
      placeholder: 'hours',
    }),
  },
  async run({ objectStore, terminal }, { dryRun, grace = objectStore.settings.PITHOS_GC_GRACE_HOURS }) {
    const options = { graceSeconds: grace * 3600 }
    const report = dryRun ? await wouldCollect(objectStore, options) : await collect(objectStore, options)
    if (!dryRun) await noteCommand(objectStore.db, 'gc', 'blocks', { ...report, grace })
    const { maps, blocks, bytes, setAside, broughtBack, leftovers } = report
    terminal.record(
      dryRun
        ? { maps, blocks, bytes, 'set aside': setAside }
        : { maps, blocks, bytes, 'set aside': setAside, 'brought back': broughtBack, leftovers },
    )
    if (dryRun) terminal.error('Nothing was removed.')
  },
})

function readHours(word: string): number {
  const hours = Number(word)
  if (word.trim() === '' || !(hours >= 0 && hours < 1e6)) throw new UsageError(`'${word}' is no number of hours`)
  return hours
}
