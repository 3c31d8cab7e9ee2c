// What the service holds open. Every function of the service takes it, or just the transaction it works in.
import type { Hypervisor } from '@synnefo/engine-hypervisor'
import type { Identity } from '@synnefo/identity'
import type { Log } from '@synnefo/lib/log'
import type { Db } from '@synnefo/lib/sql'
import type { ObjectStore } from '@synnefo/object-store'
import type { ComputeSettings } from './settings.ts'

export interface Compute {
  readonly db: Db
  readonly log: Log
  readonly settings: ComputeSettings
  readonly identity: Identity
  readonly objectStore: ObjectStore
  /** Backends by name, as in the table compute.backends. */
  readonly hypervisors: ReadonlyMap<string, Hypervisor>
  /** Where people reach this cloud, without a slash at the end. */
  readonly baseUrl: () => string
}

/** Name of a server on its backend, such as snf-42. */
export const instanceName = (compute: Pick<Compute, 'settings'>, id: bigint): string =>
  `${compute.settings.BACKEND_PREFIX_ID}${id}`

/** The server's id when the name is one of ours. */
export function serverIdOf(compute: Pick<Compute, 'settings'>, name: string): bigint | undefined {
  const prefix = compute.settings.BACKEND_PREFIX_ID
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^\d+$/.test(digits) ? BigInt(digits) : undefined
}
