// The door of the compute service: what the apps may call.
export { type Compute, instanceName, serverIdOf } from './compute.ts'
export { type ComputeOptions, openCompute } from './open.ts'
export { seedCompute } from './seed.ts'
export { type ComputeSettings, computeSettings } from './settings.ts'

export const migrations = { service: 'compute', folder: new URL('./store/migrations/', import.meta.url) }
