// The door of the engine. `interface.ts` says what every implementation promises.
export { HostNotReady, SpecRefused } from './errors.ts'
export * from './interface.ts'
export { openSimulated } from './simulated.ts'
