import { expect, test } from 'vitest'
import { portOn, publicNetwork } from '../contract-fixtures.ts'
import { renderConfiguration, renderHost } from './dhcp.ts'

test.each(['5m', '12', 'infinite', 'Ignore', '10.0.0.9'])('a server named %s is given its address all the same', (hostname) => {
  expect(renderHost(portOn(publicNetwork, 2, { hostname }))).toBe('aa:00:00:00:00:02,10.77.0.2\n')
})

test('a server is told its name', () => {
  expect(renderHost(portOn(publicNetwork, 2, { hostname: 'web-5m' }))).toBe('aa:00:00:00:00:02,10.77.0.2,web-5m\n')
})

test('whoever is told other routes is told the gateway among them', () => {
  const subnet = { ...publicNetwork.subnets[0]!, hostRoutes: [{ destination: '10.1.0.0/16', nexthop: '10.77.0.9' }] }
  const told = 'dhcp-option=option:classless-static-route,10.1.0.0/16,10.77.0.9,0.0.0.0/0,10.77.0.1'
  expect(renderConfiguration(publicNetwork, subnet, 1500)).toContain(told)
})

test('guests learn of packets that must be smaller to get out', () => {
  const subnet = publicNetwork.subnets[0]!
  expect(renderConfiguration(publicNetwork, subnet, 1400)).toContain('dhcp-option=option:mtu,1400')
  expect(renderConfiguration(publicNetwork, subnet, 1500).join()).not.toContain('mtu')
})
