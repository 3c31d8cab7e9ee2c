// Addresses for guests: one server per network that has ports and wants DHCP. All addresses are fixed ones, so there
// is no lease file. It answers no names: what guests are called is nobody else's business, and the forwarder for
// names goes on while servers come and go.

import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import { netmask } from '../addresses.ts'
import { deviceName } from '../device-names.ts'
import type { NetworkSpec, PortSpec, SubnetSpec } from '../interface.ts'
import { addressOf, blockOf, type Plan, portsOf, subnetOf } from '../plan.ts'
import { dnsmasqIn } from './dnsmasq.ts'
import type { Ground, Surroundings } from './ground.ts'

const LEASE = '7d' // guests outlive a control plane that is down for days
const RENEWAL_SECONDS = 3600 // but learn of changes within the hour
const ETHERNET_MTU = 1500

export interface DhcpServers {
  /** Brings the servers of these networks in line with the plan; without names all of them, and stops those of others. */
  settle(plan: Plan, surroundings: Surroundings, networks?: readonly string[]): Promise<void>
  /** These bridges were made anew: servers bound to the old ones hear nothing. */
  forget(bridges: readonly string[]): Promise<void>
  /** Looks only: whether one died. */
  needsCare(): boolean
  stopAll(): Promise<void>
}

export function openDhcpServers(ground: Ground): DhcpServers {
  const root = join(ground.runFolder, 'dhcp')
  /** Bridges that ought to be served. */
  const serving = new Set<string>()
  const serverOf = (bridge: string) => dnsmasqIn(join(root, bridge), ground)

  async function settleOne(plan: Plan, network: NetworkSpec, { mtu }: Surroundings): Promise<void> {
    const bridge = deviceName(network.name)
    const ports = portsOf(plan, network.name)
    const subnet = subnetOf(network, 4)
    if (!subnet?.dhcp || ports.length === 0) return stop(bridge)
    serving.add(bridge)
    const hosts = ports.map(renderHost).join('')
    const configuration = renderConfiguration(network, subnet, mtu)
    await serverOf(bridge).ensure([...configuration, `dhcp-hostsfile=${join(root, bridge, 'hosts')}`], { hosts })
  }

  async function stop(bridge: string): Promise<void> {
    serving.delete(bridge)
    await serverOf(bridge).stop()
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
        if (network) await settleOne(plan, network, surroundings)
        else await stop(deviceName(name))
      }
    },
    async forget(bridges) {
      for (const bridge of bridges) await serverOf(bridge).stop()
    },
    needsCare: () => [...serving].some((bridge) => !serverOf(bridge).isAlive()),
    async stopAll() {
      for (const bridge of await known()) await stop(bridge)
    },
  }
}

export function renderConfiguration(network: NetworkSpec, subnet: SubnetSpec, mtu: number): string[] {
  const block = blockOf(subnet)
  const forwarder = network.public && subnet.gateway ? [subnet.gateway] : []
  const servers = subnet.nameservers.length > 0 ? subnet.nameservers : forwarder
  const routes = subnet.hostRoutes.map(({ destination, nexthop }) => `${destination},${nexthop}`)
  // A client that is told routes this way ignores the router option, so the gateway is among them.
  if (routes.length > 0 && subnet.gateway) routes.push(`0.0.0.0/0,${subnet.gateway}`)
  return [
    `interface=${deviceName(network.name)}`,
    'port=0',
    'leasefile-ro',
    'no-ping',
    'quiet-dhcp',
    'dhcp-authoritative',
    'dhcp-ignore-names', // what a guest calls itself does not matter
    `dhcp-range=${block.first},static,${netmask(block)},${LEASE}`,
    `shared-network=${deviceName(network.name)},${block.first}`, // the bridge may have no address in the subnet
    `dhcp-option=option:T1,${RENEWAL_SECONDS}`,
    `dhcp-option=option:router${subnet.gateway ? `,${subnet.gateway}` : ''}`,
    `dhcp-option=option:dns-server${servers.map((server) => `,${server}`).join('')}`,
    ...(routes.length > 0 ? [`dhcp-option=option:classless-static-route,${routes.join(',')}`] : []),
    ...(network.public && mtu < ETHERNET_MTU ? [`dhcp-option=option:mtu,${mtu}`] : []),
  ]
}

// No tags here: dnsmasq 2.90 frees memory that is not its own when it reads hosts with tags again after it served one.
export function renderHost(port: PortSpec): string {
  const address = addressOf(port, 4)
  if (!address) return ''
  const hostname = port.hostname && !wouldBeMisread(port.hostname) ? `,${port.hostname}` : ''
  return `${port.mac},${address}${hostname}\n`
}

/** The words of a host line are told apart by their looks: some names look like a lease time or an order. */
function wouldBeMisread(hostname: string): boolean {
  return /^(\d+[smhdw]?|infinite|ignore)$/i.test(hostname) || isIPv4(hostname)
}
