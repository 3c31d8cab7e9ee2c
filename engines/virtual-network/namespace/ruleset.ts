// The whole packet filter of a cloud, as one text for `nft -f -`: one transaction, so that no packet ever meets half
// of it. Chains stay while their rules and elements are replaced: a chain made anew would be empty, and its policy
// is to drop, until the transaction ends.
//
// It fails closed. A frame enters a bridge only from a device and MAC that are in the sets, and leaves only to
// them; whatever has no rule is dropped. Bridges cannot be named in bridge rules everywhere (no `ibrname`), so the
// rules name taps; a tap belongs to one bridge for life.

import { cidrOf, versionOf } from '../addresses.ts'
import { deviceName } from '../device-names.ts'
import type { FirewallProfile, NetworkSpec, PortSpec } from '../interface.ts'
import { blockOf, type Plan, portsOf, subnetOf } from '../plan.ts'
import { OUTSIDE, type Surroundings } from './ground.ts'

const BRIDGE = 'bridge synnefo'
const INET = 'inet synnefo'

/** Members of sets and maps, by the name of the set: filled from the plan. */
type Members = Record<string, string[]>

export function renderRuleset(plan: Plan, surroundings: Surroundings): string {
  return [...bridgeTable(plan), ...inetTable(plan, surroundings)].join('\n')
}

function bridgeTable(plan: Plan): string[] {
  const members: Members = { taps: [], ports: [], ports4: [], ports_any4: [], profiles: [] }
  for (const network of plan.networks.values()) {
    for (const port of portsOf(plan, network.name)) addPort(members, network, port)
  }
  return [
    `add table ${BRIDGE}`,
    `add set ${BRIDGE} taps { type ifname; }`,
    `add set ${BRIDGE} ports { type ifname . ether_addr; }`,
    `add set ${BRIDGE} ports4 { type ifname . ether_addr . ipv4_addr; }`,
    `add set ${BRIDGE} ports_any4 { type ifname . ether_addr; }`,
    `add map ${BRIDGE} profiles { type ifname : verdict; }`,
    `add chain ${BRIDGE} from_guest { type filter hook prerouting priority -300; policy drop; }`,
    `add chain ${BRIDGE} from_known_guest`,
    `add chain ${BRIDGE} between_guests { type filter hook forward priority 0; policy accept; }`,
    `add chain ${BRIDGE} to_guest { type filter hook postrouting priority 0; policy drop; }`,
    `add chain ${BRIDGE} enabled`,
    `add chain ${BRIDGE} protected`,
    `flush table ${BRIDGE}`,
    ...rules(`${BRIDGE} from_guest`, ['iifname . ether saddr @ports jump from_known_guest']),
    ...rules(`${BRIDGE} from_known_guest`, [
      'udp sport { 67, 547 } drop comment "no guest answers DHCP"',
      'icmpv6 type { nd-router-advert, nd-redirect } drop',
      'ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept',
      'iifname . ether saddr . ip saddr @ports4 accept',
      'iifname . arp saddr ether . arp saddr ip @ports4 accept',
      'arp operation request arp saddr ip 0.0.0.0 iifname . arp saddr ether @ports accept comment "is this address taken?"',
      'ether type ip iifname . ether saddr @ports_any4 accept',
      'ether type arp iifname . arp saddr ether @ports_any4 accept',
    ]),
    ...rules(`${BRIDGE} between_guests`, ['oifname vmap @profiles']),
    // The bridge would flood frames for unknown machines to all: nobody sees what is not theirs.
    ...rules(`${BRIDGE} to_guest`, [
      'oifname . ether daddr @ports accept',
      'ether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00 oifname @taps accept',
    ]),
    ...rules(`${BRIDGE} enabled`, [
      'ether type arp accept',
      // Not every kernel follows connections within a bridge: answers are told by their flags and port.
      'tcp flags & (fin | syn | rst | ack) != syn accept',
      'udp sport 53 accept',
      'ip protocol icmp accept',
      'meta l4proto ipv6-icmp accept',
      'drop',
    ]),
    ...rules(`${BRIDGE} protected`, ['tcp dport { 22, 3389 } accept', 'goto enabled']),
    ...filled(BRIDGE, members, ['profiles']),
  ]
}

function addPort(members: Members, network: NetworkSpec, port: PortSpec): void {
  const device = `"${deviceName(port.name)}"`
  members['taps']?.push(device)
  members['ports']?.push(`${device} . ${port.mac}`)
  if (!subnetOf(network, 4)) members['ports_any4']?.push(`${device} . ${port.mac}`)
  for (const address of addresses4(port)) members['ports4']?.push(`${device} . ${port.mac} . ${address}`)
  const chain = profileChain(port.firewall)
  if (chain) members['profiles']?.push(`${device} : jump ${chain}`)
}

/** What is routed: between guests and the outside, and what the host end of each bridge answers. */
function inetTable(plan: Plan, { hostAddresses }: Surroundings): string[] {
  const members: Members = {
    within: [],
    serving: [],
    gateways: [],
    public_bridges: [],
    public4: [],
    host4: [...hostAddresses],
    profiles4: [],
  }
  for (const network of plan.networks.values()) addNetwork(members, plan, network)
  return [
    `add table ${INET}`,
    `add set ${INET} within { type ifname . ifname; }`,
    `add set ${INET} serving { type ifname; }`,
    `add set ${INET} gateways { type ifname . ipv4_addr; }`,
    `add set ${INET} public_bridges { type ifname; }`,
    `add set ${INET} public4 { type ipv4_addr; flags interval; }`,
    `add set ${INET} host4 { type ipv4_addr; }`,
    `add map ${INET} profiles4 { type ifname . ipv4_addr : verdict; }`,
    `add chain ${INET} input { type filter hook input priority filter; policy drop; }`,
    `add chain ${INET} forward { type filter hook forward priority filter; policy drop; }`,
    `add chain ${INET} postrouting { type nat hook postrouting priority srcnat; policy accept; }`,
    `add chain ${INET} enabled`,
    `add chain ${INET} protected`,
    `flush table ${INET}`,
    ...rules(`${INET} input`, [
      'iifname "lo" accept',
      'ct state established,related accept',
      'iifname @serving udp sport 68 udp dport 67 accept',
      'iifname . ip daddr @gateways meta l4proto { tcp, udp } th dport 53 accept',
      'iifname . ip daddr @gateways icmp type echo-request accept',
    ]),
    ...rules(`${INET} forward`, [
      // Frames within one network pass here too where the kernel shows bridged packets to the router's filter.
      'iifname . oifname @within accept',
      'ct state established,related accept',
      `iifname "${OUTSIDE}" oifname . ip daddr vmap @profiles4`,
      `iifname "${OUTSIDE}" oifname @public_bridges accept`,
      `iifname @public_bridges oifname "${OUTSIDE}" ip daddr != @host4 accept`,
    ]),
    ...rules(`${INET} postrouting`, [`oifname "${OUTSIDE}" ip saddr @public4 masquerade`]),
    ...rules(`${INET} enabled`, ['ip protocol icmp accept', 'drop']),
    ...rules(`${INET} protected`, ['tcp dport { 22, 3389 } accept', 'goto enabled']),
    ...filled(INET, members, ['profiles4']),
  ]
}

function addNetwork(members: Members, plan: Plan, network: NetworkSpec): void {
  const bridge = `"${deviceName(network.name)}"`
  const subnet = subnetOf(network, 4)
  members['within']?.push(`${bridge} . ${bridge}`)
  if (subnet?.dhcp) members['serving']?.push(bridge)
  if (!network.public || !subnet) return
  members['public_bridges']?.push(bridge)
  members['public4']?.push(cidrOf(blockOf(subnet)))
  if (subnet.gateway) members['gateways']?.push(`${bridge} . ${subnet.gateway}`)
  for (const port of portsOf(plan, network.name)) {
    const chain = profileChain(port.firewall)
    if (!chain) continue
    for (const address of addresses4(port)) members['profiles4']?.push(`${bridge} . ${address} : jump ${chain}`)
  }
}

function addresses4(port: PortSpec): string[] {
  return port.addresses.filter((address) => versionOf(address) === 4)
}

function profileChain(profile: FirewallProfile | undefined): 'enabled' | 'protected' | undefined {
  if (profile === 'ENABLED') return 'enabled'
  if (profile === 'PROTECTED') return 'protected'
  return undefined
}

function rules(chain: string, texts: readonly string[]): string[] {
  return texts.map((text) => `add rule ${chain} ${text}`)
}

/** Empties every set and map and fills it anew. */
function filled(table: string, members: Members, maps: readonly string[]): string[] {
  return Object.entries(members).flatMap(([name, elements]) => [
    `flush ${maps.includes(name) ? 'map' : 'set'} ${table} ${name}`,
    ...(elements.length > 0 ? [`add element ${table} ${name} { ${elements.join(', ')} }`] : []),
  ])
}
