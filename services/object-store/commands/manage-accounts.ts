// pithos-manage-accounts: what operators do with whole accounts.
import { writeFile } from 'node:fs/promises'
import {
  Aborted,
  argument,
  type Command,
  flag,
  option,
  outputFormat,
  type Terminal,
  UsageError,
  visible,
} from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable } from '@synnefo/lib/sql'
import { findAccount } from '../store/accounts.ts'
import * as whole from '../store/whole-accounts.ts'
import { deleteAccount, limitContainer, mergeAccounts } from '../upkeep/accounts.ts'
import { defineCommand, type ObjectStoreCommandContext } from './define.ts'

const dry = flag('find out whether it works, and change nothing')
const yes = flag('do not ask')

const list = defineCommand({
  name: 'list',
  summary: 'List the ids of all accounts',
  input: {
    duplicate: flag('only those that are equal but for upper and lower case, each group as one row'),
    noHeaders: flag('leave the heading out'),
    outputFormat,
  },
  async run({ objectStore: { db }, terminal }, { duplicate, noHeaders }) {
    const rows = duplicate
      ? (await whole.duplicateAccounts(db)).map((ids) => ({ uuid: ids }))
      : (await whole.listAccounts(db)).map((id) => ({ uuid: id }))
    terminal.table(rows, { fields: ['uuid'], headings: !noHeaders })
  },
})

const remove = defineCommand({
  name: 'delete',
  summary: 'Delete an account with all containers, objects and their past',
  input: { account: argument('its id'), dry, yes },
  async run({ objectStore, terminal }, { account, dry: onlyTry, yes: sure }) {
    const { db } = objectStore
    if (!(await findAccount(db, account))) throw new Fault('itemNotFound', `There is no account '${account}'`)
    await showContents(db, terminal, account, 'will be deleted')
    if (!sure) await askYes(terminal)
    await deleteAccount(objectStore, account, { dry: onlyTry })
    terminal.error(onlyTry ? 'Nothing was changed.' : `Deleted account ${account}.`)
  },
})

const merge = defineCommand({
  name: 'merge',
  summary: 'Move everything of one account into another',
  description:
    'Objects go into the same containers and names, with their past, metadata, permissions and public links, which get new addresses. An object that is there already gets a new version. Groups are copied. The source stays, empty.',
  input: { source: argument('id of the account to empty'), destination: argument('id of the account to fill'), dry, yes },
  async run({ objectStore, terminal }, { source, destination, dry: onlyTry, yes: sure }) {
    const { db } = objectStore
    for (const account of [source, destination])
      if (!(await findAccount(db, account))) throw new Fault('itemNotFound', `There is no account '${account}'`)
    await showContents(db, terminal, source, 'will be moved')
    if (!sure) await askYes(terminal)
    await mergeAccounts(objectStore, { source, destination }, { dry: onlyTry })
    terminal.error(onlyTry ? 'Nothing was changed.' : `Merged ${source} into ${destination}.`)
  },
})

const exportQuota = defineCommand({
  name: 'export-quota',
  summary: 'Write the size limits that accounts have on record into a file for the quota service',
  description:
    'Accounts are limited by the quota service; only those of an installation that was taken over may have a limit on record here.',
  input: { location: option('the file', { placeholder: 'file' }) },
  async run({ objectStore, terminal }, { location }) {
    if (location === undefined) throw new UsageError('option --location is required')
    const limits = await whole.accountLimits(objectStore.db)
    const lines = limits.map(({ id, bytes }) => `${id} pithos.diskspace ${bytes}\n`)
    await writeFile(location, lines.join('')).catch((error: NodeJS.ErrnoException) => {
      throw new Fault('badRequest', `${location} cannot be written (${error.code})`, { cause: error })
    })
    terminal.error(`Wrote ${limits.length} limits into ${location}.`)
  },
})

const setContainerQuota = defineCommand({
  name: 'set-container-quota',
  summary: 'Set the size limit of a container in one account or in all that have it',
  input: {
    container: argument('name of the container'),
    quota: argument('bytes; 0 is unlimited', { read: readBytes }),
    account: option('only this account', { placeholder: 'uuid' }),
    dry,
    report: flag('list the accounts where it failed, and why'),
  },
  async run({ objectStore, terminal }, { container, quota, account, dry: onlyTry, report }) {
    const accounts = account === undefined ? await whole.accountsWithContainer(objectStore.db, container) : [account]
    const failed: { account: string; reason: string }[] = []
    for (const each of accounts) {
      try {
        await limitContainer(objectStore, { account: each, container, quotaBytes: quota }, { dry: onlyTry })
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        failed.push({ account: each, reason: error.message })
      }
    }
    if (report && failed.length > 0) terminal.table(failed, { fields: ['account', 'reason'] })
    terminal.error(
      onlyTry ? 'Nothing was changed.' : `Set the limit of ${container} in ${accounts.length - failed.length} accounts.`,
    )
    if (failed.length > 0) throw new Fault('conflict', `It failed in ${failed.length} accounts.`)
  },
})

/** In the order in which help of the original lists them. */
export const accountCommands: readonly Command<ObjectStoreCommandContext>[] = [
  list,
  remove,
  merge,
  exportQuota,
  setContainerQuota,
]

function readBytes(word: string): bigint {
  const bytes = /^\d{1,19}$/.test(word) ? BigInt(word) : -1n
  if (bytes < 0n || bytes > 2n ** 63n - 1n)
    throw new Fault('badRequest', `'${word}' is no quota: a whole number of bytes, 0 or more`)
  return bytes
}

const PATHS_AT_ONCE = 5000

async function showContents(db: Queryable, terminal: Terminal, account: string, fate: string): Promise<void> {
  terminal.error(`The following objects ${fate}:`)
  for (let after = { container: '', name: '' }; ; ) {
    const paths = await whole.objectPaths(db, account, after, PATHS_AT_ONCE)
    for (const { container, name } of paths) terminal.line(visible(`${container}/${name}`))
    if (paths.length < PATHS_AT_ONCE) break
    after = paths.at(-1)!
  }
  const groups = await whole.groupNames(db, account)
  if (groups.length === 0) return
  terminal.error(`The following groups ${fate}:`)
  for (const group of groups) terminal.line(visible(group))
}

async function askYes(terminal: Terminal): Promise<void> {
  if ((await terminal.ask("Type 'yes' to continue: ")) !== 'yes') throw new Aborted()
}
