// The door of the engine. `interface.ts` says what every hypervisor promises.
export { type BuiltinOptions, openBuiltin } from './builtin/index.ts'
export * from './interface.ts'
export { openRemote } from './remote/open.ts'
export { serveHypervisor } from './remote/serve.ts'
export { openSimulated, type Simulated, type SimulatedOptions } from './simulated/index.ts'
