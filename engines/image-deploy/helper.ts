// Customises disks in a short-lived VM of our own, so that this host never mounts a file system that nobody vouches for.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Log } from '@synnefo/lib/log'
import { openGuestDisk } from './guest-disk.ts'
import { openGuestRoot } from './guest-root.ts'
import { DeployFailed, type DeployOptions, type DeployReport, type ImageDeploy } from './interface.ts'
import { startMachine } from './machine.ts'
import { Properties } from './properties.ts'
import { type HelperSystem, helperSystem } from './system/build.ts'
import { tasksFor } from './tasks/index.ts'
import type { Task, TaskContext } from './tasks/task.ts'

export interface HelperOptions {
  /** Keeps the helper's system, some 60 MB, and the packages it was made from. */
  cacheFolder: string
  acceleration: 'kvm' | 'tcg'
  log: Log
  /** Who QEMU runs as, when this process is root. */
  qemuUser?: { uid: number; gid: number }
  /** How long one disk may take from the start of its VM, 120 unless said otherwise. */
  timeoutSeconds?: number
}

export interface Helper extends ImageDeploy {
  /** Builds the helper's system unless it is in the cache, so that the first job need not wait for it. */
  prepare(): Promise<void>
}

export function openHelper(options: HelperOptions): Helper {
  let building: Promise<HelperSystem> | undefined
  /** One build at a time, however many ask. */
  const system = () => {
    building ??= helperSystem(options.cacheFolder)
      .catch((error) => {
        throw new Error('The system that customises images could not be built', { cause: error })
      })
      .finally(() => {
        building = undefined
      })
    return building
  }
  return {
    prepare: async () => void (await system()),
    async deploy(job, { signal, onTask } = {}) {
      signal?.throwIfAborted()
      const startedAt = performance.now()
      const properties = new Properties(job.properties)
      const tasks = tasksFor(properties)
      if (tasks.length === 0) return { tasks: [], warnings: properties.warnings }
      checkFamily(properties)
      const report = await customise(await system(), tasks, { job, properties }, options, { signal, onTask })
      options.log.info(
        { disk: job.disk.exportName, ...report, milliseconds: Math.round(performance.now() - startedAt) },
        'disk customised',
      )
      return report
    },
  }
}

function checkFamily(properties: Properties): void {
  const family = (properties.text('OSFAMILY') ?? 'linux').toLowerCase()
  if (family === 'linux') return
  throw new DeployFailed(
    `Images of the family ${family} cannot be customised here. To start one as it is, register it with the property EXCLUDE_ALL_TASKS=yes.`,
  )
}

async function customise(
  system: HelperSystem,
  tasks: readonly Task[],
  { job, properties }: Pick<TaskContext, 'job' | 'properties'>,
  { acceleration, qemuUser, timeoutSeconds = 120 }: HelperOptions,
  { signal, onTask }: DeployOptions,
): Promise<DeployReport> {
  const passwordHash = job.password === undefined ? undefined : await hashPassword(system, job.password, properties)
  const limit = AbortSignal.timeout(timeoutSeconds * 1000)
  const until = signal ? AbortSignal.any([signal, limit]) : limit
  const machine = startMachine({ system, disk: job.disk, acceleration, user: qemuUser, signal: until })
  try {
    const report = await runTasks(tasks, { job, properties, machine, passwordHash }, onTask)
    await machine.finish()
    return report
  } catch (error) {
    await machine.kill()
    if (error !== limit.reason) throw error
    throw new DeployFailed(`Customising the image took longer than ${timeoutSeconds} seconds.`, '', { cause: error })
  }
}

async function runTasks(
  tasks: readonly Task[],
  given: Pick<TaskContext, 'job' | 'properties' | 'machine' | 'passwordHash'>,
  onTask: DeployOptions['onTask'],
): Promise<DeployReport> {
  const { machine, properties } = given
  const warnings: string[] = []
  const context: TaskContext = {
    ...given,
    disk: openGuestDisk(machine, properties.rootPartition),
    root: openGuestRoot(machine),
    runs: (name) => tasks.some((task) => task.name === name),
    warn: (warning) => void warnings.push(warning),
  }
  if (properties.text('SWAP')) context.warn('No swap partition was added: the image property SWAP is not supported here.')
  for (const task of tasks) {
    onTask?.(task.name)
    await task.run(context)
  }
  return { tasks: tasks.map(({ name }) => name), warnings: [...properties.warnings, ...warnings] }
}

const HASHING_METHODS = new Set(['sha512', 'sha256', 'md5'])

/** For /etc/shadow. Made on the host, through pipes, so that the password itself enters no machine and no command line. */
async function hashPassword({ busyboxPath }: HelperSystem, password: string, properties: Properties): Promise<string> {
  if (/[\n\0]/.test(password)) throw new DeployFailed('The password holds a character that cannot be typed.')
  const asked = properties.text('PASSWD_HASHING_METHOD')?.toLowerCase() ?? 'sha512'
  if (!HASHING_METHODS.has(asked)) properties.warnings.push(`The password is hashed by sha512: ${asked} is not supported here.`)
  const method = HASHING_METHODS.has(asked) ? asked : 'sha512'
  const busybox = spawn(busyboxPath, ['mkpasswd', '-m', method, '-P', '0'], { stdio: ['pipe', 'pipe', 'ignore'] })
  busybox.stdin.on('error', () => {}).end(`${password}\n`) // a program that ended early is told by its status
  const [hash, [status]] = await Promise.all([text(busybox.stdout), once(busybox, 'close')])
  if (status !== 0 || !hash.startsWith('$')) throw new Error('The password could not be hashed')
  return hash.trim()
}
