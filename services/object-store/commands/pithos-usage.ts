import { flag, optionalArgument, outputFormat } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { usage } from '../store/usage.ts'
import { defineCommand } from './define.ts'

const FIELDS = ['Type', 'Holder', 'Objects', 'Logical', 'Past versions', 'History', 'Unique', 'Shared']

export const pithosUsage = defineCommand({
  name: 'pithos-usage',
  summary: 'Show what accounts and projects have, and what of it is stored for them alone',
  description:
    'In bytes. Logical is the sum of current objects and History that of past versions, as they are charged or not. Unique and Shared are what is stored for them, each block once: what nobody else needs, and what others need as well. By account unless --project is given.',
  input: {
    holder: optionalArgument('only this account or project', { placeholder: 'uuid' }),
    user: flag('by account'),
    project: flag('by project'),
    outputFormat,
  },
  async run({ objectStore, terminal }, { holder, user, project }) {
    const kinds = [...(user || !project ? (['account'] as const) : []), ...(project ? (['project'] as const) : [])]
    const rows = []
    for (const kind of kinds) {
      for (const each of await objectStore.db.transaction((tx) => usage(tx, kind, holder), { patient: true }))
        rows.push({
          Type: kind === 'account' ? 'user' : kind,
          Holder: each.holder,
          Objects: each.objects,
          Logical: each.logical,
          'Past versions': each.pastVersions,
          History: each.history,
          Unique: each.unique,
          Shared: each.shared,
        })
    }
    if (holder !== undefined && rows.length === 0) throw new Fault('itemNotFound', `Nothing is on record for '${holder}'`)
    terminal.table(rows, { fields: FIELDS })
  },
})
