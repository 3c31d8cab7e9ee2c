import type { VirtualNetwork } from '@synnefo/engine-virtual-network'
import type { Log } from '@synnefo/lib/log'

/**
 * A data plane that is opened again with every call until the host has what it needs: volumes and machines that are
 * there can be looked after meanwhile, and whoever asks for a network is told what is missing.
 */
export async function openWhenReady(open: () => Promise<VirtualNetwork>, log: Log): Promise<VirtualNetwork> {
  let opened: VirtualNetwork | undefined
  let opening: Promise<VirtualNetwork> | undefined
  function ready(): Promise<VirtualNetwork> {
    opening ??= open().then(
      (network) => {
        opened = network
        return network
      },
      (error) => {
        opening = undefined
        throw error
      },
    )
    return opening
  }
  await ready().catch((error) => log.warn({ error }, 'networks do not work on this host yet'))
  return {
    get can() {
      return opened?.can ?? { hostReachesGuests: false, taps: false }
    },
    ensureNetwork: async (spec) => (await ready()).ensureNetwork(spec),
    removeNetwork: async (name) => (await ready()).removeNetwork(name),
    ensurePort: async (spec) => (await ready()).ensurePort(spec),
    removePort: async (name) => (await ready()).removePort(name),
    list: async () => (await ready()).list(),
    enter() {
      if (!opened) throw new Error('the data plane is not open yet')
      return opened.enter()
    },
    close: async () => opened?.close(),
    destroy: async () => opened?.destroy(),
  }
}
