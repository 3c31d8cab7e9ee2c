import type { Log } from '@synnefo/lib/log'
import type { Plan } from '../plan.ts'
import type { Programs } from './programs.ts'

/** The device inside the namespace that leads out. */
export const OUTSIDE = 'outside'

/** What the inside must know of the outside. */
export interface Surroundings {
  /** Name servers that programs inside can ask. */
  resolvers: readonly string[]
  /** IPv4 addresses of the host that can be seen from inside: guests must not reach them. */
  hostAddresses: readonly string[]
  /** The biggest packet that gets out. */
  mtu: number
}

export interface GroundOptions {
  folder: string
  /** Tells this cloud's things on the host from those of others. */
  id: string
  /** The user that QEMU runs as. */
  deviceOwnerUid: number
  resolvConf: string
  log: Log
}

/** The network namespace and how it is joined to the outside. One implementation for root, one for everybody else. */
export interface Ground {
  readonly hostReachesGuests: boolean
  readonly programs: Programs
  /** For files that programs inside read. Need not survive a reboot. */
  readonly runFolder: string
  /** User that DHCP servers become; empty where they are no more than we are. */
  readonly dhcpUser: string
  /** Finds the namespace or makes it; tells whether it was made now. Cheap when it exists. */
  ensure(): Promise<'found' | 'made'>
  /** Joins it to the outside. May be repeated whenever the outside or the public networks changed. */
  join(plan: Plan): Promise<Surroundings>
  /** Whether something of it died or the host changed, so that `ensure` and `join` are due. Looks only, and cheaply. */
  needsCare(): boolean
  /** The user that QEMU runs as, by the number it has inside. */
  readonly tapOwnerUid: number
  /** Command prefix for our own programs. */
  enter(): readonly string[]
  /** Command prefix for machines: leaves them no power over the data plane that they would not have outside of it. */
  enterConfined(): readonly string[]
  destroy(): Promise<void>
}
