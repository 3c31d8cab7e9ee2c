// What the data plane of a host should be, and the rules for changing it. Nothing here touches the host.

import { type Block, canonical, cidrOf, contains, isReserved, overlap, parseBlock, versionOf } from './addresses.ts'
import { SpecRefused } from './errors.ts'
import type { NetworkSpec, PortSpec, SubnetSpec } from './interface.ts'

export interface Plan {
  readonly networks: ReadonlyMap<string, NetworkSpec>
  readonly ports: ReadonlyMap<string, PortSpec>
}

export const EMPTY_PLAN: Plan = { networks: new Map(), ports: new Map() }

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/
const HOSTNAME = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/

export function blockOf(subnet: SubnetSpec): Block {
  const block = parseBlock(subnet.cidr)
  if (block?.version !== subnet.version) throw new SpecRefused(`${subnet.cidr} is not an IPv${subnet.version} subnet`)
  return block
}

export function subnetOf(network: NetworkSpec, version: 4 | 6): SubnetSpec | undefined {
  return network.subnets.find((subnet) => subnet.version === version)
}

export function portsOf(plan: Plan, network: string): PortSpec[] {
  return [...plan.ports.values()].filter((port) => port.network === network)
}

/** The port's address of this version: it has at most one that DHCP can give out. */
export function addressOf(port: PortSpec, version: 4 | 6): string | undefined {
  return port.addresses.find((address) => versionOf(address) === version)
}

export function withNetwork(plan: Plan, spec: NetworkSpec): Plan {
  const network = normalNetwork(spec)
  checkOverlap(plan, network)
  const changed = { ...plan, networks: new Map(plan.networks).set(network.name, network) }
  for (const port of portsOf(plan, network.name)) checkPort(changed, network, port)
  return changed
}

export function withoutNetwork(plan: Plan, name: string): Plan {
  const ports = portsOf(plan, name)
  if (ports.length > 0) throw new SpecRefused(`Network ${name} still has the port ${ports[0]?.name}`)
  const networks = new Map(plan.networks)
  networks.delete(name)
  return { ...plan, networks }
}

export function withPort(plan: Plan, spec: PortSpec): Plan {
  const port = normalPort(spec)
  const network = plan.networks.get(port.network)
  if (!network) throw new SpecRefused(`Port ${port.name} names the network ${port.network}, which does not exist`)
  checkPort(plan, network, port)
  return { ...plan, ports: new Map(plan.ports).set(port.name, port) }
}

export function withoutPort(plan: Plan, name: string): Plan {
  const ports = new Map(plan.ports)
  ports.delete(name)
  return { ...plan, ports }
}

function checkName(kind: string, name: string): void {
  if (!NAME.test(name)) throw new SpecRefused(`${kind} name ${JSON.stringify(name)}: letters, digits, '.', '_' and '-' only`)
}

function checkAddress(of: string, address: string, version: 4 | 6): void {
  if (versionOf(address) !== version) throw new SpecRefused(`${of}: ${address} is not an IPv${version} address`)
}

/** Checked and in one spelling. */
function normalNetwork(spec: NetworkSpec): NetworkSpec {
  checkName('Network', spec.name)
  const subnets = spec.subnets.map((subnet) => normalSubnet(spec.name, subnet))
  if (new Set(subnets.map(({ version }) => version)).size < subnets.length) {
    throw new SpecRefused(`Network ${spec.name} has two subnets of the same IP version`)
  }
  return { name: spec.name, public: spec.public, subnets }
}

function normalSubnet(network: string, subnet: SubnetSpec): SubnetSpec {
  const block = blockOf(subnet)
  const { version, gateway, dhcp } = subnet
  if (gateway !== undefined) {
    checkAddress(`Gateway of ${network}`, gateway, version)
    if (!contains(block, gateway) || isReserved(block, gateway)) {
      throw new SpecRefused(`Gateway ${gateway} of network ${network} is not an address of ${subnet.cidr}`)
    }
  }
  for (const nameserver of subnet.nameservers) checkAddress(`Name server of ${network}`, nameserver, version)
  for (const { destination, nexthop } of subnet.hostRoutes) {
    if (parseBlock(destination)?.version !== version) throw new SpecRefused(`${destination} is not an IPv${version} destination`)
    checkAddress(`Host route of ${network}`, nexthop, version)
  }
  return {
    version,
    cidr: cidrOf(block),
    gateway: gateway && canonical(gateway),
    dhcp,
    nameservers: subnet.nameservers.map(canonical),
    hostRoutes: subnet.hostRoutes.map(({ destination, nexthop }) => ({
      destination: cidrOf(parseBlock(destination) as Block),
      nexthop: canonical(nexthop),
    })),
  }
}

/** Public networks share one routing table. */
function checkOverlap(plan: Plan, network: NetworkSpec): void {
  if (!network.public) return
  for (const other of plan.networks.values()) {
    if (!other.public || other.name === network.name) continue
    for (const theirs of other.subnets) {
      if (network.subnets.some((ours) => overlap(blockOf(ours), blockOf(theirs)))) {
        throw new SpecRefused(`Network ${network.name} overlaps ${theirs.cidr} of network ${other.name}`)
      }
    }
  }
}

function normalPort(spec: PortSpec): PortSpec {
  checkName('Port', spec.name)
  const mac = spec.mac.toLowerCase()
  const isUnicast = MAC.test(mac) && Number.parseInt(mac.slice(0, 2), 16) % 2 === 0 && mac !== '00:00:00:00:00:00'
  if (!isUnicast) throw new SpecRefused(`Port ${spec.name}: ${spec.mac} is not a MAC address of a machine`)
  if (spec.hostname !== undefined && !HOSTNAME.test(spec.hostname)) {
    throw new SpecRefused(`Port ${spec.name}: ${JSON.stringify(spec.hostname)} is not a host name`)
  }
  for (const address of spec.addresses) {
    if (!versionOf(address)) throw new SpecRefused(`Port ${spec.name}: ${JSON.stringify(address)} is not an IP address`)
  }
  const { name, network, hostname, firewall } = spec
  return { name, network, mac, addresses: [...new Set(spec.addresses.map(canonical))], hostname, firewall }
}

function checkPort(plan: Plan, network: NetworkSpec, port: PortSpec): void {
  for (const address of port.addresses) checkPortAddress(network, port, address)
  for (const other of portsOf(plan, network.name)) {
    if (other.name === port.name) continue
    if (other.mac === port.mac) throw new SpecRefused(`Port ${port.name}: ${port.mac} belongs to port ${other.name}`)
    const shared = other.addresses.find((address) => port.addresses.includes(address))
    if (shared) throw new SpecRefused(`Port ${port.name}: ${shared} belongs to port ${other.name}`)
  }
}

function checkPortAddress(network: NetworkSpec, port: PortSpec, address: string): void {
  const subnet = subnetOf(network, versionOf(address) as 4 | 6)
  if (!subnet || !contains(blockOf(subnet), address) || isReserved(blockOf(subnet), address)) {
    throw new SpecRefused(`Port ${port.name}: ${address} is not an address of network ${network.name}`)
  }
  // Elsewhere a guest may be its network's router.
  if (network.public && address === subnet.gateway) {
    throw new SpecRefused(`Port ${port.name}: ${address} is the gateway of network ${network.name}`)
  }
}
