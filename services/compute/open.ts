import type { Hypervisor } from '@synnefo/engine-hypervisor'
import type { Identity } from '@synnefo/identity'
import type { Log } from '@synnefo/lib/log'
import type { Db } from '@synnefo/lib/sql'
import type { ObjectStore } from '@synnefo/object-store'
import type { Compute } from './compute.ts'
import { RUN_SERVERS } from './servers/power.ts'
import type { ComputeSettings } from './settings.ts'
import { type BackendRow, ensureBackend } from './store/backends.ts'

export interface ComputeOptions {
  db: Db
  log: Log
  settings: ComputeSettings
  identity: Identity
  objectStore: ObjectStore
  backends: readonly { name: string; kind: BackendRow['kind']; hypervisor: Hypervisor }[]
  baseUrl: () => string
}

/** Opens the service: from now on every sign of change on a backend makes the reconciler look. */
export async function openCompute({ backends, ...rest }: ComputeOptions): Promise<Compute & { close(): void }> {
  await rest.db.transaction(async (tx) => {
    for (const { name, kind } of backends) await ensureBackend(tx, name, kind)
  })
  const stops = backends.map(({ hypervisor }) => hypervisor.watch(() => rest.db.wake(RUN_SERVERS)))
  return {
    ...rest,
    hypervisors: new Map(backends.map(({ name, hypervisor }) => [name, hypervisor])),
    close: () => {
      for (const stop of stops) stop()
    },
  }
}
