import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import { NETWORK_VISIBLE, type Viewer } from './networks.ts'

export interface SubnetRow {
  id: bigint
  networkId: bigint
  /** null when the network is public. */
  userId: string | null
  public: boolean
  name: string
  version: 4 | 6
  cidr: string
  gateway: string | null
  dhcp: boolean
  nameservers: string[]
  /** `destination,nexthop` */
  hostRoutes: string[]
  poolFirst: string
  poolLast: string
  deleted: boolean
}

const SUBNET = sql`s.id, s.network_id AS "networkId", n.user_id AS "userId", n.public, s.name, s.version, s.cidr::text AS cidr,
  host(s.gateway) AS gateway, s.dhcp, s.nameservers, s.host_routes AS "hostRoutes", host(s.pool_first) AS "poolFirst",
  host(s.pool_last) AS "poolLast", s.deleted`
const FROM = sql`network.subnets s JOIN network.networks n ON n.id = s.network_id`

export function subnetsVisibleTo(db: Queryable, viewer: Viewer): Promise<SubnetRow[]> {
  return db.any<SubnetRow>(sql`SELECT ${SUBNET} FROM ${FROM} WHERE ${NETWORK_VISIBLE(viewer)} AND NOT s.deleted ORDER BY s.id`)
}

export function subnetVisibleTo(db: Queryable, viewer: Viewer, id: bigint): Promise<SubnetRow | undefined> {
  return db.maybeOne<SubnetRow>(sql`SELECT ${SUBNET} FROM ${FROM} WHERE s.id = ${id} AND ${NETWORK_VISIBLE(viewer)}`)
}

export function subnetsOfNetworks(db: Queryable, networkIds: readonly bigint[]): Promise<SubnetRow[]> {
  return db.any<SubnetRow>(
    sql`SELECT ${SUBNET} FROM ${FROM} WHERE s.network_id = ANY(${networkIds}::int8[]) AND NOT s.deleted ORDER BY s.id`,
  )
}

export interface NewSubnetRow {
  networkId: bigint
  version: 4 | 6
  cidr: string
  gateway: string | null
  nameservers: readonly string[]
  poolFirst: string
  poolLast: string
}

export async function insertSubnet(tx: Tx, subnet: NewSubnetRow): Promise<bigint> {
  const { id } = await tx.one<{ id: bigint }>(sql`
    INSERT INTO network.subnets (network_id, version, cidr, gateway, nameservers, pool_first, pool_last, search_from)
    VALUES (${subnet.networkId}, ${subnet.version}, ${subnet.cidr}::cidr, ${subnet.gateway}::inet, ${subnet.nameservers}::text[],
      ${subnet.poolFirst}::inet, ${subnet.poolLast}::inet, ${subnet.poolFirst}::inet)
    RETURNING id`)
  return id
}
