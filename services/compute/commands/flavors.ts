import { argument, defineListing, flag, option, readYesOrNo, UsageError } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { sql } from '@synnefo/lib/sql'
import { volumeTypes } from '@synnefo/volume'
import { createFlavor, flavorName } from '../flavors/flavors.ts'
import { allFlavors, type CountedFlavorRow } from '../store/flavors.ts'
import { defineCommand } from './define.ts'

const listing = defineListing<CountedFlavorRow>(
  {
    id: { help: 'id', cell: ({ id }) => id, shown: true },
    name: { help: 'name', cell: flavorName, shown: true },
    cpu: { help: 'processors', cell: ({ cpu }) => cpu, shown: true },
    ram: { help: 'memory in MiB', cell: ({ ramMib }) => ramMib, shown: true },
    disk: { help: 'disk in GiB', cell: ({ diskGib }) => diskGib, shown: true },
    template: { help: 'disk template', cell: ({ diskTemplate }) => diskTemplate, shown: true },
    volume_type: { help: 'id of the volume type', cell: ({ volumeTypeId }) => volumeTypeId, shown: true },
    allow_create: { help: 'whether new servers may have it', cell: ({ allowCreate }) => allowCreate, shown: true },
    public: { help: 'whether everybody may use it', cell: ({ public: isPublic }) => isPublic, shown: true },
    vms: { help: 'servers that have it', cell: ({ servers }) => servers, shown: true },
    deleted: { help: 'whether it is gone', cell: ({ deleted }) => deleted },
  },
  {
    id: { help: 'id', column: sql`f.id`, type: 'number' },
    cpu: { help: 'processors', column: sql`f.cpu`, type: 'number' },
    ram: { help: 'memory in MiB', column: sql`f.ram_mib`, type: 'number' },
    disk: { help: 'disk in GiB', column: sql`f.disk_gib`, type: 'number' },
    template: { help: 'disk template', column: sql`f.disk_template`, type: 'text' },
    public: { help: 'whether everybody may use it', column: sql`f.public`, type: 'boolean' },
    deleted: { help: 'whether it is gone', column: sql`f.deleted`, type: 'boolean' },
  },
)

export const flavorList = defineCommand({
  name: 'flavor-list',
  summary: 'List flavors',
  input: { deleted: flag('deleted ones too', { short: 'd' }), ...listing.input },
  async run({ compute, terminal }, { deleted, ...input }) {
    await listing.show(
      terminal,
      input,
      (condition) => allFlavors(compute.db, [condition, ...(deleted ? [] : [sql`NOT f.deleted`])]),
      deleted ? ['deleted'] : [],
    )
  },
})

const sizes = (what: string) =>
  argument(`${what}; several with commas between`, {
    read: (word) => {
      const numbers = word.split(',').map(Number)
      if (numbers.some((number) => !Number.isSafeInteger(number) || number < 1))
        throw new UsageError(`'${word}' is not ${what}: whole numbers from 1`)
      return numbers
    },
  })

export const flavorCreate = defineCommand({
  name: 'flavor-create',
  summary: 'Make flavors of every combination of the given sizes',
  input: {
    cpu: sizes('numbers of processors'),
    ram: sizes('memory in MiB'),
    disk: sizes('disk in GiB'),
    volumeType: argument('id of a volume type; several with commas between'),
    public: option('whether everybody may use them', { default: true, read: readYesOrNo, placeholder: 'True|False' }),
    dryRun: flag('only say what would be made', { short: 'n' }),
  },
  async run({ compute, terminal }, { cpu, ram, disk, volumeType, public: isPublic, dryRun }) {
    const known = await volumeTypes(compute.db)
    const types = volumeType.split(',').map((id) => {
      const type = known.find((candidate) => String(candidate.id) === id)
      if (!type)
        throw new Fault(
          'itemNotFound',
          `There is no volume type ${id}. There are ${known.map((each) => `${each.id} (${each.name})`).join(', ')}.`,
        )
      return type
    })
    const combinations = types.flatMap((type) =>
      cpu.flatMap((cpus) =>
        ram.flatMap((ramMib) =>
          disk.map((diskGib) => ({
            cpu: cpus,
            ramMib: Math.ceil(ramMib / 4) * 4, // hypervisors give memory in steps of 4 MiB
            diskGib,
            volumeTypeId: type.id,
            diskTemplate: type.diskTemplate,
            public: isPublic,
          })),
        ),
      ),
    )
    for (const wanted of combinations) {
      if (dryRun) terminal.line(`Would create flavor ${flavorName(wanted)}`)
      else
        await terminal.attempt(`Creating flavor ${flavorName(wanted)}`, () =>
          compute.db.transaction((tx) => createFlavor(tx, wanted)),
        )
    }
  },
})
