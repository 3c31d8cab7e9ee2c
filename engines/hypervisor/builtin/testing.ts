// What the tests of the built-in hypervisor share: a host in a temporary folder with real QEMU and real volumes; no
// packet moves. The guests are boot sectors, so a machine is up in a tenth of a second.
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFiles } from '@synnefo/engine-blocks'
import type { ImageDeploy } from '@synnefo/engine-image-deploy'
import { openSimulated as openSimulatedNetwork } from '@synnefo/engine-virtual-network'
import { type BlockMap, openVolumes } from '@synnefo/engine-volumes'
import { silentLog } from '@synnefo/lib/log'
import type { Hypervisor, InstanceSpec } from '../interface.ts'
import { writeBootDisk } from './acceleration.ts'
import { type BuiltinOptions, openBuiltin } from './index.ts'
import { findProcesses, killProcess } from './machine/process.ts'

/** Writes # to the first serial port for ever, at every tick of the clock, and hears nothing. */
const DEAF_GUEST = [
  ...[0xfb], // sti: the clock wakes hlt
  ...[0xba, 0xf8, 0x03], // mov dx, 0x3f8
  ...[0xb0, 0x23], // mov al, '#'
  ...[0xee], // out dx, al
  ...[0xf4], // hlt
  ...[0xeb, 0xfa], // jmp to mov al
]

/** Does the same, and powers off when the power button is pressed or anything is typed. */
const OBEDIENT_GUEST = [
  ...[0xfb], // sti
  ...[0xba, 0x02, 0x06, 0xb8, 0x00, 0x01, 0xef], // out 0x602, 0x100: the power button is listened to
  ...[0xba, 0xf8, 0x03, 0xb0, 0x23, 0xee, 0xf4], // out 0x3f8, '#'; hlt
  ...[0xba, 0x00, 0x06, 0xed, 0xf6, 0xc4, 0x01, 0x75, 0x08], // in 0x600; the button was pressed: off
  ...[0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xe8], // in 0x3fd; nothing was typed: once more
  ...[0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef, 0xf4], // out 0x604, 0x2000: soft off
]

export interface TestHost {
  folder: string
  /** A server that prints # on its serial console for ever; an obedient one powers off at the button and at a key. */
  spec(name: string, guest?: 'deaf' | 'obedient'): InstanceSpec
  parts(): Promise<Omit<BuiltinOptions, 'log'>>
  /** Opens the hypervisor; `options` replace its parts. */
  open(options?: Partial<BuiltinOptions>): Promise<Hypervisor>
  /** Pids of the running machines, by instance. */
  pids(): Promise<Map<string, number>>
}

type OnTestFinished = (cleanUp: () => Promise<void>) => void

export async function openTestHost(onTestFinished: OnTestFinished): Promise<TestHost> {
  const folder = await mkdtemp(join(tmpdir(), 'hv-'))
  await chmod(folder, 0o711)
  const runFolder = join(folder, 'run')
  onTestFinished(async () => {
    for (const process of (await findProcesses(runFolder)).values()) await killProcess(process)
    await rm(folder, { recursive: true })
  })
  const images = { deaf: await storeGuest(folder, DEAF_GUEST), obedient: await storeGuest(folder, OBEDIENT_GUEST) }

  return {
    folder,
    spec: (name, guest = 'deaf') => specOf(name, images[guest]),
    parts: () => openParts(folder),
    async open(options = {}) {
      const parts = { ...(await openParts(folder)), ...options }
      const hypervisor = await openBuiltin({ log: silentLog, ...parts })
      onTestFinished(async () => {
        await hypervisor.close()
        await parts.volumes.close().catch(() => {})
      })
      return hypervisor
    },
    async pids() {
      const found = await findProcesses(runFolder)
      return new Map([...found].map(([pidFile, { pid }]) => [pidFile.split('/').at(-2)!, pid]))
    },
  }
}

/** Everything that the hypervisor stands on, in one folder. */
export async function openParts(folder: string): Promise<Omit<BuiltinOptions, 'log'>> {
  const blocks = await openFiles({ folder: join(folder, 'blocks') })
  const volumes = await openVolumes({ folder: join(folder, 'volumes'), runFolder: join(folder, 'nbd'), blocks })
  return {
    home: join(folder, 'home'),
    runFolder: join(folder, 'run'),
    volumes,
    network: openSimulatedNetwork(),
    deploy: noDeploy,
    acceleration: 'tcg',
  }
}

/** These guests have no file system to customise. */
const noDeploy: ImageDeploy = {
  deploy: async () => ({ tasks: [], warnings: [] }),
}

async function storeGuest(folder: string, code: readonly number[]): Promise<BlockMap> {
  const blocks = await openFiles({ folder: join(folder, 'blocks') })
  const disk = join(folder, 'guest.img')
  await writeBootDisk(disk, code)
  const contents = await readFile(disk)
  const blockSizeBytes = 4 * 2 ** 20
  const hashes: string[] = []
  for (let at = 0; at < contents.length; at += blockSizeBytes)
    hashes.push(await blocks.put(contents.subarray(at, at + blockSizeBytes)))
  await blocks.close()
  return { sizeBytes: contents.length, blockSizeBytes, hashes }
}

function specOf(name: string, source: BlockMap): InstanceSpec {
  const network = { name: 'snf-net-1', public: true, subnets: [] }
  const mac = `aa:00:00:00:00:${Number(name.replace(/\D/g, '') || 0)
    .toString(16)
    .padStart(2, '0')}`
  return {
    name,
    cpus: 1,
    ramBytes: 32 * 2 ** 20,
    disks: [{ name: `${name}-disk`, sizeBytes: 64 * 2 ** 20, source }],
    nics: [{ name: `${name}-nic`, network: network.name, networkSpec: network, mac, addresses: [] }],
  }
}
