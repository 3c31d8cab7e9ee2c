// The data plane of one host: bridges, taps, DHCP, NAT and anti-spoofing in a network namespace of their own.

export interface SubnetSpec {
  version: 4 | 6
  /** Such as 10.0.0.0/24. */
  cidr: string
  gateway?: string
  dhcp: boolean
  /** Told by DHCP. With none, guests of a public network ask the gateway, which forwards to the host's resolvers. */
  nameservers: readonly string[]
  hostRoutes: readonly { destination: string; nexthop: string }[]
}

export interface NetworkSpec {
  /** Backend name, such as snf-net-1. */
  name: string
  /** Public networks are routed to the outside (NAT through the host); others are not. */
  public: boolean
  /**
   * At most one of each IP version. Subnets of public networks must not overlap each other; those of other
   * networks may. In a network without an IPv4 subnet guests may use any IPv4 address. IPv6 subnets are remembered,
   * but nothing serves or carries IPv6 yet.
   */
  subnets: readonly SubnetSpec[]
}

export type FirewallProfile = 'ENABLED' | 'DISABLED' | 'PROTECTED'

export interface PortSpec {
  /** Backend name, such as snf-nic-7. */
  name: string
  network: string
  mac: string
  /** Addresses that may be used from this port, and are given out by DHCP. */
  addresses: readonly string[]
  /** Host name told by DHCP: letters, digits and hyphens, in labels separated by dots. */
  hostname?: string
  /**
   * What may reach the guest. ENABLED: answers to what it asked for, and ICMP; PROTECTED: also SSH (22) and
   * remote desktop (3389); DISABLED, as when absent: everything. From guests of the same network, TCP that opens no
   * connection and UDP from port 53 count as answers.
   */
  firewall?: FirewallProfile
}

export interface PortLink {
  /** The tap device's name inside the namespace. */
  device: string
}

/** Makes networks and ports real. Calls say what should be; repeating one changes nothing. */
export interface VirtualNetwork {
  readonly can: {
    /** The host itself can open connections to guests of public networks (not so without root). */
    hostReachesGuests: boolean
    /** A guest machine process can be placed in the data plane (false for the simulated one). */
    taps: boolean
  }
  /** Makes the network, or changes it to what the specification says now. Fails with `SpecRefused`, changing nothing. */
  ensureNetwork(spec: NetworkSpec): Promise<void>
  /** No error when it is absent. Fails with `SpecRefused` while it has ports. */
  removeNetwork(name: string): Promise<void>
  /**
   * The tap exists, filtered, when this answers. A port whose filter cannot be set up has no traffic at all.
   * Fails with `SpecRefused`, changing nothing, when the network is unknown or an address or MAC does not fit in it.
   */
  ensurePort(spec: PortSpec): Promise<PortLink>
  /** No error when it is absent. */
  removePort(name: string): Promise<void>
  /** What should be, as it is remembered across restarts of this process and of the host. */
  list(): Promise<{ networks: string[]; ports: string[] }>
  /**
   * Command prefix that runs a program inside the data plane, such as ['nsenter', '--net=…', '--']. As root it changes
   * nothing but the network; without root it also takes away the power that the program would have over the data
   * plane. Ask for it just before starting the program: it may change when the data plane had to be made again.
   */
  enter(): readonly string[]
  /** Stops helpers of this process only; the data plane of running machines stays. */
  close(): Promise<void>
  /** Takes the whole data plane down and forgets it. */
  destroy(): Promise<void>
}
