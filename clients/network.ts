import type { Connection } from './http.ts'

export interface Network {
  id: string
  name: string
  status: string
  type: string
  public: boolean
  user_id: string | null
  tenant_id: string | null
  subnets: (string | number)[]
  'router:external': boolean
  'SNF:floating_ip_pool': boolean
  created: string
}

export interface Subnet {
  id: string
  network_id: string
  name: string
  ip_version: 4 | 6
  cidr: string
  gateway_ip: string | null
  enable_dhcp: boolean
}

const ROOT = '/cyclades/network/v2.0'

/** The network API: networks, subnets, ports and floating addresses. */
export type Networks = ReturnType<typeof openNetworks>

export function openNetworks(cloud: Connection) {
  return {
    listNetworks: async () => (await cloud.json<{ networks: Network[] }>('GET', `${ROOT}/networks`)).networks,
    listSubnets: async () => (await cloud.json<{ subnets: Subnet[] }>('GET', `${ROOT}/subnets`)).subnets,
  }
}
