// What each action takes from quota and gives back (compute-model.md §3.2).
import { issueCommission, type Provision } from '@synnefo/identity'
import type { Tx } from '@synnefo/lib/sql'
import { ramBytesOf } from '../flavors/flavors.ts'
import type { FlavorRow } from '../store/flavors.ts'
import type { OperState } from '../wire/server-states.ts'

/** Under this name the identity service keeps our commissions apart from those of others. */
const COMPONENT = 'cyclades'

type Quantities = Record<string, bigint>

/** States in which a server holds processors and memory. */
const ACTIVE: readonly OperState[] = ['STARTED', 'BUILD', 'ERROR']

const whole = (flavor: FlavorRow): Quantities => ({
  'cyclades.total_cpu': BigInt(flavor.cpu),
  'cyclades.total_ram': ramBytesOf(flavor),
})
const running = (flavor: FlavorRow): Quantities => ({ 'cyclades.cpu': BigInt(flavor.cpu), 'cyclades.ram': ramBytesOf(flavor) })
const negative = (quantities: Quantities): Quantities =>
  Object.fromEntries(Object.entries(quantities).map(([name, value]) => [name, -value]))

/** What an action on a server in this state changes; nothing for one that takes and gives nothing. */
export function quantitiesOf(
  action: 'BUILD' | 'START' | 'STOP' | 'REBOOT' | 'DESTROY',
  flavor: FlavorRow,
  state: OperState,
  diskBytes: bigint,
): Quantities {
  const active = ACTIVE.includes(state)
  switch (action) {
    case 'BUILD':
      return { 'cyclades.vm': 1n, ...whole(flavor), ...running(flavor), 'cyclades.disk': diskBytes }
    case 'START':
    case 'REBOOT':
      return state === 'STOPPED' ? running(flavor) : {}
    case 'STOP':
      return active ? negative(running(flavor)) : {}
    case 'DESTROY':
      return negative({ 'cyclades.vm': 1n, ...whole(flavor), 'cyclades.disk': diskBytes, ...(active ? running(flavor) : {}) })
  }
}

export interface Charge {
  /** What it is for, to whoever looks into a pending commission. */
  name: string
  userId: string
  project: string
  quantities: Quantities
  /** Beyond limits: for what is given back and for what has happened already. */
  force?: boolean
  /** Resolved at once. */
  autoAccept?: boolean
}

/** Issues a commission for the user and for the project; answers null when nothing changes or it is resolved already. */
export async function charge(
  tx: Tx,
  { name, userId, project, quantities, force = false, autoAccept = false }: Charge,
): Promise<bigint | null> {
  const changes = Object.entries(quantities).filter(([, quantity]) => quantity !== 0n)
  if (changes.length === 0) return null
  const provisions = changes.flatMap(([resource, quantity]): Provision[] => [
    { holder: `user:${userId}`, source: `project:${project}`, resource, quantity },
    { holder: `project:${project}`, source: null, resource, quantity },
  ])
  const serial = await issueCommission(tx, { name, force, autoAccept, component: COMPONENT, provisions })
  return autoAccept ? null : serial
}
