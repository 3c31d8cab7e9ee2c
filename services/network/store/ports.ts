import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import type { Viewer } from './networks.ts'

export interface PortRow {
  id: bigint
  name: string
  userId: string
  networkId: bigint
  public: boolean
  serverId: bigint | null
  mac: string
  state: 'ACTIVE' | 'BUILD' | 'ERROR' | 'DOWN'
  firewallProfile: 'ENABLED' | 'DISABLED' | 'PROTECTED' | null
  createdAt: Date
  updatedAt: Date
}

const PORT = sql`p.id, p.name, p.user_id AS "userId", p.network_id AS "networkId", n.public, p.server_id AS "serverId", p.mac::text AS mac,
  p.state, p.firewall_profile AS "firewallProfile", p.created_at AS "createdAt", p.updated_at AS "updatedAt"`
const FROM = sql`network.ports p JOIN network.networks n ON n.id = p.network_id`

/** One's own, and those on networks that are shared with one. */
const VISIBLE = ({ userId, projects }: Viewer) =>
  sql`(p.user_id = ${userId} OR (NOT n.public AND (n.user_id = ${userId} OR (n.shared_to_project AND n.project = ANY(${projects}::uuid[])))))`

export function portsVisibleTo(db: Queryable, viewer: Viewer): Promise<PortRow[]> {
  return db.any<PortRow>(sql`SELECT ${PORT} FROM ${FROM} WHERE ${VISIBLE(viewer)} ORDER BY p.id`)
}

export function portVisibleTo(db: Queryable, viewer: Viewer, id: bigint): Promise<PortRow | undefined> {
  return db.maybeOne<PortRow>(sql`SELECT ${PORT} FROM ${FROM} WHERE p.id = ${id} AND ${VISIBLE(viewer)}`)
}

/** In order of server and id. */
export function portsOnServers(db: Queryable, serverIds: readonly bigint[]): Promise<(PortRow & { serverId: bigint })[]> {
  return db.any(sql`SELECT ${PORT} FROM ${FROM} WHERE p.server_id = ANY(${serverIds}::int8[]) ORDER BY p.server_id, p.id`)
}

/** Locks the rows until commit. Lock order: server, network, address pool, address and port, volume, holdings. */
export function lockPortsOnServer(tx: Tx, serverId: bigint): Promise<{ id: bigint }[]> {
  return tx.any(sql`SELECT id FROM network.ports WHERE server_id = ${serverId} ORDER BY id FOR UPDATE`)
}

/** Answers undefined when the hardware address is taken: try another. */
export async function insertPort(
  tx: Tx,
  port: { userId: string; networkId: bigint; serverId: bigint; mac: string },
): Promise<bigint | undefined> {
  const row = await tx.maybeOne<{ id: bigint }>(sql`
    INSERT INTO network.ports (user_id, network_id, server_id, mac, state)
    VALUES (${port.userId}, ${port.networkId}, ${port.serverId}, ${port.mac}::macaddr, 'BUILD')
    ON CONFLICT (mac) DO NOTHING RETURNING id`)
  return row?.id
}

export async function setStateOnServer(tx: Tx, serverId: bigint, state: PortRow['state']): Promise<void> {
  await tx.run(sql`UPDATE network.ports SET state = ${state}, updated_at = now() WHERE server_id = ${serverId}`)
}

export async function deletePorts(tx: Tx, ids: readonly bigint[]): Promise<void> {
  await tx.run(sql`DELETE FROM network.ports WHERE id = ANY(${ids}::int8[])`)
}

/** Takes a port that is attached to nothing; answers whether it was free. */
export async function attachPort(tx: Tx, id: bigint, serverId: bigint): Promise<boolean> {
  return (
    (await tx.run(
      sql`UPDATE network.ports SET server_id = ${serverId}, state = 'BUILD', updated_at = now() WHERE id = ${id} AND server_id IS NULL`,
    )) > 0
  )
}
