import { argument, flag, UsageError } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { volumeTypes } from '@synnefo/volume'
import { createFlavor, flavorName } from '../flavors/flavors.ts'
import { allFlavors } from '../store/flavors.ts'
import { defineCommand, output } from './define.ts'

export const flavorList = defineCommand({
  name: 'flavor-list',
  summary: 'List flavors',
  input: { deleted: flag('deleted ones too', { short: 'd' }), ...output },
  async run({ compute, terminal }, { deleted, outputFormat, noHeaders }) {
    const rows = (await allFlavors(compute.db, { deleted })).map((flavor) => ({
      id: flavor.id,
      name: flavorName(flavor),
      cpu: flavor.cpu,
      ram: flavor.ramMib,
      disk: flavor.diskGib,
      template: flavor.diskTemplate,
      volume_type: flavor.volumeTypeId,
      allow_create: flavor.allowCreate,
      public: flavor.public,
      ...(deleted ? { deleted: flavor.deleted } : {}),
    }))
    const fields = [
      'id',
      'name',
      'cpu',
      'ram',
      'disk',
      'template',
      'volume_type',
      'allow_create',
      'public',
      ...(deleted ? ['deleted'] : []),
    ]
    terminal.table(rows, { fields, format: outputFormat, headings: !noHeaders })
  },
})

const sizes = (what: string) =>
  argument(`${what}, or several with commas between`, {
    read: (word) => {
      const numbers = word.split(',').map(Number)
      if (numbers.some((number) => !Number.isSafeInteger(number) || number < 1))
        throw new UsageError(`'${word}' is not ${what}: whole numbers from 1`)
      return numbers
    },
  })

/** All combinations of the given sizes. */
export const flavorCreate = defineCommand({
  name: 'flavor-create',
  summary: 'Make flavors of every combination of the given sizes',
  input: {
    cpu: sizes('numbers of processors'),
    ram: sizes('memory in MiB'),
    disk: sizes('disk in GiB'),
    volumeType: argument('id of a volume type, or several with commas between'),
    private: flag('visible only to projects that get access'),
  },
  async run({ compute, terminal }, { cpu, ram, disk, volumeType, private: hidden }) {
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
    for (const type of types) {
      for (const cpus of cpu)
        for (const ramMib of ram)
          for (const diskGib of disk) {
            const wanted = { cpu: cpus, ramMib, diskGib, volumeTypeId: type.id, diskTemplate: type.diskTemplate, public: !hidden }
            await terminal.attempt(`Creating flavor ${flavorName(wanted)}`, () =>
              compute.db.transaction((tx) => createFlavor(tx, wanted)),
            )
          }
    }
  },
})
