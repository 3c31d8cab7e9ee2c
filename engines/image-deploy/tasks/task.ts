import type { GuestDisk } from '../guest-disk.ts'
import type { GuestRoot } from '../guest-root.ts'
import type { DeployJob } from '../interface.ts'
import type { Machine } from '../machine.ts'
import type { Properties } from '../properties.ts'

/** What the tasks of one job share. */
export interface TaskContext {
  job: DeployJob
  properties: Properties
  machine: Machine
  disk: GuestDisk
  /** Usable by tasks that run with the image mounted. */
  root: GuestRoot
  /** For /etc/shadow; undefined leaves passwords alone. The password itself never enters the helper. */
  passwordHash: string | undefined
  /** Whether a task of this name runs in this job. */
  runs(name: string): boolean
  /** Says what was left out, in words for the server's owner. */
  warn(text: string): void
}

export interface Task {
  /** As in the specification. */
  name: string
  /** Needs the image mounted: EXCLUDE_MOUNTED_TASKS leaves it out. */
  mounted?: true
  /** EXCLUDE_FILESYSTEMRESIZE_TASKS leaves it out. */
  resizes?: true
  /** When cloud-init in the guest does it (`no`), or only when cloud-init is used (`only`). */
  cloudInit?: 'no' | 'only'
  /** Not left out by its own EXCLUDE_TASK_ property: the other tasks stand on it. */
  always?: true
  run(context: TaskContext): Promise<void>
}
