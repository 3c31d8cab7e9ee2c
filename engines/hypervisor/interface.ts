// Runs servers: QEMU on this host, a Ganeti cluster, or a simulation. One `Hypervisor` is one backend; a cloud may
// have several, of every kind, side by side, and a server lives on the same one for life.
//
// Calls say what is wanted, name the intent and return once the wish is safely noted (on a cluster: the job is
// submitted); what became of it is seen by looking: `list` answers facts per instance. An intent is named by the
// caller (such as snf-42-start-1f3c) and remembered with its outcome, so a call repeated after a crash or a
// time-out changes nothing. Intents of one instance are worked off in the order in which they came; `remove`
// overtakes the rest, which then fail.
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
  /** Backend name, such as snf-42: matches `INSTANCE_NAME`. */
  name: string
  cpus: number
  ramBytes: number
  /** In index order; the first one is booted. */
  disks: readonly DiskSpec[]
  nics: readonly NicSpec[]
  /** How the first disk is made into this server's; undefined boots it as it is. Forgotten as soon as it is done. */
  customise?: Omit<DeployJob, 'disk' | 'nics'>
}

/** Lower case, digits and dashes; short, because sockets are named after instances. */
export const INSTANCE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

export type Power = 'on' | 'off'

export interface IntentFacts {
  /** A wish that waits its turn is 'running' too. */
  state: 'running' | 'done' | 'failed'
  /** Words for the server's owner; present when failed. */
  reason?: string
}

export interface InstanceFacts {
  name: string
  /** undefined while it is being made, and when that failed. */
  power?: Power
  cpus: number
  ramBytes: number
  disks: readonly { name: string; sizeBytes: number }[]
  /** The hardware addresses the backend really gave. */
  nics: readonly { name: string; mac: string }[]
  /**
   * What the instance is doing and did, oldest first. The latest ones are always here; one that is absent never
   * arrived or is long over.
   */
  intents: ReadonlyMap<string, IntentFacts>
  /** Percent of a creation under way, 0 to 100. */
  progressPercent?: number
  /** What a creation under way is doing, such as a task name of the image customisation. */
  progressStep?: string
  /** Why a machine that ought to run stopped by itself, in words for its owner. */
  stoppedBecause?: string
  /** Why a machine that is on stands still, such as a full disk of the host; it goes on by itself when that is over. */
  pausedBecause?: string
}

export type ConsoleKind = 'vnc' | 'serial'

export interface Abilities {
  /** Disks and NICs can be changed while the machine runs; otherwise it must be off. */
  hotplug: boolean
  liveMigrate: boolean
  /** `screenshot` answers. */
  screenshot: boolean
  /** What `openConsole` answers. */
  consoles: readonly ConsoleKind[]
}

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

/** Every call fails with `BackendUnavailable` when the backend cannot be asked: nothing may be concluded then. */
export interface Hypervisor {
  /** What this backend is able to do. Asked, not known beforehand: it depends on the version of a cluster. */
  can(): Promise<Abilities>
  /** Everything of ours on this backend, instances that failed to be made included, by name. */
  list(): Promise<Map<string, InstanceFacts>>
  /** Makes disks, customises, and starts the machine. The intent fails when the name is taken by an earlier one. */
  create(spec: InstanceSpec, intent: string): Promise<void>
  /** Rejects with `InstanceUnknown`, like every call below, when there is none of this name. What never came to be cannot start. */
  start(name: string, intent: string): Promise<void>
  /** Asks the guest to power off and cuts the power after `graceSeconds` (0: at once). */
  stop(name: string, graceSeconds: number, intent: string): Promise<void>
  /** `hard` cuts the power; otherwise the guest is asked first. The machine starts afresh. A stopped one is started. */
  reboot(name: string, options: { hard: boolean }, intent: string): Promise<void>
  /** Removes the machine and its disks. Done when `list` no longer names it; no error for what never came to be. */
  remove(name: string, intent: string): Promise<void>
  /** A raw byte stream: RFB for vnc, the terminal for serial, recent output first. Fails with `MachineOff`. */
  openConsole(name: string, kind: ConsoleKind): Promise<Duplex>
  /** The screen as PNG. Fails with `MachineOff`. */
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

export class InstanceUnknown extends Error {
  constructor(name: string) {
    super(`there is no instance ${name} here`)
    this.name = 'InstanceUnknown'
  }
}

/** What was asked needs a running machine. */
export class MachineOff extends Error {
  constructor(name: string) {
    super(`the machine of ${name} is not running`)
    this.name = 'MachineOff'
  }
}
