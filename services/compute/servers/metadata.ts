import type { Caller } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Compute } from '../compute.ts'
import type { ComputeSettings } from '../settings.ts'
import { deleteMetadata, metadataOfServers, upsertMetadata } from '../store/server-parts.ts'
import { touchServer } from '../store/servers.ts'
import { checkAction, lockServerFor } from './power.ts'
import { announce } from './settle.ts'

type Metadata = Record<string, string>

/** Checks items that are to be added to those that are there already (compute-api.md §3.3, §3.7). */
export function checkMetadata(items: Readonly<Metadata>, present: Readonly<Metadata>, settings: ComputeSettings): Metadata {
  for (const [key, value] of Object.entries(items)) {
    if (key === '' || key.length > 50)
      throw new Fault('badRequest', `A metadata key has 1 to 50 characters; '${key.slice(0, 60)}' has ${key.length}.`)
    if (value.length > 500) throw new Fault('badRequest', `The value of metadata item '${key}' has more than 500 characters.`)
    if (key.includes('\0') || value.includes('\0')) throw new Fault('badRequest', 'Metadata cannot hold NUL characters.')
  }
  const most = settings.CYCLADES_VM_MAX_METADATA
  if (new Set([...Object.keys(present), ...Object.keys(items)]).size > most)
    throw new Fault('badRequest', `A server has at most ${most} metadata items.`)
  return { ...items }
}

/** Adds and replaces items, and answers all there are then. */
export function updateMetadata(compute: Compute, caller: Caller, id: bigint, items: Readonly<Metadata>): Promise<Metadata> {
  return compute.db.transaction(async (tx) => {
    const server = await lockServerFor(tx, caller, id)
    checkAction(server, 'RENAME')
    const present = Object.fromEntries((await metadataOfServers(tx, [id])).map(({ key, value }) => [key, value]))
    await upsertMetadata(tx, id, checkMetadata(items, present, compute.settings))
    await touchServer(tx, id)
    announce(tx, server)
    return { ...present, ...items }
  })
}

export async function removeMetadata(compute: Compute, caller: Caller, id: bigint, key: string): Promise<void> {
  await compute.db.transaction(async (tx) => {
    const server = await lockServerFor(tx, caller, id)
    checkAction(server, 'RENAME')
    if (!(await deleteMetadata(tx, id, key))) throw new Fault('itemNotFound', `Server ${id} has no metadata item '${key}'.`)
    await touchServer(tx, id)
    announce(tx, server)
  })
}
