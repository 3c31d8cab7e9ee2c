import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface AddressRow {
  id: bigint
  portId: bigint | null
  subnetId: bigint
  address: string
  version: 4 | 6
  floating: boolean
}

/** In order of port and version. */
export function addressesOfPorts(db: Queryable, portIds: readonly bigint[]): Promise<AddressRow[]> {
  return db.any<AddressRow>(sql`
    SELECT id, port_id AS "portId", subnet_id AS "subnetId", host(address) AS address, family(address) AS version, floating
    FROM network.addresses WHERE port_id = ANY(${portIds}::int8[]) ORDER BY port_id, family(address), address`)
}

/**
 * Takes the lowest free address of a subnet's pool; undefined when there is none. The row of the subnet is locked until
 * commit, so that two never take the same one. Every address below `search_from` is in use: the search steps over
 * what was taken since and ends at the first gap, so it stays as quick in a full /16 as in an empty one.
 */
export function takeLowestAddress(
  tx: Tx,
  { subnetId, portId, userId }: { subnetId: bigint; portId: bigint; userId: string },
): Promise<AddressRow | undefined> {
  return tx.maybeOne<AddressRow>(sql`
    WITH subnet AS (
      SELECT id, network_id, search_from, pool_last FROM network.subnets WHERE id = ${subnetId} FOR UPDATE
    ), free AS (
      SELECT candidate FROM (
        SELECT search_from AS candidate FROM subnet
        UNION ALL
        SELECT a.address + 1 FROM network.addresses a, subnet WHERE a.network_id = subnet.network_id AND a.address >= subnet.search_from
      ) AS candidates, subnet
      WHERE candidate <= subnet.pool_last
        AND NOT EXISTS (SELECT FROM network.addresses a WHERE a.network_id = subnet.network_id AND a.address = candidate)
      ORDER BY candidate LIMIT 1
    ), moved AS (
      UPDATE network.subnets SET search_from = candidate + 1 FROM free WHERE id = ${subnetId}
    )
    INSERT INTO network.addresses (network_id, subnet_id, port_id, user_id, address)
    SELECT subnet.network_id, subnet.id, ${portId}, ${userId}, candidate FROM subnet, free
    RETURNING id, port_id AS "portId", subnet_id AS "subnetId", host(address) AS address, family(address) AS version, floating`)
}

/** Takes this very address; undefined when it is in use. The caller has checked that it lies in the pool. */
export function takeAddress(
  tx: Tx,
  { subnetId, portId, userId, address }: { subnetId: bigint; portId: bigint; userId: string; address: string },
): Promise<AddressRow | undefined> {
  return tx.maybeOne<AddressRow>(sql`
    WITH subnet AS (SELECT id, network_id FROM network.subnets WHERE id = ${subnetId} FOR UPDATE)
    INSERT INTO network.addresses (network_id, subnet_id, port_id, user_id, address)
    SELECT network_id, id, ${portId}, ${userId}, ${address}::inet FROM subnet
    ON CONFLICT (network_id, address) DO NOTHING
    RETURNING id, port_id AS "portId", subnet_id AS "subnetId", host(address) AS address, family(address) AS version, floating`)
}

/** Whether the subnet may give out this address. */
export async function isInPool(db: Queryable, subnetId: bigint, address: string): Promise<boolean> {
  const row = await db.maybeOne(
    sql`SELECT FROM network.subnets WHERE id = ${subnetId} AND ${address}::inet BETWEEN pool_first AND pool_last`,
  )
  return row !== undefined
}

/** Gives back the addresses of these ports, floating ones apart: those stay with their owner. */
export async function releaseAddresses(tx: Tx, portIds: readonly bigint[]): Promise<void> {
  await tx.run(sql`
    WITH gone AS (
      DELETE FROM network.addresses WHERE port_id = ANY(${portIds}::int8[]) AND NOT floating RETURNING subnet_id, address
    ), lowest AS (
      SELECT subnet_id, min(address) AS address FROM gone GROUP BY subnet_id
    )
    UPDATE network.subnets SET search_from = least(search_from, lowest.address) FROM lowest WHERE id = lowest.subnet_id`)
  await tx.run(sql`UPDATE network.addresses SET port_id = NULL WHERE port_id = ANY(${portIds}::int8[])`)
}

/** Notes for each public address of a server's ports that it came or went. */
export async function noteHistory(tx: Tx, serverId: bigint, action: 'associate' | 'disassociate', reason: string): Promise<void> {
  await tx.run(sql`
    INSERT INTO network.address_history (address, server_id, network_id, user_id, action, reason)
    SELECT a.address, p.server_id, p.network_id, p.user_id, ${action}, ${reason}
    FROM network.ports p JOIN network.networks n ON n.id = p.network_id JOIN network.addresses a ON a.port_id = p.id
    WHERE p.server_id = ${serverId} AND n.public ORDER BY a.id`)
}
