// The door of the engine. `interface.ts` says what customising promises.
export { type Helper, type HelperOptions, openHelper } from './helper.ts'
export * from './interface.ts'
export { openSimulated, type SimulatedDeploy } from './simulated.ts'
