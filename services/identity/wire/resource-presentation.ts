// How resources are called and explained on pages: what is built in, for operators to override. The keys are those of
// the setting `ASTAKOS_RESOURCES_META` as existing installations write it.
import { mergeDeep } from './cloudbar.ts'

export interface ResourcePresentation {
  group: string
  verbose_name: string
  /** Written in capitals. */
  is_abbreviation: boolean
  help_text: string
  /** Beside the field for what each member may use, and for what all may use together. */
  help_text_input_each: string
  help_text_input_total: string
  /** Heading in reports of what is used. */
  report_desc: string
  placeholder: string
}

export interface GroupPresentation {
  help_text: string
  verbose_name: string
}

export interface Presentation {
  groups: Record<string, GroupPresentation>
  groups_order: string[]
  resources: Record<string, ResourcePresentation>
  resources_order: string[]
}

const bytes = 'e.g. 4GB, 1TB'
const count = 'e.g. 2, 5'

const resource = (
  group: string,
  verbose_name: string,
  report_desc: string,
  what: string,
  { placeholder = count, is_abbreviation = false } = {},
): ResourcePresentation => ({
  group,
  verbose_name,
  is_abbreviation,
  help_text: `This is the ${what}.`,
  help_text_input_each: `The most that one member may use of the ${what}.`,
  help_text_input_total: `The most that all members together may use of the ${what}.`,
  report_desc,
  placeholder,
})

const BUILT_IN: Presentation = {
  groups_order: ['storage', 'compute', 'network', 'accounts'],
  groups: {
    storage: { help_text: 'Space for files.', verbose_name: 'storage' },
    compute: { help_text: 'Servers, and what they are made of.', verbose_name: 'compute' },
    network: { help_text: 'Private networks and public addresses.', verbose_name: 'network' },
    accounts: { help_text: 'What accounts may ask for.', verbose_name: 'accounts' },
  },
  resources_order: [
    'pithos.diskspace',
    'cyclades.disk',
    'cyclades.total_cpu',
    'cyclades.cpu',
    'cyclades.total_ram',
    'cyclades.ram',
    'cyclades.vm',
    'cyclades.network.private',
    'cyclades.floating_ip',
    'astakos.pending_app',
  ],
  resources: {
    'pithos.diskspace': resource('storage', 'storage space', 'File Storage Space', 'space for files', { placeholder: bytes }),
    'cyclades.disk': resource('compute', 'disk', 'Hard Disk Storage', 'space on disks of servers', { placeholder: bytes }),
    'cyclades.total_cpu': resource('compute', 'total cpu', 'Total CPUs', 'number of processors of all servers', {
      is_abbreviation: true,
    }),
    'cyclades.cpu': resource('compute', 'cpu', 'CPUs', 'number of processors of running servers', { is_abbreviation: true }),
    'cyclades.total_ram': resource('compute', 'total ram', 'Total RAM', 'memory of all servers', {
      placeholder: bytes,
      is_abbreviation: true,
    }),
    'cyclades.ram': resource('compute', 'ram', 'RAM', 'memory of running servers', { placeholder: bytes, is_abbreviation: true }),
    'cyclades.vm': resource('compute', 'vm', 'Virtual Machines', 'number of servers', { is_abbreviation: true }),
    'cyclades.network.private': resource('network', 'private network', 'Private Networks', 'number of private networks'),
    'cyclades.floating_ip': resource('network', 'public ip', 'Public (Floating) IPs', 'number of public addresses'),
    'astakos.pending_app': resource(
      'accounts',
      'pending project application',
      'Pending Project Applications',
      'number of project applications that wait for a decision',
    ),
  },
}

/** Of the given resources, in order: those that nobody described come last, in a group of their service. */
export function presentResources(
  resources: readonly { name: string; description: string }[],
  overrides: unknown,
): (ResourcePresentation & { name: string })[] {
  const { resources: known, resources_order: order } = presentation(overrides)
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  return resources
    .map(({ name, description }) => ({ name, ...(mergeDeep(unknown(name, description), known[name]) as ResourcePresentation) }))
    .sort((a, b) => place(a.name) - place(b.name))
}

/** The groups in order, with their names. */
export function presentGroups(overrides: unknown): (GroupPresentation & { name: string })[] {
  const { groups, groups_order: order } = presentation(overrides)
  const names = [...order, ...Object.keys(groups).filter((name) => !order.includes(name))]
  return names.map((name) => ({ name, ...(groups[name] ?? { help_text: '', verbose_name: name }) }))
}

const presentation = (overrides: unknown) => mergeDeep(BUILT_IN, overrides) as Presentation

function unknown(name: string, description: string): ResourcePresentation {
  const [service = name, ...rest] = name.split('.')
  return resource(service, rest.join(' ').replaceAll('_', ' ') || name, description || name, description || name)
}
