import { type Command, flag, option, outputFormat, UsageError, visible } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { openImport } from '../import/open.ts'
import { importAll, SIDES, type Side } from '../import/run.ts'
import { defineCommand, noteCommand, type ObjectStoreCommandContext } from './define.ts'

/** The same under the name that a program has for it. */
export const importCommand = (name: string): Command<ObjectStoreCommandContext> =>
  defineCommand({
    name,
    summary: 'Bring accounts, containers and objects over from an installation of the original',
    description:
      'Paths, numbers and times of versions, ids of objects and public links, and names of maps stay what they were. Run it as often as needed: it brings what is new or changed since, and what failed before. Owners must be people of this cloud. What could not be brought is listed, and the exit status is 1 then. See docs/moving-from-the-original.md.',
    input: {
      database: option('address of its database, or a file that holds it, such as its settings', { placeholder: 'url' }),
      data: option('its folder of blocks and maps, or the one that holds both folders', { placeholder: 'folder' }),
      maps: option('its folder of maps, if that is elsewhere', { placeholder: 'folder' }),
      account: option('only this account', { placeholder: 'uuid' }),
      blockSize: option('what PITHOS_BACKEND_BLOCK_SIZE was there', {
        read: readSize,
        default: 4 * 1024 * 1024,
        placeholder: 'bytes',
      }),
      prefer: option('where both sides changed something, this one counts: here or original; otherwise it is reported', {
        read: readSide,
        placeholder: 'side',
      }),
      dryRun: flag('tell what would come, and change nothing'),
      outputFormat,
    },
    async run({ objectStore, terminal }, { database, data, maps, account, blockSize, prefer, dryRun }) {
      if (database === undefined) throw new UsageError('option --database is required')
      if (data === undefined) throw new UsageError('option --data is required')
      const tell = (text: string) => terminal.error(visible(text))
      const run = await openImport(objectStore, { database, data, maps, blockSizeBytes: blockSize, dry: dryRun, prefer, tell })
      try {
        await importAll(run, account)
      } finally {
        await run.original.close()
      }
      const { problems, ...counted } = run.report
      if (!dryRun) await noteCommand(objectStore.db, 'import', account ? `account:${account}` : 'all', counted)
      const rows = problems.map(({ what, problem }) => ({ What: visible(what), Problem: problem }))
      if (rows.length > 0 || terminal.format === 'json') terminal.table(rows, { fields: ['What', 'Problem'] })
      const { accounts, containers, objects, versions, blocks, bytes, unchanged, settled } = counted
      tell(
        `${dryRun ? 'To bring' : 'Brought'}: ${accounts} accounts, ${containers} containers, ${objects} objects with ${versions} versions, ${blocks} blocks of ${bytes} bytes. Unchanged: ${unchanged}.`,
      )
      if (settled > 0) tell(`Changed on both sides and settled: ${settled}.`)
      if (dryRun) tell('Nothing was changed.')
      if (problems.length > 0) throw new Fault('conflict', `${problems.length} problems were found.`)
    },
  })

export const pithosImport = importCommand('pithos-import')

function readSize(word: string): number {
  const bytes = Number(word)
  if (!Number.isInteger(bytes) || bytes < 1) throw new UsageError(`'${word}' is no number of bytes`)
  return bytes
}

function readSide(word: string): Side {
  const side = SIDES.find((each) => each === word)
  if (!side) throw new UsageError(`'${word}' is neither 'here' nor 'original'`)
  return side
}
