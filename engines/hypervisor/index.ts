// Runs servers: QEMU on this host, a Ganeti cluster, or a simulation. Calls say what is wanted, name the intent
// and return at once; what became of it is seen by looking: `list` answers facts per instance. An intent is
// named by the caller (such as snf-42-start-1f3c); repeating a call with the same intent changes nothing.
import type { Duplex } from 'node:stream'
import type { DeployJob } from '@synnefo/engine-image-deploy'
import type { NetworkSpec, PortSpec } from '@synnefo/engine-virtual-network'
import type { BlockMap } from '@synnefo/engine-volumes'

export interface DiskSpec {
  /** Backend name, such as snf-vol-7. */
  name: string
  sizeBytes: number
  /** What the disk starts as; zeros when absent. */
  source?: BlockMap
}

export interface NicSpec extends PortSpec {
  /** The network itself travels along, so that a backend which does not know it yet can make it. */
  networkSpec: NetworkSpec
}

export interface InstanceSpec {
  /** Backend name, such as snf-42. */
  name: string
  cpus: number
  ramBytes: number
  disks: readonly DiskSpec[]
  nics: readonly NicSpec[]
  /** How the first disk is made into this server's; undefined boots it as it is. Held only until done. */
  customise?: Omit<DeployJob, 'disk' | 'nics'>
}

export type Power = 'on' | 'off'

export interface IntentFacts {
  state: 'running' | 'done' | 'failed'
  /** Words for the server's owner; present when failed. */
  reason?: string
}

export interface InstanceFacts {
  name: string
  /** undefined while it is being made. */
  power?: Power
  cpus: number
  ramBytes: number
  disks: readonly { name: string; sizeBytes: number }[]
  nics: readonly { name: string; mac: string }[]
  /** What the instance is doing or did last: at least the latest intent of each instance is remembered. */
  intents: ReadonlyMap<string, IntentFacts>
  /** Percent of a creation under way, 0 to 100. */
  progressPercent?: number
  /** Why a machine that ought to run stopped by itself, in words for its owner. */
  stoppedBecause?: string
}

export type ConsoleKind = 'vnc' | 'serial'

export interface Capacity {
  cpus: number
  ramBytes: number
  freeRamBytes: number
  diskBytes: number
  freeDiskBytes: number
  instances: number
  /** How guests run: 'kvm' or 'tcg' on the built-in engine. */
  acceleration?: string
}

export interface Hypervisor {
  readonly can: {
    /** Disks and NICs can be changed while the machine runs. */
    hotplug: boolean
    liveMigrate: boolean
    /** `screenshot` answers. */
    screenshot: boolean
  }
  /** Everything of ours on this backend. Fails when the backend cannot be asked: nothing may be concluded then. */
  list(): Promise<Map<string, InstanceFacts>>
  /** Makes disks, customises, and starts the machine. */
  create(spec: InstanceSpec, intent: string): Promise<void>
  start(name: string, intent: string): Promise<void>
  /** Asks the guest to power off and cuts the power after `graceSeconds` (0: at once). */
  stop(name: string, graceSeconds: number, intent: string): Promise<void>
  /** `hard` cuts the power; otherwise the guest is asked first. A stopped machine is started. */
  reboot(name: string, options: { hard: boolean }, intent: string): Promise<void>
  /** Removes the machine and its disks. Done when `list` no longer names it; also for what never came to be. */
  remove(name: string, intent: string): Promise<void>
  /** A raw byte stream: RFB for vnc, the terminal for serial. Fails when the machine is off. */
  openConsole(name: string, kind: ConsoleKind): Promise<Duplex>
  /** The screen as PNG. */
  screenshot(name: string): Promise<Buffer>
  capacity(): Promise<Capacity>
  /** Calls back whenever facts may have changed: a hint to look, nothing more. Answers how to stop listening. */
  watch(onChange: () => void): () => void
  /** Lets go of the backend; machines run on. */
  close(): Promise<void>
}

/** The backend cannot be asked now (connection refused, cluster offline): try later. */
export class BackendUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BackendUnavailable'
  }
}
