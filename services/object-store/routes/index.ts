export { presentAddress } from './old-addresses.ts'
export { type PithosOptions, pithosRoutes } from './pithos/index.ts'
