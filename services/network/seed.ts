import type { Tx } from '@synnefo/lib/sql'
import type { NetworkSettings } from './settings.ts'
import { anyNetwork, insertNetwork } from './store/networks.ts'
import { insertSubnet } from './store/subnets.ts'

/** Gives a cloud that has no networks its public one. What an administrator deleted stays deleted. */
export async function seedNetwork(tx: Tx, settings: NetworkSettings): Promise<void> {
  if (await anyNetwork(tx)) return
  const networkId = await insertNetwork(tx, {
    name: 'Public network',
    userId: null,
    project: null,
    flavor: 'CUSTOM',
    macPrefix: settings.DEFAULT_MAC_PREFIX,
    public: true,
    floatingIpPool: true,
    defaultForServers: true,
  })
  const { first, last, gateway } = usableAddresses(settings.PUBLIC_NETWORK_CIDR)
  await insertSubnet(tx, {
    networkId,
    version: 4,
    cidr: settings.PUBLIC_NETWORK_CIDR,
    gateway,
    nameservers: [],
    poolFirst: first,
    poolLast: last,
  })
}

/** The gateway is the first address of an IPv4 subnet; everything behind it up to the broadcast address is given out. */
export function usableAddresses(cidr: string): { gateway: string; first: string; last: string } {
  const [address = '', length = ''] = cidr.split('/')
  const network = address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(length))
  return { gateway: dotted(network + 1), first: dotted(network + 2), last: dotted(network + size - 2) }
}

const dotted = (number: number) => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
