// What every implementation of `VirtualNetwork` promises, as tests.

import { describe, expect, type onTestFinished, test } from 'vitest'
import { portOn, privateNetwork, publicNetwork } from './contract-fixtures.ts'
import type { PortSpec, VirtualNetwork } from './interface.ts'

/** Opens the same data plane anew each time it is called: what a restarted process does. */
export type OpenHost = (finished: typeof onTestFinished) => Promise<() => Promise<VirtualNetwork>>

export function virtualNetworkContract(name: string, openHost: OpenHost): void {
  describe(`virtual network: ${name}`, () => {
    test('what was made is listed, and asking again changes nothing', async ({ onTestFinished }) => {
      const network = await (await openHost(onTestFinished))()
      await network.ensureNetwork(publicNetwork)
      await network.ensureNetwork(publicNetwork)
      const link = await network.ensurePort(portOn(publicNetwork, 2))
      expect(await network.ensurePort(portOn(publicNetwork, 2))).toEqual(link)
      expect(await network.list()).toEqual({ networks: ['snf-net-1'], ports: ['snf-nic-2'] })
    })

    test('what was removed is gone, and removing again is no error', async ({ onTestFinished }) => {
      const network = await (await openHost(onTestFinished))()
      await network.ensureNetwork(publicNetwork)
      await network.ensurePort(portOn(publicNetwork, 2))
      for (const _ of [1, 2]) await network.removePort('snf-nic-2')
      for (const _ of [1, 2]) await network.removeNetwork('snf-net-1')
      expect(await network.list()).toEqual({ networks: [], ports: [] })
    })

    test('a network with ports is not removed', async ({ onTestFinished }) => {
      const network = await (await openHost(onTestFinished))()
      await network.ensureNetwork(publicNetwork)
      await network.ensurePort(portOn(publicNetwork, 2))
      await expect(network.removeNetwork('snf-net-1')).rejects.toThrow('snf-nic-2')
      expect(await network.list()).toEqual({ networks: ['snf-net-1'], ports: ['snf-nic-2'] })
    })

    test.for<[string, Partial<PortSpec>, string]>([
      ['an unknown network', { network: 'snf-net-9' }, 'snf-net-9'],
      ['an address outside of the network', { addresses: ['10.78.0.3'] }, '10.78.0.3'],
      ['the gateway of a public network', { addresses: ['10.77.0.1'] }, 'gateway'],
      ['the broadcast address', { addresses: ['10.77.0.255'] }, '10.77.0.255'],
      ['an address of another port', { addresses: ['10.77.0.2'] }, 'snf-nic-2'],
      ['the MAC address of another port', { mac: 'AA:00:00:00:00:02' }, 'snf-nic-2'],
      ['a multicast MAC address', { mac: '01:00:00:00:00:03' }, '01:00:00:00:00:03'],
      ['a host name that would be a line of a file', { hostname: 'a\ndhcp-script=b' }, 'host name'],
      ['a name that would be a path', { name: '../3' }, 'name'],
    ])('a port with %s is refused and leaves nothing', async ([, wrong, word], { onTestFinished }) => {
      const network = await (await openHost(onTestFinished))()
      await network.ensureNetwork(publicNetwork)
      await network.ensurePort(portOn(publicNetwork, 2))
      const refused = network.ensurePort(portOn(publicNetwork, 3, wrong))
      await expect(refused).rejects.toMatchObject({ name: 'SpecRefused', message: expect.stringContaining(word) })
      expect((await network.list()).ports).toEqual(['snf-nic-2'])
    })

    test('public networks do not overlap, private ones may', async ({ onTestFinished }) => {
      const network = await (await openHost(onTestFinished))()
      await network.ensureNetwork(publicNetwork)
      await expect(network.ensureNetwork({ ...publicNetwork, name: 'snf-net-3' })).rejects.toThrow('10.77.0.0/24')
      await network.ensureNetwork(privateNetwork)
      await network.ensureNetwork({ ...privateNetwork, name: 'snf-net-4' })
      expect((await network.list()).networks).toEqual(['snf-net-1', 'snf-net-2', 'snf-net-4'])
    })

    test('devices have different names that Linux takes, however long the names of the ports', async ({ onTestFinished }) => {
      const network = await (await openHost(onTestFinished))()
      await network.ensureNetwork(publicNetwork)
      const names = ['snf-nic-2', 'a-port-with-a-long-name-1', 'a-port-with-a-long-name-2']
      const links = []
      for (const [index, name] of names.entries())
        links.push(await network.ensurePort(portOn(publicNetwork, index + 2, { name })))
      const devices = links.map(({ device }) => device)
      expect(new Set(devices).size).toBe(3)
      for (const device of devices) expect(device).toMatch(/^[\w.-]{1,15}$/)
    })

    test('calls made at once are all carried out', async ({ onTestFinished }) => {
      const network = await (await openHost(onTestFinished))()
      await network.ensureNetwork(publicNetwork)
      const numbers = [2, 3, 4, 5, 6]
      await Promise.all(numbers.map((number) => network.ensurePort(portOn(publicNetwork, number))))
      await Promise.all([network.removePort('snf-nic-3'), network.removePort('snf-nic-4')])
      expect((await network.list()).ports.sort()).toEqual(['snf-nic-2', 'snf-nic-5', 'snf-nic-6'])
    })

    test('a restarted process knows everything', async ({ onTestFinished }) => {
      const open = await openHost(onTestFinished)
      const before = await open()
      await before.ensureNetwork(publicNetwork)
      const link = await before.ensurePort(portOn(publicNetwork, 2))
      await before.close()
      const after = await open()
      expect(await after.list()).toEqual({ networks: ['snf-net-1'], ports: ['snf-nic-2'] })
      expect(await after.ensurePort(portOn(publicNetwork, 2))).toEqual(link)
    })

    test('nothing is left when it was destroyed', async ({ onTestFinished }) => {
      const open = await openHost(onTestFinished)
      const before = await open()
      await before.ensureNetwork(publicNetwork)
      await before.ensurePort(portOn(publicNetwork, 2))
      await before.destroy()
      const after = await open()
      expect(await after.list()).toEqual({ networks: [], ports: [] })
    })
  })
}
