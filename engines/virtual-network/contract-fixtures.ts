// Networks and ports that tests and measurements use.

import type { NetworkSpec, PortSpec } from './interface.ts'

export const publicNetwork: NetworkSpec = {
  name: 'snf-net-1',
  public: true,
  subnets: [{ version: 4, cidr: '10.77.0.0/24', gateway: '10.77.0.1', dhcp: true, nameservers: [], hostRoutes: [] }],
}

export const privateNetwork: NetworkSpec = {
  name: 'snf-net-2',
  public: false,
  subnets: [{ version: 4, cidr: '192.168.0.0/24', gateway: '192.168.0.1', dhcp: true, nameservers: [], hostRoutes: [] }],
}

export function portOn(network: NetworkSpec, number: number, more: Partial<PortSpec> = {}): PortSpec {
  const prefix = network.subnets[0]?.cidr.replace(/\.\d+\/\d+$/, '')
  return {
    name: `snf-nic-${number}`,
    network: network.name,
    mac: `aa:00:00:00:00:${number.toString(16).padStart(2, '0')}`,
    addresses: [`${prefix}.${number}`],
    hostname: `guest-${number}`,
    ...more,
  }
}
