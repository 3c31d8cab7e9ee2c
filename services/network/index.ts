// The door of the network service: what other services and the apps may call.
export type { NetworkService } from './network.ts'
export { seedNetwork } from './seed.ts'
export {
  createServerPorts,
  type NewServerPorts,
  nicSpecsOfServer,
  type PortRequest,
  portsOfServers,
  releaseServerPorts,
  type ServerPort,
  settleServerPorts,
} from './server-ports.ts'
export { type NetworkSettings, networkSettings } from './settings.ts'

export const migrations = { service: 'network', folder: new URL('./store/migrations/', import.meta.url) }
