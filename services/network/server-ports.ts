// The ports that connect a server. Every function takes the transaction of the change to the server.
import { randomBytes } from 'node:crypto'
import type { NicSpec } from '@synnefo/engine-hypervisor'
import type { NetworkSpec, SubnetSpec } from '@synnefo/engine-virtual-network'
import { Fault } from '@synnefo/lib/fault'
import { readId } from '@synnefo/lib/http'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { addressesOfPorts, isInPool, noteHistory, releaseAddresses, takeAddress, takeLowestAddress } from './store/addresses.ts'
import { defaultNetworks, type NetworkRow, networksById, networkVisibleTo, type Viewer } from './store/networks.ts'
import {
  attachPort,
  deletePorts,
  insertPort,
  lockPortsOnServer,
  type PortRow,
  portsOnServers,
  portVisibleTo,
  setStateOnServer,
} from './store/ports.ts'
import { type SubnetRow, subnetsOfNetworks } from './store/subnets.ts'

/** What a new server asks for: a port that exists, or a new one on a network (compute-api.md §3.5). */
export type PortRequest = { port: string } | { uuid: string; fixed_ip?: string }

export interface ServerPort {
  id: bigint
  serverId: bigint
  networkId: bigint
  mac: string
  state: PortRow['state']
  public: boolean
  firewallProfile: PortRow['firewallProfile']
  ips: { address: string; version: 4 | 6; floating: boolean }[]
}

export interface NewServerPorts {
  viewer: Viewer
  serverId: bigint
  /** The default networks of the cloud when absent. */
  requests?: readonly PortRequest[] | undefined
  /** Ports that a server may have. */
  maximum: number
}

/** Connects a new server, in the order asked for. */
export async function createServerPorts(tx: Tx, { viewer, serverId, requests, maximum }: NewServerPorts): Promise<void> {
  const wanted = requests ?? (await defaultNetworks(tx)).map(({ id }): PortRequest => ({ uuid: String(id) }))
  if (wanted.length > maximum) throw new Fault('badRequest', `A server has at most ${maximum} network cards.`)
  for (const request of wanted) {
    if ('port' in request) await useExistingPort(tx, viewer, serverId, request.port)
    else await createPort(tx, viewer, serverId, request)
  }
  await noteHistory(tx, serverId, 'associate', 'server created')
}

async function useExistingPort(tx: Tx, viewer: Viewer, serverId: bigint, id: string): Promise<void> {
  const port = await portVisibleTo(tx, viewer, readId(id, 'The id of a port'))
  if (!port) throw new Fault('itemNotFound', `Port ${id} does not exist.`)
  if (!(await attachPort(tx, port.id, serverId))) throw new Fault('conflict', `Port ${id} is attached to a server already.`)
}

async function createPort(
  tx: Tx,
  viewer: Viewer,
  serverId: bigint,
  { uuid, fixed_ip: fixedIp }: { uuid: string; fixed_ip?: string },
): Promise<void> {
  const network = await networkVisibleTo(tx, viewer, readId(uuid, 'The id of a network'))
  if (!network) throw new Fault('itemNotFound', `Network ${uuid} does not exist.`)
  if (network.deleted) throw new Fault('badRequest', `Network ${uuid} has been deleted.`)
  if (network.state !== 'ACTIVE' || network.drained) throw new Fault('conflict', `Network ${uuid} takes no new servers now.`)
  const { userId } = viewer
  const portId = await insertWithNewMac(tx, { userId, networkId: network.id, serverId, macPrefix: network.macPrefix })
  const subnet = (await subnetsOfNetworks(tx, [network.id])).find(({ version }) => version === 4)
  if (fixedIp !== undefined) await giveThisAddress(tx, subnet, portId, userId, fixedIp)
  else if (subnet) await giveAnyAddress(tx, network, subnet, portId, userId)
}

async function giveThisAddress(
  tx: Tx,
  subnet: SubnetRow | undefined,
  portId: bigint,
  userId: string,
  address: string,
): Promise<void> {
  if (!subnet) throw new Fault('badRequest', 'The network has no IPv4 subnet, so it has no addresses to choose from.')
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address) || address.split('.').some((part) => Number(part) > 255)) {
    throw new Fault('badRequest', `'${address.slice(0, 40)}' is not an IPv4 address.`)
  }
  if (!(await isInPool(tx, subnet.id, address)))
    throw new Fault('badRequest', `Address ${address} is not one of those that ${subnet.cidr} gives out.`)
  if (!(await takeAddress(tx, { subnetId: subnet.id, portId, userId, address })))
    throw new Fault('conflict', `Address ${address} is in use.`)
}

async function giveAnyAddress(tx: Tx, network: NetworkRow, subnet: SubnetRow, portId: bigint, userId: string): Promise<void> {
  if (!(await takeLowestAddress(tx, { subnetId: subnet.id, portId, userId }))) {
    throw new Fault('conflict', `Network '${network.name || network.id}' has no free addresses left.`)
  }
}

const ATTEMPTS = 20

async function insertWithNewMac(
  tx: Tx,
  { macPrefix, ...port }: { userId: string; networkId: bigint; serverId: bigint; macPrefix: string },
): Promise<bigint> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const id = await insertPort(tx, { ...port, mac: randomMac(macPrefix) })
    if (id !== undefined) return id
  }
  throw new Fault('serviceUnavailable', 'No free hardware address was found. Try again.')
}

/** Completes a prefix such as aa:00:0 (the rest of the third octet is the number of the backend, 0 here) at random. */
export function randomMac(prefix: string): string {
  const fixed = prefix.replaceAll(':', '').padEnd(6, '0')
  return `${fixed}${randomBytes(3).toString('hex')}`.match(/../g)!.join(':')
}

/** In order of server and id. */
export async function portsOfServers(db: Queryable, serverIds: readonly bigint[]): Promise<ServerPort[]> {
  const ports = await portsOnServers(db, serverIds)
  if (ports.length === 0) return []
  const ips = Map.groupBy(
    await addressesOfPorts(
      db,
      ports.map(({ id }) => id),
    ),
    ({ portId }) => portId,
  )
  return ports.map(({ id, serverId, networkId, mac, state, public: isPublic, firewallProfile }) => ({
    id,
    serverId,
    networkId,
    mac,
    state,
    public: isPublic,
    firewallProfile,
    ips: (ips.get(id) ?? []).map(({ address, version, floating }) => ({ address, version, floating })),
  }))
}

/** The server was made, or could not be. */
export const settleServerPorts = (tx: Tx, serverId: bigint, state: 'ACTIVE' | 'ERROR'): Promise<void> =>
  setStateOnServer(tx, serverId, state)

/** The server is gone: its ports go with it, fixed addresses are free again, floating ones stay with their owner. */
export async function releaseServerPorts(tx: Tx, serverId: bigint): Promise<void> {
  await noteHistory(tx, serverId, 'disassociate', 'server deleted')
  const ids = (await lockPortsOnServer(tx, serverId)).map(({ id }) => id)
  await releaseAddresses(tx, ids)
  await deletePorts(tx, ids)
}

/** What a backend is told to connect: names with the cloud's prefix, and the networks themselves. */
export async function nicSpecsOfServer(db: Queryable, serverId: bigint, prefix: string): Promise<NicSpec[]> {
  const ports = await portsOfServers(db, [serverId])
  const networkIds = [...new Set(ports.map(({ networkId }) => networkId))]
  const networks = new Map((await networksById(db, networkIds)).map((network) => [network.id, network]))
  const subnets = Map.groupBy(await subnetsOfNetworks(db, networkIds), ({ networkId }) => networkId)
  return ports.map(({ id, networkId, mac, ips, firewallProfile }) => ({
    name: `${prefix}nic-${id}`,
    network: `${prefix}net-${networkId}`,
    mac,
    addresses: ips.map(({ address }) => address),
    hostname: `${prefix}${serverId}`,
    firewall: firewallProfile ?? 'DISABLED',
    networkSpec: toNetworkSpec(networks.get(networkId)!, subnets.get(networkId) ?? [], prefix),
  }))
}

function toNetworkSpec({ id, public: isPublic }: NetworkRow, subnets: readonly SubnetRow[], prefix: string): NetworkSpec {
  return { name: `${prefix}net-${id}`, public: isPublic, subnets: subnets.map(toSubnetSpec) }
}

function toSubnetSpec({ version, cidr, gateway, dhcp, nameservers, hostRoutes }: SubnetRow): SubnetSpec {
  return {
    version,
    cidr,
    dhcp,
    nameservers,
    ...(gateway === null ? {} : { gateway }),
    hostRoutes: hostRoutes.map((route) => {
      const [destination = '', nexthop = ''] = route.split(',')
      return { destination, nexthop }
    }),
  }
}
