import { argument, option, readYesOrNo } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { registryChanged } from '../identity.ts'
import { lockResource, type ResourceRow, updateResource } from '../store/resources.ts'
import { defineCommand, noteCommand, readQuantity } from './define.ts'

export const resourceModify = defineCommand({
  name: 'resource-modify',
  summary: 'Change the default limits of a resource, or who sees it',
  description: 'Default limits are those of projects made from now on; projects that exist keep theirs.',
  input: {
    name: argument('name of the resource'),
    systemDefault: option("limit in a person's own project, such as 4, 20GiB or inf", {
      read: readQuantity,
      placeholder: 'limit',
      aliases: ['default-quota', 'limit', 'base-default'],
    }),
    projectDefault: option('limit in other projects', { read: readQuantity, placeholder: 'limit' }),
    apiVisible: option('whether the API shows it', { read: readYesOrNo, placeholder: 'yes|no' }),
    uiVisible: option('whether pages show it', { read: readYesOrNo, placeholder: 'yes|no' }),
  },
  async run({ identity, terminal }, { name, ...wanted }) {
    if (Object.values(wanted).every((value) => value === undefined)) {
      throw new Fault('badRequest', 'Nothing to change: give --system-default, --project-default, --api-visible or --ui-visible')
    }
    if (wanted.apiVisible === false && wanted.uiVisible === true) {
      throw new Fault('badRequest', 'A resource that pages show is shown by the API too')
    }
    await identity.db.transaction(async (tx) => {
      const resource = await lockResource(tx, name)
      if (!resource) throw new Fault('itemNotFound', `Resource ${name} does not exist`)
      await updateResource(
        tx,
        name,
        consistent(wanted, resource, (text) => terminal.error(text)),
      )
      await noteCommand(tx, 'resource-modify', `resource:${name}`, wanted)
      registryChanged(tx, identity)
    })
  },
})

interface Visibility {
  apiVisible: boolean | undefined
  uiVisible: boolean | undefined
}

/** What pages show, the API shows: the one change that is asked for brings the other along. */
function consistent<Wanted extends Visibility>(wanted: Wanted, current: ResourceRow, note: (text: string) => void): Wanted {
  if (wanted.apiVisible === false && current.uiVisible) {
    note('Also setting ui_visible to False')
    return { ...wanted, uiVisible: false }
  }
  if (wanted.uiVisible === true && !current.apiVisible && wanted.apiVisible === undefined) {
    note('Also setting api_visible to True')
    return { ...wanted, apiVisible: true }
  }
  return wanted
}
