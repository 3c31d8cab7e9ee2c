// Bridges and taps: what is there, and the `ip -batch` that turns it into what should be.

import { cidrOf } from '../addresses.ts'
import { deviceName, shortHash } from '../device-names.ts'
import type { NetworkSpec } from '../interface.ts'
import { addressOf, blockOf, type Plan, portsOf, subnetOf } from '../plan.ts'
import { readIfThere } from './durable-file.ts'
import { OUTSIDE } from './ground.ts'

/** A device as `ip -json -details address` tells it. */
export interface Device {
  ifname: string
  flags: readonly string[]
  master?: string
  address: string
  linkinfo?: { info_kind?: string; info_data?: { type?: string; user?: string | number } }
  addr_info: readonly { family: string; local: string; prefixlen: number }[]
}

/** The user whose programs may open the taps, as seen from inside. */
export interface TapOwner {
  uid: number
  /** What `ip` may call it: the number, or any name of it. */
  names: readonly string[]
}

export async function tapOwner(uid: number): Promise<TapOwner> {
  const passwd = (await readIfThere('/etc/passwd')) ?? ''
  const users = passwd.split('\n').map((line) => line.split(':'))
  return { uid, names: [String(uid), ...users.filter((fields) => fields[2] === String(uid)).map(([name = '']) => name)] }
}

export interface LinkChanges {
  /** Lines for `ip -batch -`. */
  batch: string[]
  /** Bridges that are made now: servers bound to an earlier device of that name must start again. */
  newBridges: string[]
}

/** Where a private network's DHCP server answers from when no address of its subnet is free for it. */
const SERVICE_ADDRESS = '169.254.169.253'

/**
 * The address that the host end of a network's bridge carries. In public networks it is the gateway, with the route
 * to the subnet. Subnets of other networks may overlap, so there it is a lone address without route, for DHCP only;
 * and it gives way to a guest that is the network's router itself.
 */
export function bridgeAddress(plan: Plan, network: NetworkSpec): string | undefined {
  const subnet = subnetOf(network, 4)
  if (!subnet) return undefined
  if (network.public) return subnet.gateway && `${subnet.gateway}/${blockOf(subnet).prefixLength}`
  const guestIsRouter = portsOf(plan, network.name).some((port) => addressOf(port, 4) === subnet.gateway)
  if (!subnet.gateway || guestIsRouter) return `${SERVICE_ADDRESS}/32`
  return `${subnet.gateway}/32`
}

export function linkChanges(plan: Plan, devices: readonly Device[], owner: TapOwner): LinkChanges {
  const batch: string[] = []
  const newBridges: string[] = []
  const there = new Map(devices.map((device) => [device.ifname, device]))
  const networks = new Map([...plan.networks.values()].map((network) => [deviceName(network.name), network]))
  const ports = new Map([...plan.ports.values()].map((port) => [deviceName(port.name), port]))

  for (const device of devices) {
    const { ifname } = device
    if (ifname === 'lo' || ifname === OUTSIDE) continue
    const isRight =
      (networks.has(ifname) && device.linkinfo?.info_kind === 'bridge') || (ports.has(ifname) && isTapOf(device, owner))
    if (isRight) continue
    batch.push(`link del dev ${ifname}`)
    there.delete(ifname)
  }
  for (const [bridge, network] of networks) {
    const device = there.get(bridge)
    if (!device) {
      newBridges.push(bridge)
      batch.push(
        `link add name ${bridge} address ${bridgeMac(network.name)} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      )
    }
    batch.push(...addressChanges(bridge, device, bridgeAddress(plan, network)))
    if (!device?.flags.includes('UP')) batch.push(`link set dev ${bridge} up`)
  }
  for (const [tap, port] of ports) {
    const device = there.get(tap)
    const bridge = deviceName(port.network)
    if (!device) batch.push(`tuntap add dev ${tap} mode tap user ${owner.uid}`)
    if (device?.master !== bridge || newBridges.includes(bridge)) batch.push(`link set dev ${tap} master ${bridge}`)
    if (!device?.flags.includes('UP')) batch.push(`link set dev ${tap} up`)
  }
  return { batch, newBridges }
}

function isTapOf({ linkinfo }: Device, owner: TapOwner): boolean {
  if (linkinfo?.info_kind !== 'tun' || linkinfo.info_data?.type !== 'tap') return false
  return owner.names.includes(String(linkinfo.info_data.user))
}

function addressChanges(bridge: string, device: Device | undefined, wanted: string | undefined): string[] {
  const there = (device?.addr_info ?? [])
    .filter(({ family }) => family === 'inet')
    .map((found) => `${found.local}/${found.prefixlen}`)
  const surplus = there.filter((address) => address !== wanted)
  const missing = wanted !== undefined && !there.includes(wanted) ? [wanted] : []
  return [
    ...surplus.map((address) => `address del ${address} dev ${bridge}`),
    ...missing.map((address) => `address add ${address} dev ${bridge}`),
  ]
}

/** Always the same for a network, so that guests which sleep through a restart of the host find their gateway. */
function bridgeMac(network: string): string {
  const digits = shortHash(network, 10)
  return `02:${digits.match(/../g)?.join(':')}`
}

export function publicBlocks(plan: Plan): string[] {
  return [...plan.networks.values()]
    .filter((network) => network.public)
    .flatMap((network) => subnetOf(network, 4) ?? [])
    .map((subnet) => cidrOf(blockOf(subnet)))
}
