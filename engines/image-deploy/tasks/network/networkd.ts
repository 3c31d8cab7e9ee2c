import type { DeployNic } from '../../interface.ts'

/** Files of /etc/systemd/network, one for each NIC; their names come before those that images bring. */
export function networkFiles(nics: readonly DeployNic[]): { name: string; text: string }[] {
  return nics.map((nic, index) => ({ name: `05-synnefo-${index}.network`, text: networkFile(nic) }))
}

function networkFile({ mac, dhcp, addresses, gateways = [], primary }: DeployNic): string {
  const match = mac === '' ? 'Name=en* eth*' : `MACAddress=${mac.toLowerCase()}`
  const network = dhcp
    ? ['DHCP=yes']
    : [...addresses.map((address) => `Address=${address}`), ...gateways.map((gateway) => `Gateway=${gateway}`)]
  // The server's address belongs to its MAC, not to an identifier that the guest makes up.
  const dhcpOptions = dhcp ? ['', '[DHCPv4]', 'ClientIdentifier=mac', `RouteMetric=${primary ? 100 : 1024}`] : []
  return ['[Match]', match, '', '[Network]', ...network, ...dhcpOptions, ''].join('\n')
}
