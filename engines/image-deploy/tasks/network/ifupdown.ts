import { isIP, isIPv6 } from 'node:net'
import type { DeployNic } from '../../interface.ts'

/** /etc/network/interfaces. Interfaces are named in the order of the NICs. */
export function interfacesFile(nics: readonly DeployNic[]): string {
  const stanzas = nics.map((nic, index) => {
    const name = `eth${index}`
    const methods = nic.dhcp
      ? [`iface ${name} inet dhcp`]
      : nic.addresses.map((address) => staticStanza(name, address, nic.gateways))
    return [`auto ${name}`, ...(methods.length > 0 ? methods : [`iface ${name} inet manual`])].join('\n')
  })
  return `${['auto lo\niface lo inet loopback', ...stanzas].join('\n\n')}\n`
}

function staticStanza(name: string, address: string, gateways: readonly string[] = []): string {
  const version = isIPv6(address.split('/')[0] ?? '') ? 6 : 4
  const gateway = gateways.find((gateway) => isIP(gateway) === version)
  const family = version === 6 ? 'inet6' : 'inet'
  return [`iface ${name} ${family} static`, `address ${address}`, ...(gateway ? [`gateway ${gateway}`] : [])].join('\n\t')
}

/** Keeps the names of the interfaces with their NICs, whatever order the kernel finds them in. */
export function udevRules(nics: readonly DeployNic[]): string {
  return nics
    .map(({ mac }, index) => ({ mac: mac.toLowerCase(), name: `eth${index}` }))
    .filter(({ mac }) => mac !== '')
    .map(
      ({ mac, name }) =>
        `SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="${mac}", ATTR{type}=="1", NAME="${name}"\n`,
    )
    .join('')
}
