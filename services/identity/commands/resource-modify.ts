import { argument, flag, option, readYesOrNo, type Terminal } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { type Identity, registryChanged } from '../identity.ts'
import { listResources, lockResource, type ResourceChange, type ResourceRow, updateResource } from '../store/resources.ts'
import { showQuantity } from '../wire/quantities.ts'
import { defineCommand, noteCommand, readQuantity } from './define.ts'

export const resourceModify = defineCommand({
  name: 'resource-modify',
  summary: 'Change the default limits of a resource, or who sees it',
  description: 'Default limits are those of projects made from now on; projects that exist keep theirs.',
  input: {
    name: { ...argument('name of the resource; left out where limits are asked for'), optional: true },
    systemDefault: option("limit in a person's own project, such as 4, 20GiB or inf", {
      read: readQuantity,
      placeholder: 'limit',
      aliases: ['default-quota', 'limit', 'base-default'],
    }),
    projectDefault: option('limit in other projects', { read: readQuantity, placeholder: 'limit' }),
    apiVisible: option('whether the API shows it', { read: readYesOrNo, placeholder: 'yes|no' }),
    uiVisible: option('whether pages show it', { read: readYesOrNo, placeholder: 'yes|no' }),
    systemDefaultInteractive: flag("ask for the limit in a person's own project, of each resource", {
      aliases: ['default-quota-interactive', 'base-default-interactive'],
    }),
    projectDefaultInteractive: flag('ask for the limit in other projects, of each resource'),
  },
  async run({ identity, terminal }, { name, systemDefaultInteractive, projectDefaultInteractive, ...wanted }) {
    const isAsked = systemDefaultInteractive || projectDefaultInteractive
    const nothingWanted = Object.values(wanted).every((value) => value === undefined)
    if (isAsked && !nothingWanted) throw new Fault('badRequest', 'Limits are either given or asked for')
    if (isAsked) {
      if (systemDefaultInteractive) await askForLimits(identity, terminal, name, 'systemDefault')
      if (projectDefaultInteractive) await askForLimits(identity, terminal, name, 'projectDefault')
      return
    }
    if (name === undefined) throw new Fault('badRequest', 'Please give the name of the resource')
    if (nothingWanted) {
      throw new Fault('badRequest', 'Nothing to change: give --system-default, --project-default, --api-visible or --ui-visible')
    }
    if (wanted.apiVisible === false && wanted.uiVisible === true) {
      throw new Fault('badRequest', 'A resource that pages show is shown by the API too')
    }
    const notes: string[] = []
    await identity.db.transaction(async (tx) => {
      notes.length = 0 // the transaction may run again
      const resource = await lockResource(tx, name)
      if (!resource) throw new Fault('itemNotFound', `Resource ${name} does not exist`)
      await change(
        identity,
        tx,
        name,
        consistent(wanted, resource, (text) => notes.push(text)),
      )
    })
    for (const text of notes) terminal.error(text)
  },
})

async function change(identity: Identity, tx: Tx, name: string, wanted: ResourceChange): Promise<void> {
  await updateResource(tx, name, wanted)
  await noteCommand(tx, 'resource-modify', `resource:${name}`, wanted)
  registryChanged(tx, identity)
}

type Limit = 'systemDefault' | 'projectDefault'
const CALLED: Record<Limit, string> = { systemDefault: 'system default', projectDefault: 'project default' }

/** Asks for a limit of each resource, or of one; an empty answer keeps what is. Nothing is changed when one makes no sense. */
async function askForLimits(identity: Identity, terminal: Terminal, name: string | undefined, limit: Limit): Promise<void> {
  const resources = (await listResources(identity.db)).filter((resource) => name === undefined || resource.name === name)
  if (resources.length === 0) throw new Fault('itemNotFound', `Resource ${name} does not exist`)
  const answers: [string, bigint][] = []
  for (const resource of resources) {
    const now = showQuantity(resource[limit], resource.unit, 'auto')
    terminal.error(`Resource '${resource.name}' (${resource.description || 'no description'})`)
    const answer = await terminal.ask(`${CALLED[limit]} (${now}; leave empty to keep): `)
    if (answer) answers.push([resource.name, readQuantity(answer)])
  }
  await identity.db.transaction(async (tx) => {
    for (const [resource, value] of answers) await change(identity, tx, resource, { [limit]: value })
  })
}

type Wanted = { [Key in keyof ResourceChange]: ResourceChange[Key] | undefined }

/** What pages show, the API shows: the one change that is asked for brings the other along. */
function consistent(wanted: Wanted, current: ResourceRow, note: (text: string) => void): ResourceChange {
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)) as ResourceChange
  if (wanted.apiVisible === false && current.uiVisible) {
    note('Also setting ui_visible to False')
    return { ...given, uiVisible: false }
  }
  if (wanted.uiVisible === true && !current.apiVisible && wanted.apiVisible === undefined) {
    note('Also setting api_visible to True')
    return { ...given, apiVisible: true }
  }
  return given
}
