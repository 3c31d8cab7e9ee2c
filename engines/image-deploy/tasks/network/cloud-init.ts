import { isIPv6 } from 'node:net'
import type { DeployNic } from '../../interface.ts'

/** Network configuration of cloud-init, version 1. */
export function cloudInitNetwork(nics: readonly DeployNic[]) {
  const config = nics.map(({ mac, dhcp, addresses }, index) => ({
    type: 'physical',
    name: `eth${index}`,
    ...(mac === '' ? {} : { mac_address: mac.toLowerCase() }),
    subnets: dhcp
      ? [{ type: 'dhcp' }]
      : addresses.map((address) => ({ type: isIPv6(address.split('/')[0] ?? '') ? 'static6' : 'static', address })),
  }))
  return { version: 1, config }
}
