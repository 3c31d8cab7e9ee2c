// The door of the engine. `interface.ts` says what every implementation promises.
export { HostNotReady, SpecRefused } from './errors.ts'
export * from './interface.ts'
export { type NamespaceOptions, openNamespaceNetwork } from './namespace/index.ts'
export { openSimulated, type SimulatedHost } from './simulated.ts'
