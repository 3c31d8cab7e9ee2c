// The data plane of one host: bridges, taps, DHCP, NAT and anti-spoofing in a network namespace of their own.

export interface SubnetSpec {
  version: 4 | 6
  /** Such as 10.0.0.0/24. */
  cidr: string
  gateway?: string
  dhcp: boolean
  nameservers: readonly string[]
  hostRoutes: readonly { destination: string; nexthop: string }[]
}

export interface NetworkSpec {
  /** Backend name, such as snf-net-1. */
  name: string
  /** Public networks are routed to the outside (NAT through the host); others are not. */
  public: boolean
  subnets: readonly SubnetSpec[]
}

export interface PortSpec {
  /** Backend name, such as snf-nic-7. */
  name: string
  network: string
  mac: string
  /** Addresses that may be used from this port, and are given out by DHCP. */
  addresses: readonly string[]
  /** Host name told by DHCP. */
  hostname?: string
  firewall?: 'ENABLED' | 'DISABLED' | 'PROTECTED'
}

export interface PortLink {
  /** The tap device's name inside the namespace. */
  device: string
}

/** Makes networks and ports real. Calls say what should be; repeating one changes nothing. */
export interface VirtualNetwork {
  readonly can: {
    /** The host itself can open connections to guests (not so without root). */
    hostReachesGuests: boolean
    /** A guest machine process can be placed in the data plane (false for the simulated one). */
    taps: boolean
  }
  ensureNetwork(spec: NetworkSpec): Promise<void>
  removeNetwork(name: string): Promise<void>
  /** The tap exists, filtered, when this answers. A port whose filter cannot be set up has no traffic at all. */
  ensurePort(spec: PortSpec): Promise<PortLink>
  removePort(name: string): Promise<void>
  list(): Promise<{ networks: string[]; ports: string[] }>
  /** Command prefix that runs a program inside the namespace, such as ['nsenter', '--net=…', '--']. The device owner is `uid`. */
  enter(): readonly string[]
  /** Stops helpers of this process only; the data plane of running machines stays. */
  close(): Promise<void>
  /** Takes the whole data plane down. */
  destroy(): Promise<void>
}
