import { seedCompute } from '@synnefo/compute'
import { ensureStandardGroups } from '@synnefo/identity'
import { many } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { defineCommand, type ManageContext } from './define.ts'

const FIXTURES: Record<string, (context: ManageContext) => Promise<string>> = {
  async groups({ db }) {
    const made = await db.transaction((tx) => ensureStandardGroups(tx))
    return made.length === 0 ? 'All standard groups are there.' : `Made the groups ${made.join(', ')}.`
  },
  async flavors({ db }) {
    await db.transaction((tx) => seedCompute(tx))
    return 'There are flavors.'
  },
  users: async () => 'There are no users to load: make the first one with createsuperuser.',
}

export const loaddata = defineCommand({
  name: 'loaddata',
  summary: 'Give the cloud what it begins with: groups, flavors',
  description: 'A new cloud has them already. Running it again changes nothing.',
  input: { fixtures: many(`of ${Object.keys(FIXTURES).join(', ')}`) },
  async run({ terminal, ...context }, { fixtures }) {
    const names = fixtures.map((word) => word.replace(/\.(json|yaml|xml)$/, ''))
    const unknown = names.find((name) => !Object.hasOwn(FIXTURES, name))
    if (unknown !== undefined)
      throw new Fault('badRequest', `There is no fixture '${unknown}': one of ${Object.keys(FIXTURES).join(', ')}`)
    for (const name of names) terminal.error(await FIXTURES[name]!(context))
  },
})
