import { isIPv6 } from 'node:net'
import type { DeployNic } from '@synnefo/engine-image-deploy'
import type { NicSpec } from '../interface.ts'

/** Network cards as the guest is told of them: addresses with the prefix length of their subnet. */
export function deployNics(nics: readonly NicSpec[]): DeployNic[] {
  return nics.map(({ mac, addresses, networkSpec: { subnets } }, index) => ({
    mac,
    addresses: addresses.map((address) => {
      const subnet = subnets.find(({ version }) => version === (isIPv6(address) ? 6 : 4))
      const whole = isIPv6(address) ? '128' : '32'
      return `${address}/${subnet?.cidr.split('/')[1] ?? whole}`
    }),
    dhcp: subnets.some(({ dhcp }) => dhcp),
    primary: index === 0,
  }))
}
