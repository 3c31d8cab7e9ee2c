// The built-in hypervisor: QEMU on this host, over disks, networks and customisation of the other engines. What is
// asked is noted in files before the call answers; machines are processes of their own that outlive this one.
import { EventEmitter } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ImageDeploy } from '@synnefo/engine-image-deploy'
import type { VirtualNetwork } from '@synnefo/engine-virtual-network'
import type { Volumes } from '@synnefo/engine-volumes'
import type { Log } from '@synnefo/lib/log'
import { type Hypervisor, INSTANCE_NAME, type InstanceSpec, InstanceUnknown } from '../interface.ts'
import { findAcceleration, QEMU } from './acceleration.ts'
import { type Host, openHost } from './host.ts'
import { type Instance, openInstance, type Workshop } from './instance.ts'
import { type Acceleration, machineFiles } from './machine/arguments.ts'
import { findProcesses, killProcess } from './machine/process.ts'
import { openMemoryLedger } from './memory-ledger.ts'
import { addWish, newRecord, openShelf } from './records.ts'
import { QEMU_MISSING, Refusal } from './words.ts'

export interface BuiltinOptions {
  /** What is remembered. One process at a time. */
  home: string
  /** Sockets and pid files: a short path that is not kept across a boot of the host, or may be. */
  runFolder: string
  volumes: Volumes
  network: VirtualNetwork
  deploy: ImageDeploy
  log: Log
  /** Whom machines run as when we are root. It must be able to reach the sockets of the volumes. */
  qemuUser?: { uid: number; gid: number }
  /** How guests run; 'auto' uses KVM when a guest boots with it. */
  acceleration?: 'auto' | Acceleration
  host?: Host
}

const LOOK_EVERY_MS = 30_000
/** How long a guest may take to power off when it is asked to reboot. */
const SOFT_REBOOT_GRACE_SECONDS = 60

export async function openBuiltin(options: BuiltinOptions): Promise<Hypervisor> {
  const { home, runFolder, volumes, network, deploy, log, qemuUser, acceleration = 'auto' } = options
  checkSocketPaths(runFolder)
  await mkdir(home, { recursive: true, mode: 0o700 })
  await mkdir(runFolder, { recursive: true, mode: 0o711 })
  const host = options.host ?? openHost({ diskFolder: home })
  const shelf = await openShelf(home)
  const memory = openMemoryLedger(host)
  const instances = new Map<string, Instance>()
  const changes = new EventEmitter().setMaxListeners(0)
  let known: Acceleration | undefined

  const emulator = once(async () => {
    const qemu = host.findProgram(QEMU)
    if (qemu === undefined) throw new Refusal(QEMU_MISSING)
    known = acceleration === 'auto' ? await findAcceleration({ home, host }) : acceleration
    log.info({ acceleration: known }, 'guests run')
    return { qemu, acceleration: known }
  })

  const workshop: Workshop = {
    shelf,
    host,
    memory,
    volumes,
    network,
    deploy,
    log,
    runFolder,
    qemuUser,
    emulator,
    onChange: () => changes.emit('change'),
    onGone(name) {
      instances.delete(name)
      changes.emit('change')
    },
  }

  for (const found of await shelf.readAll()) instances.set(found.record.name, openInstance(workshop, found))
  await endOrphans(runFolder, new Set(instances.keys()), log)
  removeStrayPorts().catch((error) => log.warn({ error }, 'could not look for ports that are left behind'))
  const lookAtAll = () => {
    for (const instance of instances.values()) instance.wake()
  }
  lookAtAll()
  const timer = setInterval(lookAtAll, LOOK_EVERY_MS).unref()
  // Found out beforehand, so that the first server need not wait for the probe.
  emulator().catch((error) => log.warn({ error }, 'no machine can be started on this host'))

  /** Ports that belong to no instance, left behind where a network could not be asked. */
  async function removeStrayPorts() {
    for (const port of (await network.list()).ports) {
      const known = instances.values().some(({ record }) => record.nics.some(({ name }) => name === port))
      if (!known) await network.removePort(port)
    }
  }

  function find(name: string): Instance {
    const instance = instances.get(name)
    if (instance === undefined) throw new InstanceUnknown(name)
    return instance
  }

  /** Creations being noted, so that one asked twice at the same time is noted once. */
  const noting = new Map<string, Promise<void>>()

  async function create(spec: InstanceSpec, intent: string): Promise<void> {
    if (!INSTANCE_NAME.test(spec.name)) throw new Error(`${spec.name} cannot be the name of an instance`)
    const underWay = noting.get(spec.name)
    if (underWay !== undefined) await underWay
    const present = instances.get(spec.name)
    if (present !== undefined) return present.refuse({ intent, action: 'create' }, `There is a server ${spec.name} already`)
    const turn = noteCreation(spec, intent).finally(() => noting.delete(spec.name))
    noting.set(spec.name, turn)
    await turn
  }

  async function noteCreation(spec: InstanceSpec, intent: string): Promise<void> {
    const record = newRecord(spec)
    const creation = { disks: spec.disks, customise: spec.customise }
    addWish(record, { intent, action: 'create' })
    await shelf.create(record, creation)
    const instance = openInstance(workshop, { record, creation })
    instances.set(spec.name, instance)
    changes.emit('change')
    instance.wake()
  }

  return {
    can: async () => ({ hotplug: false, liveMigrate: false, screenshot: true, consoles: ['vnc', 'serial'] }),
    list: async () => new Map(instances.entries().map(([name, instance]) => [name, instance.facts()])),
    create,
    start: async (name, intent) => find(name).wish({ intent, action: 'start' }),
    stop: async (name, graceSeconds, intent) => find(name).wish({ intent, action: 'stop', graceSeconds }),
    reboot: async (name, { hard }, intent) =>
      find(name).wish({ intent, action: 'reboot', graceSeconds: hard ? 0 : SOFT_REBOOT_GRACE_SECONDS }),
    async remove(name, intent) {
      await noting.get(name)?.catch(() => {})
      await instances
        .get(name)
        ?.wish({ intent, action: 'remove' })
        .catch((error) => {
          if (!(error instanceof InstanceUnknown)) throw error
        })
    },
    openConsole: async (name, kind) => find(name).openConsole(kind),
    screenshot: async (name) => find(name).screenshot(),
    async capacity() {
      const { totalBytes, freeBytes } = await host.diskSpace()
      await emulator().catch(() => {}) // a host without QEMU has capacity all the same
      return {
        cpus: host.cpus,
        ramBytes: host.ramBytes,
        freeRamBytes: await memory.freeBytes(),
        diskBytes: totalBytes,
        freeDiskBytes: freeBytes,
        instances: instances.size,
        ...(known && { acceleration: known }),
      }
    },
    watch(onChange) {
      const listener = () => onChange()
      changes.on('change', listener)
      return () => changes.off('change', listener)
    },
    async close() {
      clearInterval(timer)
      await Promise.all([...instances.values()].map((instance) => instance.close()))
      changes.removeAllListeners()
    },
  }
}

/** The kernel takes 107 bytes for the path of a socket. */
const MAX_SOCKET_PATH_BYTES = 107
const LONGEST_USUAL_NAME = 'snf-2147483647'

function checkSocketPaths(runFolder: string): void {
  const longest = machineFiles(join(runFolder, LONGEST_USUAL_NAME)).serial
  if (Buffer.byteLength(longest) > MAX_SOCKET_PATH_BYTES)
    throw new Error(`the path ${runFolder} is too long for sockets of machines`)
}

/** Machines that nobody remembers: started by a process that was killed, for an instance that was removed since. */
async function endOrphans(runFolder: string, names: ReadonlySet<string>, log: Log): Promise<void> {
  for (const [pidFile, process] of await findProcesses(runFolder)) {
    const name = basename(dirname(pidFile))
    if (names.has(name)) continue
    log.warn({ instance: name, pid: process.pid }, 'ending a machine that belongs to no instance')
    await killProcess(process)
  }
}

/** Remembers success; after a failure the next call tries again. */
function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined
  return () => {
    found ??= find().catch((error) => {
      found = undefined
      throw error
    })
    return found
  }
}
