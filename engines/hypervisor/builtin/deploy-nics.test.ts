import { expect, test } from 'vitest'
import { deployNics } from './deploy-nics.ts'

test('addresses carry the prefix length of their subnet, and the first card leads out', () => {
  const subnet = { gateway: undefined, nameservers: [], hostRoutes: [] }
  const subnets = [
    { ...subnet, version: 4 as const, cidr: '10.1.0.0/20', dhcp: true },
    { ...subnet, version: 6 as const, cidr: '2001:db8::/64', dhcp: false },
  ]
  const port = { name: 'p', network: 'n', mac: 'aa:00:00:00:00:01' }
  const inside = { ...port, addresses: ['10.1.2.3', '2001:db8::3'], networkSpec: { name: 'n', public: true, subnets } }
  const bare = { ...port, addresses: ['10.9.9.9'], networkSpec: { name: 'm', public: false, subnets: [] } }
  expect(deployNics([inside, bare])).toEqual([
    { mac: port.mac, addresses: ['10.1.2.3/20', '2001:db8::3/64'], dhcp: true, primary: true },
    { mac: port.mac, addresses: ['10.9.9.9/32'], dhcp: false, primary: false },
  ])
})
