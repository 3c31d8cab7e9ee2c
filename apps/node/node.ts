// The engines of this host, one on top of the other: blocks that are only read, volumes over them, the data plane,
// and the machines that use both.
import { join } from 'node:path'
import { openCipher, openFiles } from '@synnefo/engine-blocks'
import { type Hypervisor, openBuiltin } from '@synnefo/engine-hypervisor'
import { type Helper, openHelper } from '@synnefo/engine-image-deploy'
import { openNamespaceNetwork } from '@synnefo/engine-virtual-network'
import { openVolumes } from '@synnefo/engine-volumes'
import type { Log } from '@synnefo/lib/log'
import { openWhenReady } from './network-when-ready.ts'

export interface NodeOptions {
  log: Log
  folders: {
    blocks: string
    volumes: string
    machines: string
    networks: string
    /** Packages and what was made of them. */
    downloads: string
    /** Sockets: a short path. */
    run: string
  }
  /** With which blocks are encrypted; undefined: they are not. */
  blockKey?: Uint8Array | undefined
  /** Whom machines run as when we are root. */
  machineUser?: { uid: number; gid: number }
}

export interface HostNode {
  hypervisor: Hypervisor
  /** Machines run on. */
  close(): Promise<void>
}

export async function openNode({ log, folders, blockKey, machineUser }: NodeOptions): Promise<HostNode> {
  const blocks = await openFiles({ folder: folders.blocks, access: 'read', cipher: blockKey && openCipher(blockKey) })
  const volumes = await openVolumes({
    folder: folders.volumes,
    runFolder: join(folders.run, 'volumes'),
    blocks,
    ...(machineUser ? { socketOwner: machineUser } : {}),
  })
  const deviceOwnerUid = machineUser?.uid ?? process.getuid!()
  const network = await openWhenReady(() => openNamespaceNetwork({ folder: folders.networks, deviceOwnerUid, log }), log)

  /** Runs guests as the hypervisor does, which finds that out when it is open. */
  let helper: Promise<Helper> | undefined
  const openHelperOnce = () => {
    helper ??= hypervisor.capacity().then(({ acceleration }) =>
      openHelper({
        cacheFolder: folders.downloads,
        acceleration: acceleration === 'kvm' ? 'kvm' : 'tcg',
        log,
        ...(machineUser ? { qemuUser: machineUser } : {}),
      }),
    )
    return helper
  }
  const hypervisor = await openBuiltin({
    home: folders.machines,
    runFolder: join(folders.run, 'machines'),
    volumes,
    network,
    deploy: { deploy: async (job, options) => (await openHelperOnce()).deploy(job, options) },
    log,
    ...(machineUser ? { qemuUser: machineUser } : {}),
  })
  return {
    hypervisor,
    async close() {
      const machines = [...(await hypervisor.list()).values()]
      await hypervisor.close()
      await volumes.close()
      // Without machines nothing of ours stays on the host; the next machine has its network made again.
      await (machines.some(({ power }) => power === 'on') ? network.close() : network.destroy())
      await blocks.close()
    },
  }
}
