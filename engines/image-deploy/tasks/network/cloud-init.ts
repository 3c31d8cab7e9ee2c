import { isIP } from 'node:net'
import type { DeployNic } from '../../interface.ts'

/** Network configuration of cloud-init, version 1. */
export function cloudInitNetwork(nics: readonly DeployNic[]) {
  const config = nics.map(({ mac, dhcp, addresses, gateways = [] }, index) => ({
    type: 'physical',
    name: `eth${index}`,
    ...(mac === '' ? {} : { mac_address: mac.toLowerCase() }),
    subnets: dhcp ? [{ type: 'dhcp' }] : addresses.map((address) => fixedSubnet(address, gateways)),
  }))
  return { version: 1, config }
}

function fixedSubnet(address: string, gateways: readonly string[]) {
  const version = isIP(address.split('/')[0] ?? '')
  const gateway = gateways.find((gateway) => isIP(gateway) === version)
  return { type: version === 6 ? 'static6' : 'static', address, ...(gateway ? { gateway } : {}) }
}
