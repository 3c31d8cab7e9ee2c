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
 * Locks the pools of these subnets until commit: before any of their addresses is taken or given back, and in a statement
 * of its own, because a statement sees what was there when it began and not what it waited for.
 */
async function lockPools(tx: Tx, subnetIds: readonly bigint[]): Promise<void> {
  await tx.any(sql`SELECT FROM network.subnets WHERE id = ANY(${subnetIds}::int8[]) ORDER BY id FOR UPDATE`)
}

interface NewAddress {
  subnetId: bigint
  portId: bigint
  userId: string
}

/**
 * Takes the lowest free address of a subnet's pool; undefined when there is none. One that was given back is looked up in
 * free_addresses; failing that, the next that was never given out is taken, stepping once over those that were chosen.
 * Either takes a few index look-ups, however full the pool is. The pool is locked until commit.
 */
export async function takeLowestAddress(tx: Tx, { subnetId, portId, userId }: NewAddress): Promise<AddressRow | undefined> {
  await lockPools(tx, [subnetId])
  const freed = await tx.maybeOne<{ address: string }>(sql`
    DELETE FROM network.free_addresses WHERE subnet_id = ${subnetId}
      AND address = (SELECT address FROM network.free_addresses WHERE subnet_id = ${subnetId} ORDER BY address LIMIT 1)
    RETURNING host(address) AS address`)
  if (freed) return insertAddress(tx, { subnetId, portId, userId, address: freed.address })
  for (;;) {
    const next = await tx.maybeOne<{ address: string }>(sql`
      UPDATE network.subnets SET search_from = search_from + 1 WHERE id = ${subnetId} AND search_from <= pool_last
      RETURNING host(search_from - 1) AS address`)
    if (!next) return undefined
    const row = await insertAddress(tx, { subnetId, portId, userId, address: next.address })
    if (row) return row
  }
}

/** Takes this very address; undefined when it is in use. The caller has checked that it lies in the pool. */
export async function takeAddress(tx: Tx, wanted: NewAddress & { address: string }): Promise<AddressRow | undefined> {
  await lockPools(tx, [wanted.subnetId])
  await tx.run(sql`DELETE FROM network.free_addresses WHERE subnet_id = ${wanted.subnetId} AND address = ${wanted.address}::inet`)
  return insertAddress(tx, wanted)
}

function insertAddress(
  tx: Tx,
  { subnetId, portId, userId, address }: NewAddress & { address: string },
): Promise<AddressRow | undefined> {
  return tx.maybeOne<AddressRow>(sql`
    INSERT INTO network.addresses (network_id, subnet_id, port_id, user_id, address)
    SELECT network_id, id, ${portId}, ${userId}, ${address}::inet FROM network.subnets WHERE id = ${subnetId}
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
  const pools = await tx.any<{ id: bigint }>(
    sql`SELECT DISTINCT subnet_id AS id FROM network.addresses WHERE port_id = ANY(${portIds}::int8[])`,
  )
  await lockPools(
    tx,
    pools.map(({ id }) => id),
  )
  await tx.run(sql`
    WITH gone AS (
      DELETE FROM network.addresses WHERE port_id = ANY(${portIds}::int8[]) AND NOT floating RETURNING subnet_id, address
    )
    INSERT INTO network.free_addresses (subnet_id, address)
    SELECT s.id, gone.address FROM gone JOIN network.subnets s ON s.id = gone.subnet_id
    WHERE gone.address BETWEEN s.pool_first AND s.pool_last AND gone.address < s.search_from
    ON CONFLICT DO NOTHING`)
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
