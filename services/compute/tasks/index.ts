import { runServers } from './run-servers.ts'

export const computeTasks = [runServers]
