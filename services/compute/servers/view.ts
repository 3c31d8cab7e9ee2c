// A server with everything that a client sees of it, read in a fixed number of queries whatever the number of servers.
import type { Caller } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable } from '@synnefo/lib/sql'
import { portsOfServers, type ServerPort } from '@synnefo/network'
import { volumesOfServers } from '@synnefo/volume'
import type { Compute } from '../compute.ts'
import { type DiagnosticRow, diagnosticsOfServer, latestDiagnostics, metadataOfServers } from '../store/server-parts.ts'
import { type ServerFilter, type ServerRow, serversVisibleTo, serverVisibleTo } from '../store/servers.ts'

export interface ServerView {
  server: ServerRow
  metadata: Record<string, string>
  /** Those that are in use, in order of id. */
  ports: ServerPort[]
  volumeIds: bigint[]
  diagnostic?: DiagnosticRow
}

export async function showServer(compute: Compute, caller: Caller, id: bigint): Promise<ServerView> {
  const server = await serverVisibleTo(compute.db, caller, id)
  if (!server) throw new Fault('itemNotFound', `Server ${id} does not exist.`)
  return (await viewServers(compute.db, [server]))[0]!
}

export function listServers(compute: Compute, caller: Caller, filter: ServerFilter): Promise<ServerRow[]> {
  return serversVisibleTo(compute.db, caller, filter)
}

export async function viewServers(db: Queryable, servers: readonly ServerRow[]): Promise<ServerView[]> {
  if (servers.length === 0) return []
  const ids = servers.map(({ id }) => id)
  const [metadata, ports, volumes, diagnostics] = await Promise.all([
    metadataOfServers(db, ids),
    portsOfServers(db, ids),
    volumesOfServers(db, ids),
    latestDiagnostics(db, ids),
  ])
  const itemsOf = Map.groupBy(metadata, ({ serverId }) => serverId)
  const portsOf = Map.groupBy(ports, ({ serverId }) => serverId)
  const volumesOf = Map.groupBy(volumes, ({ serverId }) => serverId)
  const diagnosticOf = new Map(diagnostics.map((diagnostic) => [diagnostic.serverId, diagnostic]))
  return servers.map((server) => {
    const { id } = server
    const diagnostic = diagnosticOf.get(id)
    return {
      server,
      metadata: Object.fromEntries((itemsOf.get(id) ?? []).map(({ key, value }) => [key, value])),
      ports: (portsOf.get(id) ?? []).filter(({ state }) => state === 'ACTIVE'),
      volumeIds: (volumesOf.get(id) ?? []).map((volume) => volume.id).sort((a, b) => (a < b ? -1 : 1)),
      ...(diagnostic ? { diagnostic } : {}),
    }
  })
}

/** Newest first. */
export async function listDiagnostics(compute: Compute, caller: Caller, id: bigint): Promise<DiagnosticRow[]> {
  await showServer(compute, caller, id)
  return diagnosticsOfServer(compute.db, id)
}
