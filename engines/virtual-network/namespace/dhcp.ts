// One dnsmasq per network that has ports and wants DHCP: addresses for guests, and in public networks a name server
// that forwards to the host's. Its answers come from files that are written whole; it holds nothing of its own that
// could be lost (no lease file: every address is a fixed one), so it may die and start at any time. It is no child
// of ours and is found again by its pid file.

import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { netmask } from '../addresses.ts'
import { deviceName } from '../device-names.ts'
import type { NetworkSpec, PortSpec, SubnetSpec } from '../interface.ts'
import { addressOf, blockOf, type Plan, portsOf, subnetOf } from '../plan.ts'
import { readIfThere } from './durable-file.ts'
import type { Ground, Surroundings } from './ground.ts'
import { end, livePid, signal } from './processes.ts'
import { run } from './programs.ts'

const LEASE = '7d' // guests outlive a control plane that is down for days
const RENEWAL_SECONDS = 3600 // but learn of changes within the hour

export interface DhcpServers {
  /** Brings the servers of these networks in line with the plan; all of them, and stops those of others, without names. */
  settle(plan: Plan, surroundings: Surroundings, networks?: readonly string[]): Promise<void>
  /** The bridge was made anew: a server bound to the old one hears nothing. */
  forget(bridges: readonly string[]): Promise<void>
  /** Looks only: whether one died. */
  needsCare(): boolean
  stopAll(): Promise<void>
}

export function openDhcpServers(ground: Ground): DhcpServers {
  const root = join(ground.runFolder, 'dhcp')
  /** Bridges that ought to be served. */
  const serving = new Set<string>()
  const folderOf = (bridge: string) => join(root, bridge)

  async function settleOne(plan: Plan, network: NetworkSpec, { resolvers, mtu }: Surroundings, reload: boolean): Promise<void> {
    const bridge = deviceName(network.name)
    const ports = portsOf(plan, network.name)
    const subnet = subnetOf(network, 4)
    if (!subnet?.dhcp || ports.length === 0) return stop(bridge)
    serving.add(bridge)
    const folder = folderOf(bridge)
    await mkdir(folder, { recursive: true, mode: 0o755 })
    const options = { network, subnet, folder, bridge, user: ground.dhcpUser, mtu }
    await replace(join(folder, 'resolv.conf'), resolvers.map((server) => `nameserver ${server}\n`).join(''))
    const isOther = await replace(join(folder, 'dnsmasq.conf'), renderConfiguration(options))
    const hostsChanged = await replace(join(folder, 'hosts'), renderHosts(ports))
    const optionsChanged = await replace(join(folder, 'options'), renderOptions(ports))
    const pid = serverOf(folder)
    if (pid === undefined || isOther) await start(bridge)
    else if (hostsChanged || optionsChanged || reload) signal(pid, 'SIGHUP')
  }

  async function start(bridge: string): Promise<void> {
    const folder = folderOf(bridge)
    await endServer(folder)
    await run([...ground.enter(), ground.programs.dnsmasq, `--conf-file=${join(folder, 'dnsmasq.conf')}`])
  }

  async function stop(bridge: string): Promise<void> {
    serving.delete(bridge)
    await endServer(folderOf(bridge))
    await rm(folderOf(bridge), { recursive: true, force: true })
  }

  async function known(): Promise<string[]> {
    return existsSync(root) ? await readdir(root) : []
  }

  return {
    async settle(plan, surroundings, names) {
      if (!names) {
        const bridges = new Set([...plan.networks.keys()].map(deviceName))
        for (const bridge of await known()) if (!bridges.has(bridge)) await stop(bridge)
      }
      for (const name of names ?? plan.networks.keys()) {
        const network = plan.networks.get(name)
        if (network) await settleOne(plan, network, surroundings, names === undefined)
        else await stop(deviceName(name))
      }
    },
    async forget(bridges) {
      for (const bridge of bridges) await endServer(folderOf(bridge))
    },
    needsCare: () => [...serving].some((bridge) => serverOf(folderOf(bridge)) === undefined),
    async stopAll() {
      for (const bridge of await known()) await stop(bridge)
    },
  }
}

interface ConfigurationOptions {
  network: NetworkSpec
  subnet: SubnetSpec
  folder: string
  bridge: string
  user: string
  mtu: number
}

export function renderConfiguration({ network, subnet, folder, bridge, user, mtu }: ConfigurationOptions): string {
  const block = blockOf(subnet)
  const servers = subnet.nameservers.length > 0 ? subnet.nameservers : network.public && subnet.gateway ? [subnet.gateway] : []
  const routes = subnet.hostRoutes.map(({ destination, nexthop }) => `${destination},${nexthop}`)
  // A client that is told routes this way ignores the router option, so the gateway is among them.
  if (routes.length > 0 && subnet.gateway) routes.push(`0.0.0.0/0,${subnet.gateway}`)
  const lines = [
    `interface=${bridge}`,
    'except-interface=lo',
    'bind-dynamic',
    `pid-file=${join(folder, 'pid')}`,
    `log-facility=${join(folder, 'log')}`,
    `user=${user}`,
    ...(user === '' ? ['group='] : []),
    'leasefile-ro',
    'no-ping',
    'quiet-dhcp',
    'dhcp-authoritative',
    `dhcp-range=${block.first},static,${netmask(block)},${LEASE}`,
    `shared-network=${bridge},${block.first}`,
    `dhcp-hostsfile=${join(folder, 'hosts')}`,
    `dhcp-optsfile=${join(folder, 'options')}`,
    'dhcp-ignore-names', // a guest does not choose what others find under a name
    `dhcp-option=option:T1,${RENEWAL_SECONDS}`,
    `dhcp-option=option:router${subnet.gateway ? `,${subnet.gateway}` : ''}`,
    `dhcp-option=option:dns-server${servers.map((server) => `,${server}`).join('')}`,
    ...(routes.length > 0 ? [`dhcp-option=option:classless-static-route,${routes.join(',')}`] : []),
    ...(network.public && mtu < 1500 ? [`dhcp-option=option:mtu,${mtu}`] : []),
    ...(network.public ? ['no-hosts', `resolv-file=${join(folder, 'resolv.conf')}`] : ['port=0']),
  ]
  return `${lines.join('\n')}\n`
}

function renderHosts(ports: readonly PortSpec[]): string {
  return ports
    .flatMap((port) => {
      const address = addressOf(port, 4)
      return address ? `${port.mac},set:${tagOf(port)},${address}\n` : []
    })
    .join('')
}

/**
 * Host names are told by an option of each port (12; dnsmasq takes it by number only): in the usual place they would
 * also be names that all guests of the network resolve, whoever owns them.
 */
function renderOptions(ports: readonly PortSpec[]): string {
  return ports.flatMap((port) => (port.hostname ? `tag:${tagOf(port)},12,${port.hostname}\n` : [])).join('')
}

function tagOf(port: PortSpec): string {
  return `port-${deviceName(port.name)}`
}

/** Tells whether the file is another now. Not synced: after a crash of the host it is written again. */
async function replace(path: string, text: string): Promise<boolean> {
  if ((await readIfThere(path)) === text) return false
  await writeFile(`${path}.new`, text, { mode: 0o644 })
  await rename(`${path}.new`, path)
  return true
}

/** The server of this folder. */
function serverOf(folder: string): number | undefined {
  return livePid(join(folder, 'pid'), join(folder, 'dnsmasq.conf'))
}

async function endServer(folder: string): Promise<void> {
  const pid = serverOf(folder)
  if (pid !== undefined) await end(pid)
}
