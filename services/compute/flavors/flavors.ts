import type { Caller } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { type FlavorFilter, type FlavorRow, flavorsOpenTo, flavorVisibleTo, insertFlavor } from '../store/flavors.ts'
import { MIB } from '../units.ts'

/** Such as C1R1024D10ext_archipelago: clients take the sizes from the name. */
export function flavorName({
  cpu,
  ramMib,
  diskGib,
  diskTemplate,
}: Pick<FlavorRow, 'cpu' | 'ramMib' | 'diskGib' | 'diskTemplate'>): string {
  return `C${cpu}R${ramMib}D${diskGib}${diskTemplate}`
}

export const ramBytesOf = ({ ramMib }: Pick<FlavorRow, 'ramMib'>): bigint => BigInt(ramMib) * MIB

export function listFlavors(db: Queryable, caller: Caller, filter: FlavorFilter): Promise<FlavorRow[]> {
  if (filter.access !== undefined && !caller.projects.includes(filter.access)) return Promise.resolve([])
  return flavorsOpenTo(db, caller.projects, filter)
}

export async function showFlavor(db: Queryable, caller: Caller, id: bigint): Promise<FlavorRow> {
  const flavor = await flavorVisibleTo(db, id, caller.userId, caller.projects)
  if (!flavor) throw new Fault('itemNotFound', `Flavor ${id} does not exist.`)
  return flavor
}

/** The flavor for a new server of this project (compute-api.md §3.3). */
export async function flavorForServer(db: Queryable, caller: Caller, project: string, id: bigint): Promise<FlavorRow> {
  const open = await flavorsOpenTo(db, caller.projects)
  const flavor = open.find((candidate) => candidate.id === id)
  if (!flavor) throw new Fault('itemNotFound', `Flavor ${id} does not exist.`)
  const inProject = await flavorsOpenTo(db, [project])
  if (!inProject.some((candidate) => candidate.id === id))
    throw new Fault('forbidden', `Project ${project} may not use flavor ${id}.`)
  if (!flavor.allowCreate) throw new Fault('forbidden', `Flavor ${id} is not offered for new servers.`)
  return flavor
}

export interface NewFlavor {
  cpu: number
  ramMib: number
  diskGib: number
  volumeTypeId: bigint
  diskTemplate: string
  public?: boolean
}

/** Makes a flavor, or brings back a deleted one of the same sizes. */
export async function createFlavor(tx: Tx, { public: isPublic = true, ...sizes }: NewFlavor): Promise<bigint> {
  const id = await insertFlavor(tx, { ...sizes, public: isPublic, allowCreate: true })
  if (id === undefined) throw new Fault('conflict', `There is a flavor ${flavorName(sizes)} already.`)
  return id
}
