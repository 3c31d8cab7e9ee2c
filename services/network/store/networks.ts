import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface NetworkRow {
  id: bigint
  name: string
  /** null: a public network. */
  userId: string | null
  project: string | null
  sharedToProject: boolean
  flavor: 'CUSTOM' | 'IP_LESS_ROUTED' | 'MAC_FILTERED' | 'PHYSICAL_VLAN'
  macPrefix: string
  public: boolean
  externalRouter: boolean
  floatingIpPool: boolean
  drained: boolean
  defaultForServers: boolean
  state: 'PENDING' | 'ACTIVE' | 'DELETED' | 'ERROR'
  deleted: boolean
  createdAt: Date
  updatedAt: Date
  subnetIds: bigint[]
}

const NETWORK = sql`n.id, n.name, n.user_id AS "userId", n.project, n.shared_to_project AS "sharedToProject", n.flavor,
  n.mac_prefix AS "macPrefix", n.public, n.external_router AS "externalRouter", n.floating_ip_pool AS "floatingIpPool", n.drained,
  n.default_for_servers AS "defaultForServers", n.state, n.deleted, n.created_at AS "createdAt", n.updated_at AS "updatedAt",
  ARRAY(SELECT s.id FROM network.subnets s WHERE s.network_id = n.id AND NOT s.deleted ORDER BY s.id) AS "subnetIds"`

export interface Viewer {
  userId: string
  projects: readonly string[]
}

/** Owned, shared to a project of the viewer, or public. */
export const NETWORK_VISIBLE = ({ userId, projects }: Viewer) =>
  sql`(n.public OR n.user_id = ${userId} OR (n.shared_to_project AND n.project = ANY(${projects}::uuid[])))`

/** Live ones; with `changedSince` those that changed at or after that moment, deleted ones too. */
export function networksVisibleTo(db: Queryable, viewer: Viewer, changedSince?: Date): Promise<NetworkRow[]> {
  return db.any<NetworkRow>(sql`
    SELECT ${NETWORK} FROM network.networks n
    WHERE ${NETWORK_VISIBLE(viewer)}
      AND CASE WHEN ${changedSince ?? null}::timestamptz IS NULL THEN NOT n.deleted ELSE n.updated_at >= ${changedSince ?? null} END
    ORDER BY n.id`)
}

export function networkVisibleTo(db: Queryable, viewer: Viewer, id: bigint): Promise<NetworkRow | undefined> {
  return db.maybeOne<NetworkRow>(sql`SELECT ${NETWORK} FROM network.networks n WHERE n.id = ${id} AND ${NETWORK_VISIBLE(viewer)}`)
}

export function networksById(db: Queryable, ids: readonly bigint[]): Promise<NetworkRow[]> {
  return db.any<NetworkRow>(sql`SELECT ${NETWORK} FROM network.networks n WHERE n.id = ANY(${ids}::int8[]) ORDER BY n.id`)
}

/** Where servers that ask for nothing are connected. */
export function defaultNetworks(db: Queryable): Promise<NetworkRow[]> {
  return db.any<NetworkRow>(sql`
    SELECT ${NETWORK} FROM network.networks n WHERE n.default_for_servers AND n.state = 'ACTIVE' AND NOT n.deleted AND NOT n.drained ORDER BY n.id`)
}

export async function anyNetwork(db: Queryable): Promise<boolean> {
  return (await db.any(sql`SELECT FROM network.networks LIMIT 1`)).length > 0
}

export type NewNetworkRow = Pick<
  NetworkRow,
  'name' | 'userId' | 'project' | 'flavor' | 'macPrefix' | 'public' | 'floatingIpPool' | 'defaultForServers'
>

export async function insertNetwork(tx: Tx, network: NewNetworkRow): Promise<bigint> {
  const { id } = await tx.one<{ id: bigint }>(sql`
    INSERT INTO network.networks (name, user_id, project, flavor, mac_prefix, public, external_router, floating_ip_pool, default_for_servers)
    VALUES (${network.name}, ${network.userId}, ${network.project}, ${network.flavor}, ${network.macPrefix}, ${network.public}, ${network.public},
      ${network.floatingIpPool}, ${network.defaultForServers})
    RETURNING id`)
  return id
}
