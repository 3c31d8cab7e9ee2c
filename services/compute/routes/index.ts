export { consoleSockets } from './consoles.ts'
export { computeRoutes } from './synnefo/index.ts'
