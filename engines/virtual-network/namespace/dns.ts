// Names for guests of public networks: one forwarder to the host's name servers, at the gateway of each network.

import { join } from 'node:path'
import { deviceName } from '../device-names.ts'
import { type Plan, portsOf, subnetOf } from '../plan.ts'
import { dnsmasqIn } from './dnsmasq.ts'
import type { Ground, Surroundings } from './ground.ts'

export interface DnsForwarder {
  settle(plan: Plan, surroundings: Surroundings): Promise<void>
  /** Looks only: whether it died. */
  needsCare(): boolean
  stop(): Promise<void>
}

export function openDnsForwarder(ground: Ground): DnsForwarder {
  const folder = join(ground.runFolder, 'dns')
  const server = dnsmasqIn(folder, ground)
  let serves = false

  return {
    async settle(plan, { resolvers }) {
      const bridges = servedBridges(plan)
      serves = bridges.length > 0
      if (!serves) return server.stop()
      const resolvConf = resolvers.map((resolver) => `nameserver ${resolver}\n`).join('')
      const configuration = [
        ...bridges.map((bridge) => `interface=${bridge}`),
        'no-hosts',
        `resolv-file=${join(folder, 'resolv.conf')}`,
      ]
      await server.ensure(configuration, { 'resolv.conf': resolvConf })
    },
    needsCare: () => serves && !server.isAlive(),
    stop: () => server.stop(),
  }
}

function servedBridges(plan: Plan): string[] {
  return [...plan.networks.values()]
    .filter((network) => network.public && subnetOf(network, 4)?.gateway && portsOf(plan, network.name).length > 0)
    .map((network) => deviceName(network.name))
}
