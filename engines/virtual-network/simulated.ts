import { deviceName } from './device-names.ts'
import type { VirtualNetwork } from './interface.ts'
import { EMPTY_PLAN, type Plan, withNetwork, withoutNetwork, withoutPort, withPort } from './plan.ts'

/** A data plane's memory: hand the same one to a second `openSimulated` to play a restart. */
export interface SimulatedHost {
  plan: Plan
}

/** Keeps to the rules of a real data plane and moves no packet. */
export function openSimulated(host: SimulatedHost = { plan: EMPTY_PLAN }): VirtualNetwork {
  return {
    can: { hostReachesGuests: false, taps: false },
    ensureNetwork: async (spec) => {
      host.plan = withNetwork(host.plan, spec)
    },
    removeNetwork: async (name) => {
      host.plan = withoutNetwork(host.plan, name)
    },
    ensurePort: async (spec) => {
      host.plan = withPort(host.plan, spec)
      return { device: deviceName(spec.name) }
    },
    removePort: async (name) => {
      host.plan = withoutPort(host.plan, name)
    },
    list: async () => ({ networks: [...host.plan.networks.keys()], ports: [...host.plan.ports.keys()] }),
    enter: () => [],
    close: async () => undefined,
    destroy: async () => {
      host.plan = EMPTY_PLAN
    },
  }
}
