import { BackendUnavailable } from '@synnefo/engine-hypervisor'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable } from '@synnefo/lib/sql'
import type { Compute } from '../compute.ts'
import { allBackends } from '../store/backends.ts'

/**
 * Answers the name of the backend for a new server (compute-model.md §4): online, not drained, and one that this
 * installation has a hypervisor for; of several, the one listed first.
 */
export async function chooseBackend(compute: Compute, db: Queryable): Promise<string> {
  const candidates = (await allBackends(db)).filter(
    ({ name, drained, offline }) => !drained && !offline && compute.hypervisors.has(name),
  )
  const [chosen] = candidates
  if (!chosen) throw new Fault('serviceUnavailable', 'No available backends: none is online and takes new servers.')
  return chosen.name
}

/** Whether an error of a hypervisor means that it could not be asked. */
export function unavailable(error: unknown): Fault | undefined {
  return error instanceof BackendUnavailable
    ? new Fault('serviceUnavailable', 'The backend of this server does not answer. Try again soon.', { cause: error })
    : undefined
}
