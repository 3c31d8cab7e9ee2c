// The original dialect (network-api.md), below <base>/cyclades/network: what there is to see of networks, subnets, ports
// and addresses. Ids are integers inside and text on the wire.
import { callers } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { type App, dateText, idInPath, linksTo, openstackDialect, readChangesSince, Type } from '@synnefo/lib/http'
import type { NetworkService } from '../network.ts'
import { type AddressRow, addressesOfPorts } from '../store/addresses.ts'
import { type NetworkRow, networksVisibleTo, networkVisibleTo } from '../store/networks.ts'
import { type PortRow, portsVisibleTo, portVisibleTo } from '../store/ports.ts'
import { type SubnetRow, subnetsVisibleTo, subnetVisibleTo } from '../store/subnets.ts'

const IdPath = Type.Object({ id: Type.String() })
const ListQuery = Type.Object({ 'changes-since': Type.Optional(Type.String()) })
const COLLECTIONS = { network: 'networks', subnet: 'subnets', port: 'ports', floatingip: 'floatingips' }

export const networkRoutes = openstackDialect<{ network: NetworkService }>(async (app, { network }) => {
  const base = () => `${network.baseUrl()}/cyclades/network/v2.0`
  const versions = async () => ({ versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${base()}/` }] }] })
  app.get('/', versions)
  await app.register(
    async (api) => {
      await api.register(callers, { identity: network.identity, service: 'network' })
      api.get('/', async () => ({
        resources: Object.entries(COLLECTIONS).map(([name, collection]) => ({
          name,
          collection,
          links: [{ rel: 'self', href: `${base()}/${collection}` }],
        })),
      }))
      api.get('/extensions', async () => ({ extensions: [] }))
      networks(api, network, base)
      subnets(api, network, base)
      ports(api, network, base)
      floatingIps(api, network)
    },
    { prefix: '/v2.0' },
  )
})

function networks(app: App, { db, pollLimitSeconds }: NetworkService, base: () => string) {
  const shape = (network: NetworkRow) => ({
    id: String(network.id),
    name: network.name,
    links: linksTo(`${base()}/networks/${network.id}`),
    user_id: network.userId,
    tenant_id: network.project,
    shared_to_project: network.sharedToProject,
    type: network.flavor,
    status: network.drained && !network.deleted ? 'SNF:DRAINED' : network.state,
    public: network.public,
    shared: network.public,
    'router:external': network.externalRouter,
    admin_state_up: true,
    subnets: network.subnetIds.map(String),
    'SNF:floating_ip_pool': network.floatingIpPool,
    created: dateText(network.createdAt),
    updated: dateText(network.updatedAt),
    deleted: network.deleted,
  })
  for (const url of ['/networks', '/networks/detail']) {
    app.get(url, { schema: { querystring: ListQuery } }, async ({ caller, query }, reply) => {
      const since = query['changes-since']
      const rows = await networksVisibleTo(db, caller, since ? readChangesSince(since, pollLimitSeconds) : undefined)
      return since && rows.length === 0 ? reply.code(304).send() : { networks: rows.map(shape) }
    })
  }
  app.get('/networks/:id', { schema: { params: IdPath } }, async ({ caller, params }) => {
    const network = await networkVisibleTo(db, caller, idInPath(params.id))
    if (!network) throw new Fault('itemNotFound', `Network ${params.id} does not exist.`)
    return { network: shape(network) }
  })
}

function subnets(app: App, { db }: NetworkService, base: () => string) {
  const shape = (subnet: SubnetRow) => ({
    id: String(subnet.id),
    network_id: String(subnet.networkId),
    name: subnet.name,
    links: linksTo(`${base()}/subnets/${subnet.id}`),
    user_id: subnet.userId,
    tenant_id: subnet.userId,
    public: subnet.public,
    ip_version: subnet.version,
    cidr: subnet.cidr,
    gateway_ip: subnet.gateway,
    enable_dhcp: subnet.dhcp,
    ...(subnet.version === 6 ? { enable_slaac: subnet.dhcp } : {}),
    dns_nameservers: subnet.nameservers,
    host_routes: subnet.hostRoutes,
    allocation_pools: subnet.version === 4 ? [{ start: subnet.poolFirst, end: subnet.poolLast }] : [],
    deleted: subnet.deleted,
  })
  for (const url of ['/subnets', '/subnets/detail']) {
    app.get(url, async ({ caller }) => ({ subnets: (await subnetsVisibleTo(db, caller)).map(shape) }))
  }
  app.get('/subnets/:id', { schema: { params: IdPath } }, async ({ caller, params }) => {
    const subnet = await subnetVisibleTo(db, caller, idInPath(params.id))
    if (!subnet) throw new Fault('itemNotFound', `Subnet ${params.id} does not exist.`)
    return { subnet: shape(subnet) }
  })
}

function ports(app: App, { db }: NetworkService, base: () => string) {
  async function shapes(rows: PortRow[]) {
    const addresses = Map.groupBy(
      await addressesOfPorts(
        db,
        rows.map(({ id }) => id),
      ),
      ({ portId }) => portId,
    )
    return rows.map((port) => ({
      id: String(port.id),
      network_id: String(port.networkId),
      device_id: port.serverId === null ? null : String(port.serverId),
      name: port.name,
      links: linksTo(`${base()}/ports/${port.id}`),
      user_id: port.userId,
      tenant_id: port.userId,
      status: port.state,
      admin_state_up: true,
      mac_address: port.mac,
      device_owner: port.serverId === null ? null : 'vm',
      fixed_ips: (addresses.get(port.id) ?? []).map(fixedIp),
      security_groups: [],
      created: dateText(port.createdAt),
      updated: dateText(port.updatedAt),
    }))
  }
  const fixedIp = ({ address, subnetId }: AddressRow) => ({
    ip_address: address,
    subnet: String(subnetId),
    subnet_id: String(subnetId),
  })
  for (const url of ['/ports', '/ports/detail'])
    app.get(url, async ({ caller }) => ({ ports: await shapes(await portsVisibleTo(db, caller)) }))
  app.get('/ports/:id', { schema: { params: IdPath } }, async ({ caller, params }) => {
    const port = await portVisibleTo(db, caller, idInPath(params.id))
    if (!port) throw new Fault('itemNotFound', `Port ${params.id} does not exist.`)
    return { port: (await shapes([port]))[0] }
  })
}

/** Nobody can have one yet: addresses of the public network are given out with servers. */
function floatingIps(app: App, { pollLimitSeconds }: NetworkService) {
  for (const url of ['/floatingips', '/floatingips/detail']) {
    app.get(url, { schema: { querystring: ListQuery } }, async ({ query }, reply) => {
      const since = query['changes-since']
      if (since) readChangesSince(since, pollLimitSeconds)
      return since ? reply.code(304).send() : { floatingips: [] }
    })
  }
  app.get('/floatingips/:id', { schema: { params: IdPath } }, async ({ params }) => {
    throw new Fault('itemNotFound', `Floating IP ${idInPath(params.id)} does not exist.`)
  })
}
