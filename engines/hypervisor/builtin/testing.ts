// What the tests of the built-in hypervisor share: a host in a temporary folder with real QEMU and real volumes; no
// packet moves. The guest is a boot sector, so a machine is up in a tenth of a second.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
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

/** Writes # to the first serial port, without end: hlt between them, so that it costs nothing. */
const PRINTING_GUEST = [
  ...[0xfb], // sti: the clock wakes the hlt
  ...[0xba, 0xf8, 0x03], // mov dx, 0x3f8
  ...[0xb0, 0x23], // mov al, '#'
  ...[0xee], // out dx, al
  ...[0xf4], // hlt
  ...[0xeb, 0xfa], // jmp to mov al
]

export interface TestHost {
  folder: string
  /** A server that prints # on its serial console for ever. */
  spec(name: string): InstanceSpec
  /** Opens the hypervisor; `options` replace its parts. */
  open(options?: Partial<BuiltinOptions>): Promise<Hypervisor>
  /** Pids of the running machines, by instance. */
  pids(): Promise<Map<string, number>>
}

type OnTestFinished = (cleanUp: () => Promise<void>) => void

export async function openTestHost(onTestFinished: OnTestFinished): Promise<TestHost> {
  const folder = await mkdtemp(join(tmpdir(), 'hv-'))
  const runFolder = join(folder, 'run')
  onTestFinished(async () => {
    for (const process of (await findProcesses(runFolder)).values()) await killProcess(process)
    await rm(folder, { recursive: true })
  })
  const image = await storeGuest(folder)

  return {
    folder,
    spec: (name) => specOf(name, image),
    async open(options = {}) {
      const parts = await openParts(folder)
      const hypervisor = await openBuiltin({ ...parts, log: silentLog, acceleration: 'tcg', ...options })
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
  }
}

/** These guests have no file system to customise. */
const noDeploy: ImageDeploy = {
  deploy: async () => ({ tasks: [], warnings: [] }),
}

async function storeGuest(folder: string): Promise<BlockMap> {
  const blocks = await openFiles({ folder: join(folder, 'blocks') })
  const disk = join(folder, 'guest.img')
  await writeBootDisk(disk, PRINTING_GUEST)
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
