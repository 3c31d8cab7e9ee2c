export { type PithosOptions, pithosRoutes } from './pithos/index.ts'
